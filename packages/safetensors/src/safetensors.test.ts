import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafeTensors, encodeSafeTensors, onlyFloat32, SafeTensorsError } from './index.ts';
import type { SafeTensors, TensorValues } from './index.ts';
import { encodeRaw } from './testing/encode-raw.ts';

const example: SafeTensors = {
  tensors: {
    'conv/kernel': { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    scalar: { shape: [], values: Float32Array.of(-0) },
    empty: { shape: [0, 4], values: new Float32Array() },
  },
  metadata: { step: '7' },
};

const everyType: SafeTensors = {
  tensors: {
    float32: { shape: [3], values: Float32Array.of(1.5, NaN, -Infinity) },
    int8: { shape: [2], values: Int8Array.of(-128, 127) },
    uint8: { shape: [1], values: Uint8Array.of(255) },
    int16: { shape: [1], values: Int16Array.of(-32768) },
    uint16: { shape: [1], values: Uint16Array.of(65535) },
    int32: { shape: [1], values: Int32Array.of(-(2 ** 31)) },
    uint32: { shape: [1], values: Uint32Array.of(2 ** 32 - 1) },
    int64: { shape: [1], values: BigInt64Array.of(-(2n ** 63n)) },
    uint64: { shape: [1], values: BigUint64Array.of(2n ** 64n - 1n) },
  },
  metadata: {},
};

describe('encodeSafeTensors and decodeSafeTensors', () => {
  it('read what they wrote, also at an odd place in a buffer and from a Node Buffer', () => {
    const file = encodeSafeTensors(example);
    expect(decodeSafeTensors(file)).toEqual(example);
    expect(decodeSafeTensors(Buffer.from(file))).toEqual(example);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(decodeSafeTensors(shifted.subarray(1))).toEqual(example);
  });

  it('keep every type and any name', () => {
    expect(decodeSafeTensors(encodeSafeTensors(everyType))).toEqual(everyType);
    const names = ['', '0', '__proto__', 'constructor', 'Ünï"\\\n{}[]:', '\ud800'];
    const tensors = Object.fromEntries(
      names.map((name, index) => [name, { shape: [1], values: Float32Array.of(index) }]),
    );
    const decoded = decodeSafeTensors(encodeSafeTensors({ tensors, metadata: {} }));
    expect(Object.entries(decoded.tensors).sort()).toEqual(Object.entries(tensors).sort());
  });

  it('follow the format: length, JSON, values', () => {
    const file = encodeSafeTensors({
      tensors: { w: { shape: [1], values: Float32Array.of(1) } },
      metadata: {},
    });
    const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)))).toEqual({
      __metadata__: {},
      w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
    });
    expect([...file.subarray(8 + headerBytes)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it('align every value: wide types come first', () => {
    const values = [Int8Array.of(1), BigInt64Array.of(2n), Float32Array.of(3)];
    const tensors = Object.fromEntries(
      values.map((array, index) => [`t${index}`, { shape: [], values: array }]),
    );
    const file = encodeSafeTensors({ tensors, metadata: {} });
    expect(file.length % 8).toBe((8 + 4 + 1) % 8);
    expect(file.at(-1)).toBe(1);
    expect(decodeSafeTensors(file).tensors).toEqual(tensors);
  });
});

describe('encodeSafeTensors', () => {
  it('refuses sizes, names and arrays that the format has not', () => {
    const encode = (name: string, shape: number[], values: unknown) => () =>
      encodeSafeTensors({ tensors: { [name]: { shape, values: values as TensorValues } }, metadata: {} });
    expect(encode('w', [2], Float32Array.of(1))).toThrow(
      new RangeError('w must have as many values as its shape [2], but has 1'),
    );
    expect(encode('w', [-1, -1], Float32Array.of(1))).toThrow(RangeError);
    expect(encode('__metadata__', [], Float32Array.of(1))).toThrow(RangeError);
    expect(encode('w', [1], Float64Array.of(1))).toThrow(
      'the values of w must be a Float32Array or an array of integers, but are a Float64Array',
    );
  });
});

describe('decodeSafeTensors', () => {
  it('widens every half exactly', () => {
    const halves = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
    const file = encodeRaw({ h: { dtype: 'F16', shape: [2 ** 16] } }, new Uint8Array(halves.buffer));
    const expected = Float32Array.from(halves, (bits) => {
      const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, (bits & 1023) / 1024];
      if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
      return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
    });
    expect(decodeSafeTensors(file).tensors.h?.values).toEqual(expected);
  });

  it('reads tensors in any order of the header, and Python’s', () => {
    const header = {
      second: { dtype: 'BF16', shape: [1], data_offsets: [8, 10] },
      first: { dtype: 'F64', shape: [], data_offsets: [0, 8] },
    };
    // 0.1 in float64; 0xc040 is -3 in bfloat16.
    const data = Uint8Array.of(...new Uint8Array(Float64Array.of(0.1).buffer), 0x40, 0xc0);
    expect(decodeSafeTensors(encodeRaw(header, data)).tensors).toEqual({
      second: { shape: [1], values: Float32Array.of(-3) },
      first: { shape: [], values: Float32Array.of(0.1) },
    });
  });

  it.each([
    ['truncated', 'nothing', new Uint8Array(7)],
    ['truncated', 'less than the header', encodeSafeTensors(example).subarray(0, 30)],
    ['truncated', 'less than the values', encodeSafeTensors(example).subarray(0, -1)],
    ['bad-layout', 'more than the values', Uint8Array.of(...encodeSafeTensors(example), 0)],
    ['bad-header', 'a header length of 2⁶⁴ − 1', new Uint8Array(64).fill(255)],
    ['bad-header', 'no object', encodeRaw('[]')],
    ['bad-header', 'a space first', encodeRaw(' {}')],
    ['bad-header', 'no UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff)],
    ['bad-header', 'a name twice', encodeRaw(`{"a":${zero()},"\\u0061" :${zero()}}`)],
    [
      'bad-header',
      'a property twice',
      encodeRaw('{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
    ],
    ['bad-header', 'numbers as metadata', encodeRaw('{"__metadata__":{"step":7}}')],
    ['bad-header', 'a tensor that is none', encodeRaw('{"a":7}')],
    ['bad-header', 'a negative size', encodeRaw('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}')],
    ['bad-header', 'one offset', encodeRaw('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0]}}')],
    ['bad-header', 'deep nesting', encodeRaw(`{"a":${'['.repeat(1_000_000)}`)],
    ['bad-header', 'millions of sizes', encodeRaw(`{"a":{"shape":[${'0,'.repeat(3_000_000)}0]}}`)],
    [
      'bad-layout',
      'a huge shape',
      encodeRaw({ a: { dtype: 'F32', shape: [2 ** 40, 2 ** 40] } }, new Uint8Array(4)),
    ],
    [
      'truncated',
      'a huge place',
      encodeRaw(`{"a":{"dtype":"U8","shape":[${2 ** 50}],"data_offsets":[0,${2 ** 50}]}}`),
    ],
    ['bad-layout', 'an overlap', encodeRaw(pair([0, 4], [2, 6]), new Uint8Array(6))],
    ['bad-layout', 'a gap', encodeRaw(pair([0, 4], [5, 9]), new Uint8Array(9))],
    ['unsupported-type', 'float8', encodeRaw({ a: { dtype: 'F8_E4M3', shape: [1] } }, new Uint8Array(1))],
  ] as const)('answers with %s to %s', (code, _what, file) => {
    const error = thrownBy(() => decodeSafeTensors(file));
    expect(error).toBeInstanceOf(SafeTensorsError);
    expect(error).toMatchObject({ code });
  });

  it('answers every altered file with a typed error or with tensors of the right size', () => {
    const files = [example, everyType].map(encodeSafeTensors);
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...files).chain(alteredFile), (file) => {
        try {
          const { tensors } = decodeSafeTensors(file);
          const sizes = Object.values(tensors).map(({ shape, values }) => {
            expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
            return values.byteLength;
          });
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2 * file.length);
          outcomes.read++;
        } catch (error) {
          expect(error).toBeInstanceOf(SafeTensorsError);
          outcomes.refused++;
        }
      }),
      { numRuns: 20_000, seed: 1 },
    );
    expect(outcomes.read).toBeGreaterThan(500);
    expect(outcomes.refused).toBeGreaterThan(1_000);
  });
});

