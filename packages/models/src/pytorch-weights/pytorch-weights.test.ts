import { loadEngine } from '@superconvergence/engine';
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type NamedTensors,
  type TensorValues,
} from '@superconvergence/safetensors';
import type * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createModel,
  exportPytorchWeights,
  importPytorchWeights,
  modelNames,
  modelVariant,
  type ModelName,
  type PytorchFormat,
} from '../index.ts';
import { fittingFormats } from './pytorch-weights.ts';
import {
  formulaTensors,
  modelOf,
  stateDict,
  stateDicts,
  testStateDict,
} from '../testing/pytorch-state-dicts.ts';

type Tensors = NamedTensors<TensorValues>;

beforeAll(async () => {
  await loadEngine();
});

describe('PyTorch weights', () => {
  for (const network of stateDicts({ size: 'small' })) testStateDict(network);

  test('each family has the formats of its libraries, and Caffe’s none', () => {
    const formats: Partial<Record<ReturnType<typeof modelVariant>['family'], PytorchFormat[]>> = {
      'residual-network': ['torchvision', 'pytorch-cifar'],
      'he-resnet': ['torchvision', 'pytorch-cifar'],
      'wide-resnet': ['wide-resnet-pytorch', 'wide-residual-networks'],
    };
    const families = new Map<string, ModelName>();
    for (const name of modelNames) {
      const { family } = modelVariant(name);
      if (!families.has(family)) families.set(family, name);
    }
    for (const name of families.values()) {
      const model = createModel(name);
      expect(fittingFormats(model), name).toEqual(formats[modelVariant(name).family] ?? []);
      model.dispose();
    }
  });
});

describe('importPytorchWeights', () => {
  const network = stateDict('he-resnet-56-b');
  const tensors = formulaTensors(network);
  let model: tf.LayersModel;
  beforeAll(() => {
    model = modelOf(network);
  });
  afterAll(() => {
    model.dispose();
  });

  test('reads a file, with names of DataParallel and without batch counts', () => {
    const kept = Object.entries(tensors).filter(([name]) => !name.endsWith('num_batches_tracked'));
    const prefixed = Object.fromEntries(kept.map(([name, tensor]) => [`module.${name}`, tensor]));
    const file = encodeSafeTensors({ tensors: prefixed, metadata: {} });
    expect(importPytorchWeights(model, decodeSafeTensors(file).tensors)).toBe('torchvision');
    const weight = model.weights.find(({ originalName }) => originalName === 'head/dense/bias');
    expect(weight?.read().dataSync()).toEqual(tensors['fc.bias']?.values);
  });

  test.each<[what: string, change: (tensors: Tensors) => Tensors, options: object, message: RegExp]>([
    [
      'missing and left over',
      (given) =>
        renamed(given, { 'fc.bias': 'fc.offset', 'layer1.0.bn1.weight': 'other.num_batches_tracked' }),
      {},
      /^tensors must be the weights of he-resnet-56-b in the format torchvision, but are not: missing: layer1.0.bn1.weight, fc.bias; not used: fc.offset$/,
    ],
    [
      'of another number of classes',
      (given) => ({ ...given, 'fc.weight': { shape: [100, 64], values: new Float32Array(6400) } }),
      {},
      /: fc.weight must be \[10, 64\], but is \[100, 64\]$/,
    ],
    [
      'in the layout of this package',
      (given) => ({ ...given, 'conv1.weight': { shape: [3, 3, 3, 16], values: new Float32Array(432) } }),
      {},
      /: conv1.weight must be \[16, 3, 3, 3\], but is \[3, 3, 3, 16\]$/,
    ],
    [
      'with fewer values than their shape',
      (given) => ({ ...given, 'fc.bias': { shape: [10], values: new Float32Array(9) } }),
      {},
      /: fc.bias must have 10 values, but has 9$/,
    ],
    [
      'integers',
      (given) => ({ ...given, 'fc.bias': { shape: [10], values: new Int32Array(10) } }),
      {},
      /: fc.bias must be a Float32Array, but is a Int32Array$/,
    ],
    [
      'in another format than is said',
      (given) => given,
      { format: 'pytorch-cifar' },
      /missing: .*layer2.0.shortcut.0.weight.* and \d+ more; not used: .*; they fit the format torchvision$/,
    ],
    [
      'of another family',
      () => formulaTensors(stateDict('wrn-16-2')),
      {},
      /^tensors must be the weights of he-resnet-56-b .* not used: block1.layer.0.bn1.weight/,
    ],
    [
      'in a format that the model has not',
      (given) => given,
      { format: 'wide-resnet-pytorch' },
      /^format must be one with names for the weights of he-resnet-56-b \(torchvision, pytorch-cifar\), but is wide-resnet-pytorch$/,
    ],
  ])('refuses tensors %s, and changes nothing', async (_what, change, options, message) => {
    const before = await exportPytorchWeights(model, network);
    expect(() => importPytorchWeights(model, change(tensors), options)).toThrow(message);
    expect(() => importPytorchWeights(model, change(tensors), options)).toThrow(RangeError);
    expect(await exportPytorchWeights(model, network)).toEqual(before);
  });

  test('refuses networks that no library has', async () => {
    const caffe = createModel('resnet-8');
    expect(() => importPytorchWeights(caffe, tensors)).toThrow(
      'model must be a network of torchvision, pytorch-cifar, wide-resnet-pytorch, wide-residual-networks, but is resnet-8',
    );
    await expect(exportPytorchWeights(caffe, { format: 'torchvision' })).rejects.toThrow(
      'format must be one with names for the weights of resnet-8 (there is none), but is torchvision',
    );
    caffe.dispose();
  });
});

function renamed(tensors: Tensors, names: Record<string, string>): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [names[name] ?? name, tensor]));
}
