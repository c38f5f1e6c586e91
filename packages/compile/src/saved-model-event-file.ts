import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { EventSchema, GraphDefSchema, type GraphDef } from './protobuf-tensorflow.ts';
import { nodeModule } from './saved-model-folder.ts';

/** Writes a graph into a new event file, the form in which TensorBoard reads it. */
export function writeEventFile(folder: string, graphDef: GraphDef): void {
  const wallTime = Date.now() / 1000;
  const record = (what: MessageInitShape<typeof EventSchema>['what']) =>
    toRecord(toBinary(EventSchema, create(EventSchema, { wallTime, what })));
  const records = [
    record({ case: 'fileVersion', value: 'brain.Event:2' }),
    record({ case: 'graphDef', value: toBinary(GraphDefSchema, graphDef) }),
  ];
  const name = `events.out.tfevents.${Math.floor(wallTime)}.${nodeModule('node:os').hostname()}`;
  nodeModule('node:fs').writeFileSync(nodeModule('node:path').join(folder, name), concatenate(records));
}

/** Length (64 bits), its checksum, the data, its checksum: TensorFlow's record file. */
function toRecord(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return concatenate([length, checksum(length), data, checksum(data)]);
}

/**
 * CRC-32C, rotated by 15 bits and shifted, little-endian.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord "TFRecords format details"
 */
function checksum(data: Uint8Array): Uint8Array {
  let crc = 0xff_ff_ff_ff;
  for (const byte of data) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  crc = ~crc;
  const masked = ((crc >>> 15) | (crc << 17)) + 0xa2_82_ea_d8;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, masked >>> 0, true);
  return bytes;
}

/** Of Castagnoli's polynomial, bits reversed. */
const crcTable: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82_f6_3b_78 : crc >>> 1;
  return crc;
});

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
