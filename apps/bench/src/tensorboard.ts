/** One scalar of a TensorBoard curve. */
export interface Scalar {
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * A TensorBoard event file with scalars: TFRecord frames (length, its masked CRC-32C, bytes, their masked CRC-32C) around
 * `Event` messages.
 *
 * @see tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.h of TensorFlow 2.21
 */
export function encodeEventFile(scalars: readonly Scalar[]): Uint8Array {
  const version = bytesField(3, new TextEncoder().encode('brain.Event:2'));
  const events = [Buffer.concat([doubleField(1, scalars[0]?.wallTime ?? 0), version])];
  for (const { step, wallTime, values } of scalars) {
    const summary = Object.entries(values).map(([tag, value]) =>
      bytesField(1, Buffer.concat([bytesField(1, new TextEncoder().encode(tag)), floatField(2, value)])),
    );
    events.push(
      Buffer.concat([doubleField(1, wallTime), varintField(2, step), bytesField(5, Buffer.concat(summary))]),
    );
  }
  return Buffer.concat(events.map(frame));
}

/** CRC-32C (Castagnoli), as TFRecord uses it. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function frame(event: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(event.length));
  return Buffer.concat([length, maskedCrc(length), event, maskedCrc(event)]);
}

function maskedCrc(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(masked);
  return buffer;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Buffer.from([...bytes, value]);
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function doubleField(field: number, value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + 1), buffer]);
}

function floatField(field: number, value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), buffer]);
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}
