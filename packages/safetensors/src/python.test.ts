import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeSafeTensors, encodeSafeTensors, type NamedTensors, type TensorValues } from './index.ts';

const fixtures = new URL('../../../fixtures/safetensors/', import.meta.url);

/** What fixtures/safetensors/generate.py writes of a tensor that Python's library read. */
type ReadTensor = { type: string; shape: number[]; bytes: string };

const read = JSON.parse(readFileSync(new URL('tensors.json', fixtures), 'utf8')) as Record<
  'python' | 'encoded',
  Record<string, ReadTensor>
>;

describe('Python’s safetensors', () => {
  it('writes files that are read here as there', () => {
    const { tensors, metadata } = decodeSafeTensors(readFileSync(new URL('python.safetensors', fixtures)));
    const { BOOL: booleans, ...others } = described(tensors);
    const { BOOL: expected, ...expectedOthers } = read.python;
    expect(others).toEqual(expectedOthers);
    expect(booleans).toEqual({ ...expected, type: 'uint8' });
    expect(metadata).toEqual({ format: 'pt' });
  });

  it('reads files that are written here', async () => {
    const tensors: NamedTensors<TensorValues> = {
      'conv1.weight': { shape: [1, 2, 1, 2], values: Float32Array.of(1, -0, 1 / 3, NaN) },
      'bn1.num_batches_tracked': { shape: [], values: BigInt64Array.of(-1n) },
      'größe "x"\\': { shape: [3], values: Int8Array.of(1, -2, 3) },
      empty: { shape: [0, 3], values: new Float32Array() },
      int32: { shape: [1], values: Int32Array.of(-7) },
      uint8: { shape: [1], values: Uint8Array.of(200) },
    };
    const file = Buffer.from(encodeSafeTensors({ tensors, metadata: { format: 'pt' } })).toString('base64');
    // The file that Python read, to which `read` is the answer.
    await expect(`${file}\n`).toMatchFileSnapshot(new URL('encoded.base64', fixtures).pathname);
    expect(described(tensors)).toEqual(read.encoded);
  });
});

function described(tensors: NamedTensors<TensorValues>): Record<string, ReadTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, values }]): [string, ReadTensor] => [
      name,
      {
        type: values[Symbol.toStringTag].replace(/^Big|Array$/g, '').toLowerCase(),
        shape: [...shape],
        bytes: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex'),
      },
    ]),
  );
}
