// Batch normalisation of training with its neighbours: a convolution's bias before it, the sum with a shortcut and the
// rectifier after it. Two passes over memory forward (x; x → y) and two backward (dy, x; dy, x → dx), the second in the
// opposite direction, so that it starts with what the cache still holds.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "op_kernels.h"
#include "parallel_kernels.h"

// Vectors of 64 bytes never cross a function boundary that isn't inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace training_kernels {

enum class GradientMask { kNone, kByX, kByY };

struct NormaliseArguments {
  const float* x;
  const float* residual;  // or null
  const float* centre;
  const float* scale;
  const float* shift;
  float* y;
  bool relu;
  bool stream;
};

struct GradientArguments {
  const float* dy;
  const float* y;  // read where the mask is kByY
  const float* x;
  const float* centre;
  const float* scale;
  const float* shift;
  const float* slope;
  const float* offset;
  float* masked;  // dy behind the mask, written where it is kByY; else dy itself
  float* dx;
  GradientMask mask;
  bool stream;
};

struct Loops {
  void (*moments)(const float* x, int64_t rows, int64_t lanes, int64_t stride, double* sums);
  void (*normalise)(const NormaliseArguments&, int64_t at, int64_t rows, int64_t lanes, int64_t stride);
  void (*gradient_sums)(const GradientArguments&, int64_t at, int64_t rows, int64_t lanes, int64_t stride,
                        double* sums);
  void (*gradient)(const GradientArguments&, int64_t at, int64_t rows, int64_t lanes, int64_t stride);
};

// How many rows are summed up in float before the sums go on in double: few enough for a relative error far below 1e-6.
constexpr int64_t kSumRows = 64;

}  // namespace training_kernels

#if defined(__x86_64__)
#define LOOPS_NAMESPACE avx512
#define LOOPS_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define LOOPS_TILE 4
#define LOOPS_STREAM(to, value) _mm512_stream_ps(to, reinterpret_cast<const __m512&>(value))
#include "batch_norm_loops_kernels.h"
#undef LOOPS_NAMESPACE
#undef LOOPS_TARGET
#undef LOOPS_TILE
#undef LOOPS_STREAM
#define LOOPS_NAMESPACE avx2
#define LOOPS_TARGET __attribute__((target("avx2,fma")))
#define LOOPS_TILE 2
#define LOOPS_STREAM(to, value)                                         \
  (_mm256_stream_ps(to, reinterpret_cast<const __m256*>(&value)[0]), \
   _mm256_stream_ps((to) + 8, reinterpret_cast<const __m256*>(&value)[1]))
#include "batch_norm_loops_kernels.h"
#undef LOOPS_NAMESPACE
#undef LOOPS_TARGET
#undef LOOPS_TILE
#undef LOOPS_STREAM
#endif
#define LOOPS_NAMESPACE plain
#define LOOPS_TARGET
#define LOOPS_TILE 1
#include "batch_norm_loops_kernels.h"
#undef LOOPS_NAMESPACE
#undef LOOPS_TARGET
#undef LOOPS_TILE

namespace training_kernels {
namespace {

const Loops& ChooseLoops() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) {
    return avx512::kLoops;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kLoops;
#endif
  return plain::kLoops;
}

const Loops& TheLoops() {
  static const Loops& loops = ChooseLoops();
  return loops;
}

// How [rows, C] is cut up. Narrow rows are laid side by side until a row fills whole vectors: `folds` rows make one of
// `lanes` columns, of which column i belongs to channel i mod C. Blocks depend on the shape alone: results are the same
// bits with any number of threads.
struct Layout {
  int64_t rows, channels, folds, lanes, block_rows, blocks;

  Layout(int64_t rows, int64_t channels) : rows(rows), channels(channels), folds(1) {
    if (channels < 64) {
      while (folds * channels % 16 != 0) folds *= 2;
      while (folds * channels < 64) folds *= 2;
    }
    lanes = folds * channels;
    const int64_t most_blocks = channels <= 128 ? 128 : 64;
    const int64_t least = std::max<int64_t>(1, 8192 / lanes);
    const int64_t folded = (rows + folds - 1) / folds;
    block_rows = std::max(least, (folded + most_blocks - 1) / most_blocks);
    blocks = (folded + block_rows - 1) / block_rows;
  }

