import { TrainerError } from './errors.ts';

/** A float32 tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export type NamedTensors = Record<string, HostTensor>;

/** Tensors with their metadata, as a safetensors file holds them. */
export interface SafeTensors {
  readonly tensors: NamedTensors;
  readonly metadata: Record<string, string>;
}

/**
 * Writes float32 tensors in the safetensors format: an 8-byte little-endian header length, a JSON header, the values.
 * Python reads it with `safetensors.numpy.load_file`.
 *
 * @see https://github.com/huggingface/safetensors, "Format"
 */
export function encodeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let dataBytes = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [dataBytes, dataBytes + values.byteLength] };
    dataBytes += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces so that the values stand at a multiple of 8 and can be viewed without a copy.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const { values } of Object.values(tensors)) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return file;
}

/**
 * Reads what {@link encodeSafeTensors} writes.
 *
 * @throws TrainerError `bad-checkpoint` when the bytes are truncated, altered in their header, or hold other types.
 */
export function decodeSafeTensors(file: Uint8Array): SafeTensors {
  try {
    return decode(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TrainerError(
      'bad-checkpoint',
      `Not a whole float32 safetensors file (${why}). Delete it and start from an earlier one.`,
      {
        cause,
      },
    );
  }
}

function decode(bytes: Uint8Array): SafeTensors {
  // Node's Buffer overrides `slice` so that it doesn't copy.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > file.byteLength - 8) throw new RangeError('the header is longer than the file');
  const header = JSON.parse(
    new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + headerBytes)),
  ) as unknown;
  if (!isRecord(header)) throw new TypeError('the header is no object');
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new TypeError('the metadata are no strings');
  }
  const data = file.subarray(8 + headerBytes);
  const tensors: NamedTensors = {};
  let end = 0;
  for (const [name, entry] of Object.entries(entries)) {
    const { shape, begin, bytes } = checkEntry(name, entry);
    if (begin !== end || begin + bytes > data.byteLength)
      throw new RangeError(`${name} lies outside the file`);
    end = begin + bytes;
    // Copied, so that the values are aligned whatever buffer the file came in.
    tensors[name] = { shape, values: new Float32Array(data.slice(begin, end).buffer) };
  }
  if (end !== data.byteLength) throw new RangeError('bytes are left over');
  return { tensors, metadata: metadata as Record<string, string> };
}

function checkEntry(name: string, entry: unknown): { shape: number[]; begin: number; bytes: number } {
  if (!isRecord(entry) || entry.dtype !== 'F32') throw new TypeError(`${name} is not float32`);
  const { shape, data_offsets: offsets } = entry;
  if (!isSizes(shape) || !isSizes(offsets)) throw new TypeError(`${name} has no shape or place`);
  const [begin = -1, end = -1] = offsets;
  const bytes = 4 * shape.reduce((product, size) => product * size, 1);
  if (offsets.length !== 2 || end - begin !== bytes)
    throw new RangeError(`${name} has another size than its shape`);
  return { shape, begin, bytes };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}
