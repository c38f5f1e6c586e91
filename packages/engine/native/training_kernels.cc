#include "training_kernels.h"

#include <mutex>

#include "op_kernels.h"

void RegisterTrainingKernels() {
  static std::once_flag once;
  std::call_once(once, [] {
    training_kernels::RegisterBatchNormKernels();
    training_kernels::RegisterOptimizerKernels();
    training_kernels::RegisterWinogradKernels();
  });
}

#ifdef SUPERCONVERGENCE_OP_LIBRARY
namespace {
// tf.load_op_library expects a library's operations to register themselves.
const bool registered = (RegisterTrainingKernels(), true);
}  // namespace
#endif
