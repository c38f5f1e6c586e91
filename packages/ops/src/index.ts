export { adamWUpdate, type AdamWUpdateInputs, type AdamWUpdateOptions } from './adam-w-update.ts';
export { augmentImages, type AugmentImagesOptions, type ImageDraws } from './augment-images.ts';
export { batchNormTraining, type BatchNormOptions, type BatchNormResult } from './batch-norm-training.ts';
export { biasAdd } from './bias-add.ts';
export { dropout } from './dropout.ts';
export { momentumUpdate, type MomentumUpdateInputs, type MomentumUpdateOptions } from './momentum-update.ts';
export { relu } from './relu.ts';
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from './softmax-cross-entropy.ts';
