import { elementTypes, type ElementType } from './element-types.ts';
import { SafeTensorsError, type SafeTensorsErrorCode } from './errors.ts';
import { parseHeader } from './parse-header.ts';
import type { HostTensor, SafeTensors, TensorValues } from './safe-tensors.ts';

/** The reference implementation's limit (`MAX_HEADER_SIZE` of safetensors/src/tensor.rs). */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads a safetensors file: what {@link encodeSafeTensors} writes, and what Python's `safetensors` does.
 *
 * `F32`, `F16` and `BF16` come as float32, exactly; `F64` as float32, rounded. Integers come as the array of their type
 * (`I64`: `BigInt64Array`), `BOOL` as a `Uint8Array`. Nothing is allocated before its size was checked against the file.
 *
 * @param file the whole file; values are copied out of it
 * @throws SafeTensorsError when the bytes are truncated, altered in their header, or hold other types
 * @see https://github.com/huggingface/safetensors, "Format"
 * @example
 * const { tensors } = decodeSafeTensors(new Uint8Array(await (await fetch('model.safetensors')).arrayBuffer()));
 */
export function decodeSafeTensors(file: Uint8Array): SafeTensors {
  const { header, data } = split(file);
  const { __metadata__: metadata = {}, ...entries } = parse(header);
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw damaged('bad-header', 'its metadata are no strings');
  }
  const placed = Object.entries(entries).map(([name, entry]) => ({ name, ...checkEntry(name, entry) }));
  checkPlaces(placed, data.byteLength);
  const tensors = placed.map(({ name, shape, type, begin, end }): [string, HostTensor<TensorValues>] => [
    name,
    // Copied, so that the values are aligned whatever buffer the file came in.
    { shape, values: type.read(data.slice(begin, end).buffer) },
  ]);
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> };
}

function split(bytes: Uint8Array): { header: Uint8Array; data: Uint8Array } {
  // Node's Buffer overrides `slice` so that it doesn't copy.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.byteLength < 8) throw damaged('truncated', 'it has no header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES) {
    throw damaged('bad-header', `its header of ${headerBytes} bytes is longer than ${MAX_HEADER_BYTES}`);
  }
  if (headerBytes > file.byteLength - 8) {
    throw damaged('truncated', `its header of ${headerBytes} bytes is longer than the file`);
  }
  return { header: file.subarray(8, 8 + headerBytes), data: file.subarray(8 + headerBytes) };
}

function parse(header: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseHeader(header);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw damaged('bad-header', `its header can't be read: ${why}`, { cause });
  }
  if (!isRecord(value)) throw damaged('bad-header', 'its header is no object');
  return value;
}

type PlacedTensor = { name: string; shape: number[]; type: ElementType; begin: number; end: number };

function checkEntry(name: string, entry: unknown): Omit<PlacedTensor, 'name'> {
  if (!isRecord(entry)) throw damaged('bad-header', `${name} is no tensor`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw damaged('bad-header', `${name} has no type, shape or place`);
  }
  const type = elementTypes.get(dtype);
  if (type === undefined) {
    throw new SafeTensorsError(
      'unsupported-type',
      `${name} is of type ${dtype}, which can't be read here: only ${[...elementTypes.keys()].join(', ')}. ` +
        'Convert it in Python and save the file anew.',
    );
  }
  const [begin = 0, end = 0] = offsets;
  if (end - begin !== type.bytes * shape.reduce((product, size) => product * size, 1)) {
    throw damaged('bad-layout', `${name} has another size than its shape`);
  }
  return { shape, type, begin, end };
}

/** The tensors must fill the rest of the file, without gaps and overlaps. */
function checkPlaces(tensors: readonly PlacedTensor[], dataBytes: number): void {
  let filled = 0;
  for (const { name, begin, end } of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== filled) {
      throw damaged(
        'bad-layout',
        `${name} ${begin < filled ? 'overlaps the tensor' : 'leaves a gap'} before it`,
      );
    }
    filled = end;
  }
  if (filled > dataBytes) {
    throw damaged('truncated', `it has ${dataBytes} bytes of values, and its header describes ${filled}`);
  }
  if (filled < dataBytes) throw damaged('bad-layout', `${dataBytes - filled} bytes are left over`);
}

function damaged(code: SafeTensorsErrorCode, why: string, options?: ErrorOptions): SafeTensorsError {
  return new SafeTensorsError(
    code,
    `This is not a whole safetensors file: ${why}. Write or fetch it anew.`,
    options,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}
