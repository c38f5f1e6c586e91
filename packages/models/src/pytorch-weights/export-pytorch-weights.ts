import type { HostTensor, NamedTensors, TensorValues } from '@superconvergence/safetensors';
import * as tf from '@tensorflow/tfjs';
import { batchCountName, pytorchName, type PytorchFormat } from './pytorch-names.ts';
import { checkFormat, toPytorchAxes } from './pytorch-weights.ts';

/**
 * The weights of a residual network with the names and layouts of a PyTorch library: all that `load_state_dict` asks
 * for, `num_batches_tracked` (0) included.
 *
 * Kernels `[height, width, inputs, outputs]` become `[outputs, inputs, height, width]`, dense ones `[outputs, inputs]`.
 *
 * @param options.format whose names: see {@link PytorchFormat}
 * @throws RangeError when the format has no names for some weights of the model
 * @example
 * const model = createModel('resnet-18');
 * const tensors = await exportPytorchWeights(model, { format: 'torchvision' });
 * const file = encodeSafeTensors({ tensors, metadata: { format: 'pt' } });
 * // Python: torchvision.models.resnet18().load_state_dict(safetensors.torch.load_file("resnet-18.safetensors"))
 */
export async function exportPytorchWeights(
  model: tf.LayersModel,
  { format }: { format: PytorchFormat },
): Promise<NamedTensors<TensorValues>> {
  checkFormat(format, model);
  const tensors: NamedTensors<TensorValues> = {};
  for (const weight of model.weights) {
    const name = pytorchName(weight.originalName, format);
    if (name !== undefined) tensors[name] = await readTransposed(weight.read());
    const count = batchCountName(weight.originalName, format);
    if (count !== undefined) tensors[count] = { shape: [], values: BigInt64Array.of(0n) };
  }
  return tensors;
}

async function readTransposed(weight: tf.Tensor): Promise<HostTensor> {
  const transposed = tf.tidy(() => tf.transpose(weight, toPytorchAxes(weight.rank)));
  try {
    return { shape: transposed.shape, values: Float32Array.from(await transposed.data()) };
  } finally {
    transposed.dispose();
  }
}