  // Calls run(first element, rows of `lanes`, lanes) for a block's whole rows, and for what is left over at the end.
  template <typename Run>
  void ForBlock(int64_t block, Run&& run) const {
    const int64_t first = block * block_rows;
    const int64_t whole = std::min(block_rows, rows / folds - first);
    if (whole > 0) run(first * lanes, whole, lanes);
    const int64_t rest = rows % folds;
    if (block == blocks - 1 && rest > 0) run(rows / folds * lanes, 1, rest * channels);
  }

  std::vector<float> Spread(const float* values) const {
    std::vector<float> spread(lanes);
    for (int64_t i = 0; i < lanes; i += channels) std::copy(values, values + channels, spread.begin() + i);
    return spread;
  }
};

// Runs a summing loop over all blocks; the result is [2][channels], added up in the order of the blocks.
template <typename Sum>
std::vector<double> SumBlocks(int threads, const Layout& layout, Sum&& sum) {
  // Kept: a fresh allocation of this size would be paid for page by page.
  thread_local std::vector<double> kept;
  std::vector<double>& partial = kept;
  const int64_t lanes = layout.lanes, channels = layout.channels;
  partial.resize(std::max<size_t>(partial.size(), layout.blocks * 2 * lanes));
  double* const all = partial.data();
  ForBlocks(threads, layout.blocks, false, [&](int64_t block) {
    double* sums = all + block * 2 * lanes;
    std::fill(sums, sums + 2 * lanes, 0.0);
    layout.ForBlock(block, [&](int64_t at, int64_t rows, int64_t width) { sum(at, rows, width, sums); });
    for (int64_t i = channels; i < lanes; i += channels) {
      for (int64_t c = 0; c < channels; c++) {
        sums[c] += sums[i + c];
        sums[lanes + c] += sums[lanes + i + c];
      }
    }
  });
  std::vector<double> total(2 * channels);
  for (int64_t block = 0; block < layout.blocks; block++) {
    const double* sums = all + block * 2 * lanes;
    for (int64_t c = 0; c < channels; c++) total[c] += sums[c];
    for (int64_t c = 0; c < channels; c++) total[channels + c] += sums[lanes + c];
  }
  return total;
}

// Whether a pass over tensors of this size leaves so little of its output in the cache that writing past it is better:
// it saves reading each line before it is overwritten.
bool ShouldStream(const Layout& layout, int64_t count) {
#if defined(_SC_LEVEL3_CACHE_SIZE)
  static const int64_t known = sysconf(_SC_LEVEL3_CACHE_SIZE);
#else
  constexpr int64_t known = 0;
#endif
  const int64_t cache = known > 0 ? known : int64_t{32} << 20;
  // The streaming instructions want vectors at multiples of their size, as they are in TensorFlow's own buffers.
  return layout.lanes % 16 == 0 && count * static_cast<int64_t>(sizeof(float)) > cache / 2;
}

bool IsAligned(const Tensor& tensor) { return reinterpret_cast<uintptr_t>(TF_TensorData(tensor.get())) % 64 == 0; }

bool IsEmpty(const Tensor& tensor) { return Count(tensor) == 0; }

// x's shape as [rows, channels], or a failure that says what is wrong with it.
struct Matrix {
  int64_t rows = 0, channels = 0;

