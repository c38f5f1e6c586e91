// One pass over memory for each variable's update, instead of one for each of its additions and multiplications.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "op_kernels.h"
#include "parallel_kernels.h"

// Every product is rounded before it is added to: the results are those of the separate operations, bit for bit.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("fp-contract=off")
#elif defined(__clang__)
#pragma clang fp contract(off)
#endif

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define UPDATE_LOOP __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define UPDATE_LOOP
#endif

namespace training_kernels {
namespace {

// 64 KiB of each tensor: blocks don't depend on the number of threads.
constexpr int64_t kBlock = 16384;

template <typename Run>
void ForSlices(int threads, int64_t count, Run&& run) {
  ForBlocks(threads, (count + kBlock - 1) / kBlock, false, [&](int64_t block) {
    const int64_t begin = block * kBlock;
    run(begin, std::min(count, begin + kBlock));
  });
}

struct Momentum {
  const float *w, *v, *g;
  float *new_w, *new_v;
  float rate, momentum, decay;
};

// Outputs may lie in their own inputs' place.
UPDATE_LOOP void TorchClassical(const Momentum& u, int64_t begin, int64_t end) {
  const float rate = u.rate, momentum = u.momentum, decay = u.decay;
  const float *w = u.w, *v = u.v, *g = u.g;
  float *new_w = u.new_w, *new_v = u.new_v;
#pragma GCC ivdep
  for (int64_t i = begin; i < end; i++) {
    const float velocity = v[i] * momentum + (g[i] + w[i] * decay);
    new_w[i] = w[i] - velocity * rate;
    new_v[i] = velocity;
  }
}

UPDATE_LOOP void TorchNesterov(const Momentum& u, int64_t begin, int64_t end) {
  const float rate = u.rate, momentum = u.momentum, decay = u.decay;
  const float *w = u.w, *v = u.v, *g = u.g;
  float *new_w = u.new_w, *new_v = u.new_v;
#pragma GCC ivdep
  for (int64_t i = begin; i < end; i++) {
    const float gradient = g[i] + w[i] * decay;
    const float velocity = v[i] * momentum + gradient;
    new_w[i] = w[i] - (gradient + velocity * momentum) * rate;
    new_v[i] = velocity;
  }
}

UPDATE_LOOP void CaffeClassical(const Momentum& u, int64_t begin, int64_t end) {
  const float rate = u.rate, momentum = u.momentum, decay = u.decay;
  const float *w = u.w, *v = u.v, *g = u.g;
  float *new_w = u.new_w, *new_v = u.new_v;
#pragma GCC ivdep
  for (int64_t i = begin; i < end; i++) {
    const float velocity = v[i] * momentum + (g[i] + w[i] * decay) * rate;
    new_w[i] = w[i] - velocity;
    new_v[i] = velocity;
  }
}

UPDATE_LOOP void CaffeNesterov(const Momentum& u, int64_t begin, int64_t end) {
  const float rate = u.rate, momentum = u.momentum, decay = u.decay, ahead = u.momentum + 1;
  const float *w = u.w, *v = u.v, *g = u.g;
  float *new_w = u.new_w, *new_v = u.new_v;
#pragma GCC ivdep
  for (int64_t i = begin; i < end; i++) {
    const float before = v[i] * momentum;
    const float velocity = before + (g[i] + w[i] * decay) * rate;
    new_w[i] = w[i] - (velocity * ahead - before);
    new_v[i] = velocity;
  }
}

struct AdamW {
  const float *w, *m, *v, *g;
  float *new_w, *new_m, *new_v;
  float keep, first, second, square, step_size, root, epsilon;
};

UPDATE_LOOP void AdamWLoop(const AdamW& u, int64_t begin, int64_t end) {
  const float keep = u.keep, first = u.first, second = u.second, square = u.square, step_size = u.step_size,
              root = u.root, epsilon = u.epsilon;
  const float *w = u.w, *m = u.m, *v = u.v, *g = u.g;
  float *new_w = u.new_w, *new_m = u.new_m, *new_v = u.new_v;
#pragma GCC ivdep
  for (int64_t i = begin; i < end; i++) {
    const float mean = m[i] + first * (g[i] - m[i]);
    const float variance = v[i] * second + square * g[i] * g[i];
    new_w[i] = w[i] * keep - step_size * mean / (std::sqrt(variance) / root + epsilon);
    new_m[i] = mean;
    new_v[i] = variance;
  }
}

// The scalar inputs of an update, or a failure.
double Scalar(Execution& execution, int input, const char* name) {
  if (!execution.ok()) return 0;
  const Tensor tensor = execution.Input(input);
  if (!execution.ok()) return 0;
  if (Count(tensor) != 1) {
    execution.Fail(std::string(name) + " has the shape " + DimsText(tensor) + ", not that of a scalar");
    return 0;
  }
  const void* data = TF_TensorData(tensor.get());
  return TF_TensorType(tensor.get()) == TF_INT32 ? *static_cast<const int32_t*>(data) : *static_cast<const float*>(data);
}

void ExpectShapeOf(Execution& execution, const char* name, const Tensor& tensor, const std::vector<int64_t>& dims) {
  if (!execution.ok() || Dims(tensor) == dims) return;
  execution.Fail(std::string(name) + " has the shape " + DimsText(tensor) + ", not that of w");
}

std::vector<int64_t> InputDims(Execution& execution, int input) {
  const Tensor tensor = execution.Input(input);
  return execution.ok() ? Dims(tensor) : std::vector<int64_t>();
}

class MomentumUpdate {
 public:
  explicit MomentumUpdate(Attributes& attributes) : threads_(attributes.Int("threads")) {
    const bool nesterov = attributes.Bool("nesterov"), caffe = attributes.Bool("caffe");
    update_ = caffe ? (nesterov ? CaffeNesterov : CaffeClassical) : (nesterov ? TorchNesterov : TorchClassical);
  }

