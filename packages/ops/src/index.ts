export { batchNormTraining, type BatchNormResult } from './batch-norm-training.ts';
export { biasAdd } from './bias-add.ts';
export { relu } from './relu.ts';
export { softmaxCrossEntropy } from './softmax-cross-entropy.ts';