  Matrix(Execution& execution, const Tensor& x) {
    const std::vector<int64_t> dims = Dims(x);
    if (dims.size() < 2 || dims.size() > 4) {
      execution.Fail("x has the shape " + DimsText(x) + ", not 2 to 4 dimensions, channels last");
    } else if (Count(x) == 0) {
      execution.Fail("x has the shape " + DimsText(x) + ": an empty batch has no mean and no variance");
    } else {
      channels = dims.back();
      rows = Count(x) / channels;
    }
  }
};

void ExpectChannels(Execution& execution, const char* name, const Tensor& tensor, int64_t channels, bool optional) {
  if (!execution.ok() || (optional && IsEmpty(tensor))) return;
  if (TF_NumDims(tensor.get()) == 1 && Count(tensor) == channels) return;
  execution.Fail(std::string(name) + " has the shape " + DimsText(tensor) + ", not [" + std::to_string(channels) + "]" +
                 (optional ? " or [0]" : ""));
}

void ExpectShape(Execution& execution, const char* name, const Tensor& tensor, const Tensor& x) {
  if (!execution.ok() || Dims(tensor) == Dims(x)) return;
  execution.Fail(std::string(name) + " has the shape " + DimsText(tensor) + ", not that of x, " + DimsText(x));
}

class BatchNormTraining {
 public:
  explicit BatchNormTraining(Attributes& attributes)
      : epsilon_(attributes.Float("epsilon")),
        relu_(attributes.String("activation") == "relu"),
        threads_(attributes.Int("threads")) {}

  void Compute(Execution& execution) const {
    const Tensor x = execution.Input(0), bias = execution.Input(1), gamma = execution.Input(2),
                 beta = execution.Input(3);
    const Matrix matrix(execution, x);
    ExpectChannels(execution, "bias", bias, matrix.channels, true);
    ExpectChannels(execution, "gamma", gamma, matrix.channels, false);
    ExpectChannels(execution, "beta", beta, matrix.channels, false);
    if (!execution.ok()) return;
    const Tensor y = execution.OutputInPlaceOf({4}, 0, Dims(x));
    const Tensor residual = execution.Input(4);
    if (!IsEmpty(residual)) ExpectShape(execution, "residual", residual, x);
    const Tensor mean = execution.Output(1, {matrix.channels}), variance = execution.Output(2, {matrix.channels}),
                 deviation = execution.Output(3, {matrix.channels});
    if (!execution.ok()) return;

    const Layout layout(matrix.rows, matrix.channels);
    const Loops& loops = TheLoops();
    const std::vector<double> sums =
        SumBlocks(threads_, layout, [&](int64_t at, int64_t rows, int64_t lanes, double* partial) {
          loops.moments(Floats(x) + at, rows, lanes, layout.lanes, partial);
        });
    std::vector<float> centre(matrix.channels), scale(matrix.channels);
    const double n = static_cast<double>(matrix.rows);
    for (int64_t c = 0; c < matrix.channels; c++) {
      const double b = IsEmpty(bias) ? 0.0 : Floats(bias)[c];
      const double exact = sums[c] / n;
      const double squares = std::max(0.0, sums[matrix.channels + c] - n * exact * exact);
      Floats(mean)[c] = static_cast<float>(exact + b);
      Floats(variance)[c] = static_cast<float>(squares / std::max(1.0, n - 1));
      Floats(deviation)[c] = static_cast<float>(1 / std::sqrt(squares / n + epsilon_));
      scale[c] = Floats(deviation)[c] * Floats(gamma)[c];
      // From the rounded mean, as in the gradient, whose mask comes out of the same expression.
      centre[c] = static_cast<float>(Floats(mean)[c] - b);
    }
    const std::vector<float> centres = layout.Spread(centre.data()), scales = layout.Spread(scale.data()),
                             shifts = layout.Spread(Floats(beta));
    NormaliseArguments arguments = {};
    arguments.x = Floats(x);
    arguments.residual = IsEmpty(residual) ? nullptr : Floats(residual);
    arguments.centre = centres.data();
    arguments.scale = scales.data();
    arguments.shift = shifts.data();
    arguments.y = Floats(y);
    arguments.relu = relu_;
    arguments.stream = ShouldStream(layout, Count(x)) && IsAligned(y);
    ForBlocks(threads_, layout.blocks, true, [&](int64_t block) {
      layout.ForBlock(block, [&](int64_t at, int64_t rows, int64_t lanes) {
        loops.normalise(arguments, at, rows, lanes, layout.lanes);
      });
    });
  }

