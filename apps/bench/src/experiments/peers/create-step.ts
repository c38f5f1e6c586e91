import { compile } from '@superconvergence/compile';
import { createModel, type ModelName } from '@superconvergence/models';
import {
  sgd,
  trainableVariables,
  trainingStep,
  writeVariables,
  type NamedVariable,
} from '@superconvergence/trainer';
import * as tf from '@tensorflow/tfjs';
import type { NodeKind } from './contenders.ts';
import type { Start } from './start-file.ts';
import { createStockModel } from './stock-model.ts';

const momentum = 0.9;
const weightDecay = 5e-4;

/** One whole training step on the batch, fed from the host, at this learning rate; the loss before the update. */
export type Step = (learningRate: number) => Promise<number>;

export interface NodeStep {
  readonly step: Step;
  /** Trainable ones. */
  readonly parameters: number;
  readonly settings: string;
}

/** Builds a network of packages/models, or the stock one, with the common weights, and its training step. */
export async function createStep(kind: NodeKind, model: ModelName, start: Start): Promise<NodeStep> {
  switch (kind) {
    case 'tfjs-stock':
      return stockStep(await createStockModel(model), start);
    case 'ours-eager':
      return ourStep(createModel(model), start, { eager: true });
    case 'ours-compiled':
      return ourStep(createModel(model), start, { eager: false });
  }
}

function ourStep(model: tf.LayersModel, start: Start, { eager }: { eager: boolean }): NodeStep {
  const variables = withWeights(model, start);
  const update = compile(trainingStep(model, sgd()(variables)), { eager });
  const step: Step = async (learningRate) => {
    const { images, labels } = feed(start);
    const scalars = {
      learningRate: tf.scalar(learningRate),
      momentum: tf.scalar(momentum),
      weightDecay: tf.scalar(weightDecay),
    };
    const loss = await update(images, labels, scalars);
    tf.dispose([images, labels, Object.values(scalars)]);
    return readLoss(loss);
  };
  const settings = `createModel, trainingStep, sgd${eager ? '' : ', compile'}`;
  return { step, parameters: countParameters(variables), settings };
}

/** What tfjs's documentation says to write: stock layers, loss, gradients and optimiser; weight decay is added by hand. */
function stockStep(model: tf.LayersModel, start: Start): NodeStep {
  const variables = withWeights(model, start);
  const numClasses = Number(model.outputs[0]?.shape[1]);
  const optimizer = tf.train.momentum(0.1, momentum, true);
  const step: Step = async (learningRate) => {
    optimizer.setLearningRate(learningRate);
    const loss = tf.tidy(() => {
      const { images, labels } = feed(start);
      const { value, grads } = tf.variableGrads(
        () =>
          tf.losses.softmaxCrossEntropy(
            tf.oneHot(labels, numClasses),
            model.apply(images, { training: true }) as tf.Tensor2D,
          ),
        variables.map(({ variable }) => variable),
      );
      optimizer.applyGradients(withWeightDecay(variables, grads));
      return value;
    });
    return readLoss(loss);
  };
  return { step, parameters: countParameters(variables), settings: 'tf.layers, tf.train.momentum' };
}

function withWeightDecay(variables: readonly NamedVariable[], gradients: tf.NamedTensorMap) {
  return variables.map(({ name, variable }) => {
    const gradient = gradients[variable.name] as tf.Tensor;
    const decayed = name.endsWith('/kernel') ? gradient.add(variable.mul(weightDecay)) : gradient;
    return { name: variable.name, tensor: decayed };
  });
}

function withWeights(model: tf.LayersModel, { weights }: Start): NamedVariable[] {
  const variables = trainableVariables(model);
  writeVariables(variables, weights);
  return variables;
}

function feed({ images, labels }: Start): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  return { images: tf.tensor4d(images.values, images.shape), labels: tf.tensor1d(labels, 'int32') };
}

/** A device computes in order, but the update comes after the loss: on the CPU both are done when the call returns. */
async function readLoss(loss: tf.Scalar): Promise<number> {
  const [value = NaN] = await loss.data();
  loss.dispose();
  return value;
}

function countParameters(variables: readonly NamedVariable[]): number {
  return variables.reduce((sum, { variable }) => sum + variable.size, 0);
}
