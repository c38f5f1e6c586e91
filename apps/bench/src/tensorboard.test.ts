import { describe, expect, it } from 'vitest';
import { crc32c, encodeEventFile } from './tensorboard.ts';

describe('TensorBoard event file', () => {
  it('uses CRC-32C: the check value of the polynomial is E3069283', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });

  it('frames every event, with lengths that lead from one to the next', () => {
    const file = Buffer.from(encodeEventFile([{ step: 300, wallTime: 1.5, values: { loss: 0.5 } }]));
    const events: Buffer[] = [];
    for (let offset = 0; offset < file.length;) {
      const length = Number(file.readBigUInt64LE(offset));
      events.push(file.subarray(offset + 12, offset + 12 + length));
      offset += 12 + length + 4;
    }
    expect(events).toHaveLength(2);
    expect(events[0]?.toString('latin1')).toContain('brain.Event:2');
    // wall_time (field 1, double), step 300 (field 2, varint AC 02), summary { value { tag, simple_value 0.5 } }
    expect(events[1]?.toString('hex')).toBe('09000000000000f83f10ac022a0d0a0b0a046c6f7373150000003f');
  });
});