describe('onlyFloat32', () => {
  it('is the same tensors, or names the one that is not float32', () => {
    expect(onlyFloat32(example.tensors)).toBe(example.tensors);
    const error = thrownBy(() => onlyFloat32(everyType.tensors));
    expect(error).toMatchObject({ code: 'not-float32' });
    expect(String(error)).toContain('int8 is a Int8Array');
  });
});

/** Bytes changed, removed or inserted anywhere; or parts of the header, whose length is right then. */
function alteredFile(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  const dataStart = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(file.subarray(8, dataStart));
  return fc.oneof(
    altered(file),
    altered(new TextEncoder().encode(header)).map((bytes) =>
      encodeRaw(new TextDecoder().decode(bytes), file.subarray(dataStart)),
    ),
    withOtherTokens(header).map((text) => encodeRaw(text, file.subarray(dataStart))),
  );
}

function altered(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const splice = fc.record({
    at: fc.nat(bytes.length),
    inserted: fc.uint8Array({ maxLength: 16 }),
    removed: fc.oneof(fc.nat(16), fc.nat(bytes.length)),
    inPlace: fc.boolean(),
  });
  return fc.array(splice, { minLength: 1, maxLength: 3 }).map((splices) =>
    splices.reduce((before, { at, removed, inserted, inPlace }) => {
      const rest = before.subarray(at + (inPlace ? inserted.length : removed));
      return Uint8Array.of(...before.subarray(0, at), ...inserted, ...rest);
    }, bytes),
  );
}

/** JSON in which some strings, numbers and brackets are others, its own among them. */
function withOtherTokens(json: string): fc.Arbitrary<string> {
  const tokens = json.match(/"[^"]*"|\d+|[^"\d]/g) ?? [];
  const strange = [
    '-1',
    '-0',
    '1e308',
    '9007199254740993',
    'null',
    '[[[[',
    '"F16"',
    '"BF16"',
    '"F64"',
    '"BOOL"',
    '',
  ];
  const change = fc.record({ at: fc.nat(tokens.length - 1), token: fc.constantFrom(...tokens, ...strange) });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const others = [...tokens];
    for (const { at, token } of changes) others[at] = token;
    return others.join('');
  });
}

function zero(): string {
  return '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
}

function pair(a: number[], b: number[]) {
  const tensor = (offsets: number[]) => ({ dtype: 'F32', shape: [1], data_offsets: offsets });
  return { a: tensor(a), b: tensor(b) };
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