 private:
  double epsilon_;
  bool relu_;
  int threads_;
};

class BatchNormTrainingGrad {
 public:
  explicit BatchNormTrainingGrad(Attributes& attributes)
      : relu_(attributes.String("activation") == "relu"),
        has_residual_(attributes.Bool("has_residual")),
        threads_(attributes.Int("threads")) {}

  void Compute(Execution& execution) const {
    std::vector<int64_t> dims;
    {
      const Tensor x = execution.Input(2);
      dims = Dims(x);
    }
    const bool masks = relu_ && has_residual_;
    // Outputs in place of inputs first, while no tensor of ours holds these.
    const Tensor dresidual = masks ? execution.OutputInPlaceOf({0}, 3, dims) : Tensor();
    const Tensor dx = execution.OutputInPlaceOf(PlacesForDx(), 0, dims);
    const Tensor dy = execution.Input(0), y = execution.Input(1), x = execution.Input(2), bias = execution.Input(3),
                 gamma = execution.Input(4), beta = execution.Input(5), mean = execution.Input(6),
                 deviation = execution.Input(7);
    const Matrix matrix(execution, x);
    ExpectShape(execution, "dy", dy, x);
    if (masks) {
      ExpectShape(execution, "y", y, x);
    } else if (execution.ok() && !IsEmpty(y)) {
      execution.Fail("y is read only with an activation and a residual: give it the shape [0], not " + DimsText(y));
    }
    ExpectChannels(execution, "bias", bias, matrix.channels, true);
    ExpectChannels(execution, "gamma", gamma, matrix.channels, false);
    ExpectChannels(execution, "beta", beta, matrix.channels, false);
    ExpectChannels(execution, "mean", mean, matrix.channels, false);
    ExpectChannels(execution, "inverse_deviation", deviation, matrix.channels, false);
    if (!execution.ok()) return;
    const Tensor dgamma = execution.Output(1, {matrix.channels}), dbeta = execution.Output(2, {matrix.channels}),
                 dbias = execution.Output(4, Dims(bias));
    if (has_residual_ && !relu_) {
      execution.SetOutput(3, dy);
    } else if (!has_residual_) {
      execution.Output(3, {0});
    }
    if (!execution.ok()) return;

    const Layout layout(matrix.rows, matrix.channels);
    const Loops& loops = TheLoops();
    std::vector<float> centre(matrix.channels), scale(matrix.channels), slope(matrix.channels), offset(matrix.channels);
    for (int64_t c = 0; c < matrix.channels; c++) {
      const double b = IsEmpty(bias) ? 0.0 : Floats(bias)[c];
      centre[c] = static_cast<float>(Floats(mean)[c] - b);
      scale[c] = Floats(deviation)[c] * Floats(gamma)[c];
    }
    const std::vector<float> centres = layout.Spread(centre.data()), scales = layout.Spread(scale.data()),
                             shifts = layout.Spread(Floats(beta));
    GradientArguments arguments = {};
    arguments.dy = Floats(dy);
    arguments.y = Floats(y);
    arguments.x = Floats(x);
    arguments.centre = centres.data();
    arguments.scale = scales.data();
    arguments.shift = shifts.data();
    arguments.masked = masks ? Floats(dresidual) : Floats(dy);
    arguments.dx = Floats(dx);
    arguments.mask = masks ? GradientMask::kByY : relu_ ? GradientMask::kByX : GradientMask::kNone;
    arguments.stream = ShouldStream(layout, Count(x)) && IsAligned(dx) && (!masks || IsAligned(dresidual));
    const std::vector<double> sums =
        SumBlocks(threads_, layout, [&](int64_t at, int64_t rows, int64_t lanes, double* partial) {
          loops.gradient_sums(arguments, at, rows, lanes, layout.lanes, partial);
        });
    const double n = static_cast<double>(matrix.rows);
    for (int64_t c = 0; c < matrix.channels; c++) {
      const double inverse = Floats(deviation)[c];
      const double sum = sums[c], slanted = sums[matrix.channels + c] * inverse;
      Floats(dbeta)[c] = static_cast<float>(sum);
      Floats(dgamma)[c] = static_cast<float>(slanted);
      slope[c] = static_cast<float>(-scale[c] * inverse * slanted / n);
      offset[c] = static_cast<float>(-scale[c] * sum / n);
    }
    // A shift of all of x changes nothing: the gradient is 0, and adding up dx would only find rounding errors.
    std::fill_n(Floats(dbias), Count(dbias), 0.0f);
    const std::vector<float> slopes = layout.Spread(slope.data()), offsets = layout.Spread(offset.data());
    arguments.slope = slopes.data();
    arguments.offset = offsets.data();
    ForBlocks(threads_, layout.blocks, true, [&](int64_t block) {
      layout.ForBlock(block, [&](int64_t at, int64_t rows, int64_t lanes) {
        loops.gradient(arguments, at, rows, lanes, layout.lanes);
      });
    });
  }