  void Compute(Execution& execution) const {
    const std::vector<int64_t> dims = InputDims(execution, 0);
    if (!execution.ok()) return;
    const Tensor new_w = execution.OutputInPlaceOf({0}, 0, dims), new_v = execution.OutputInPlaceOf({1}, 1, dims);
    const Tensor w = execution.Input(0), v = execution.Input(1), g = execution.Input(2);
    ExpectShapeOf(execution, "v", v, dims);
    ExpectShapeOf(execution, "g", g, dims);
    Momentum update = {};
    update.rate = static_cast<float>(Scalar(execution, 3, "learning_rate"));
    update.momentum = static_cast<float>(Scalar(execution, 4, "momentum"));
    update.decay = static_cast<float>(Scalar(execution, 5, "weight_decay"));
    if (!execution.ok()) return;
    update.w = Floats(w);
    update.v = Floats(v);
    update.g = Floats(g);
    update.new_w = Floats(new_w);
    update.new_v = Floats(new_v);
    ForSlices(threads_, Count(w), [&](int64_t begin, int64_t end) { update_(update, begin, end); });
  }

 private:
  void (*update_)(const Momentum&, int64_t, int64_t);
  int threads_;
};

class AdamWUpdate {
 public:
  explicit AdamWUpdate(Attributes& attributes)
      : epsilon_(attributes.Float("epsilon")), threads_(attributes.Int("threads")) {}

  void Compute(Execution& execution) const {
    const std::vector<int64_t> dims = InputDims(execution, 0);
    if (!execution.ok()) return;
    const Tensor new_w = execution.OutputInPlaceOf({0}, 0, dims), new_m = execution.OutputInPlaceOf({1}, 1, dims),
                 new_v = execution.OutputInPlaceOf({2}, 2, dims);
    const Tensor w = execution.Input(0), m = execution.Input(1), v = execution.Input(2), g = execution.Input(3);
    ExpectShapeOf(execution, "m", m, dims);
    ExpectShapeOf(execution, "v", v, dims);
    ExpectShapeOf(execution, "g", g, dims);
    AdamW update = Coefficients(execution);
    if (!execution.ok()) return;
    update.w = Floats(w);
    update.m = Floats(m);
    update.v = Floats(v);
    update.g = Floats(g);
    update.new_w = Floats(new_w);
    update.new_m = Floats(new_m);
    update.new_v = Floats(new_v);
    ForSlices(threads_, Count(w), [&](int64_t begin, int64_t end) { AdamWLoop(update, begin, end); });
  }

 private:
  // The decimal fraction that was rounded to a float: .999 as a float would make 1 − beta2 1.3e-5 too small.
  static double Decimal(double beta) { return std::round(beta * 1e7) / 1e7; }

  // In double, as Python does it in torch.optim.AdamW.
  AdamW Coefficients(Execution& execution) const {
    const double rate = Scalar(execution, 4, "learning_rate"), beta1 = Decimal(Scalar(execution, 5, "beta1")),
                 beta2 = Decimal(Scalar(execution, 6, "beta2")), decay = Scalar(execution, 7, "weight_decay"),
                 step = Scalar(execution, 8, "step");
    if (execution.ok() && !(step >= 1)) execution.Fail("step is " + std::to_string(step) + ": the first step is 1");
    AdamW update = {};
    update.keep = static_cast<float>(1 - rate * decay);
    update.first = static_cast<float>(1 - beta1);
    update.second = static_cast<float>(beta2);
    update.square = static_cast<float>(1 - beta2);
    update.step_size = static_cast<float>(rate / (1 - std::pow(beta1, step)));
    update.root = static_cast<float>(std::sqrt(1 - std::pow(beta2, step)));
    update.epsilon = epsilon_;
    return update;
  }

  float epsilon_;
  int threads_;
};

template <int Outputs>
void InferUpdate(TF_ShapeInferenceContext* context, TF_Status*) {
  for (int i = 0; i < Outputs; i++) SetOutputShape(context, i, InputShape(context, 0));
}

}  // namespace

void RegisterOptimizerKernels() {
  // With g' = g + weight_decay · w: v ← momentum · v + g', w ← w − learning_rate · v (nesterov: w − learning_rate · (g' +
  // momentum · v)). caffe: v ← momentum · v + learning_rate · g', w ← w − v (nesterov: w − ((1 + momentum) · v −
  // momentum · v_old)).
  Register<MomentumUpdate>(
      {"SuperconvergenceMomentumUpdate",
       {"w: float", "v: float", "g: float", "learning_rate: float", "momentum: float", "weight_decay: float"},
       {"new_w: float", "new_v: float"},
       {"nesterov: bool = false", "caffe: bool = false", "threads: int = 0"},
       InferUpdate<2>});
  // torch.optim.AdamW; step counts from 1.
  Register<AdamWUpdate>({"SuperconvergenceAdamWUpdate",
                         {"w: float", "m: float", "v: float", "g: float", "learning_rate: float", "beta1: float",
                          "beta2: float", "weight_decay: float", "step: Tstep"},
                         {"new_w: float", "new_m: float", "new_v: float"},
                         {"epsilon: float = 1e-8", "Tstep: {int32, float} = DT_INT32", "threads: int = 0"},
                         InferUpdate<3>});
}

}  // namespace training_kernels
