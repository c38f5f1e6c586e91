// Registers the training operations of this folder with the TensorFlow in the process.
//
// SuperconvergenceBatchNormTraining, SuperconvergenceBatchNormTrainingGrad (batch_norm_kernels.cc),
// SuperconvergenceMomentumUpdate, SuperconvergenceAdamWUpdate (optimizer_kernels.cc), SuperconvergenceConvolution
// (winograd_kernels.cc), SuperconvergenceConvolutionFilterGrad (winograd_filter_grad_kernels.cc): float32, CPU only.
#pragma once

// Idempotent, from any thread. Must have run before the first graph that uses the operations is imported.
void RegisterTrainingKernels();