 private:
  // Inputs nothing is read from any more once dx is written: dy, or y where dy's buffer is dresidual's; and x.
  std::vector<int> PlacesForDx() const {
    if (!has_residual_) return {0, 2};
    return relu_ ? std::vector<int>{1, 2} : std::vector<int>{2};
  }

  bool relu_, has_residual_;
  int threads_;
};

void InferTraining(TF_ShapeInferenceContext* context, TF_Status* status) {
  if (!CheckRank(context, 0, 2, 4, status) || !CheckRank(context, 2, 1, 1, status)) return;
  SetOutputShape(context, 0, InputShape(context, 0));
  for (int i = 1; i <= 3; i++) SetOutputShape(context, i, InputShape(context, 2));
}

void InferGrad(TF_ShapeInferenceContext* context, TF_Status* status) {
  if (!CheckRank(context, 2, 2, 4, status) || !CheckRank(context, 4, 1, 1, status)) return;
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  SetOutputShape(context, 0, InputShape(context, 2));
  SetOutputShape(context, 1, InputShape(context, 4));
  SetOutputShape(context, 2, InputShape(context, 4));
  // The C API can't read has_residual. Where y is given it is true; else dresidual stays unknown.
  const Shape y = InputShape(context, 1);
  if (TF_ShapeInferenceContextRankKnown(context, y.get()) && TF_ShapeInferenceContextRank(context, y.get()) > 1) {
    SetOutputShape(context, 3, y);
  }
  SetOutputShape(context, 4, InputShape(context, 3));
}

}  // namespace

void RegisterBatchNormKernels() {
  // x + bias is normalised over all dimensions but the last: y = activation((x + bias − mean) · inverse_deviation ·
  // gamma + beta + residual); variance is the unbiased one, inverse_deviation = 1/√(biased variance + epsilon).
  // A bias or a residual of shape [0] is none.
  Register<BatchNormTraining>({"SuperconvergenceBatchNormTraining",
                               {"x: float", "bias: float", "gamma: float", "beta: float", "residual: float"},
                               {"y: float", "mean: float", "variance: float", "inverse_deviation: float"},
                               {"epsilon: float = 0.001", "activation: {'none', 'relu'} = 'none'", "threads: int = 0"},
                               InferTraining});
  // y is the forward output where there are both an activation and a residual, else [0]: without a residual the mask
  // follows from x, which is read anyway. dresidual is [0] without a residual; dbias, of bias's shape, is 0.
  Register<BatchNormTrainingGrad>(
      {"SuperconvergenceBatchNormTrainingGrad",
       {"dy: float", "y: float", "x: float", "bias: float", "gamma: float", "beta: float", "mean: float",
        "inverse_deviation: float"},
       {"dx: float", "dgamma: float", "dbeta: float", "dresidual: float", "dbias: float"},
       {"activation: {'none', 'relu'} = 'none'", "has_residual: bool = false", "threads: int = 0"},
       InferGrad});
}

}  // namespace training_kernels
