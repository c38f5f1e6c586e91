// The gradient of a 3×3 convolution with respect to its filter, by Winograd's algorithm run backwards: the sum over the
// tiles of the outer products of transformed inputs and transformed gradients, 36 matrices, transformed to 3×3. In which
// order sums are formed depends on the shapes alone.
#include <algorithm>
#include <vector>

#include "parallel_kernels.h"
#include "winograd_kernels.h"

namespace training_kernels {
namespace {

// Small filters: each thread sums over tiles of its own. Their sums, of all ranges of tiles, together at most:
constexpr int64_t kRangeFloats = (int64_t{5} << 20) / sizeof(float), kMostRanges = 64, kLeastRange = 32;
constexpr int64_t kMostFloatsOfRange = (int64_t{640} << 10) / sizeof(float);
// Large ones: the transformed tiles of a group, shared by the threads.
constexpr int64_t kGroupFloats = (int64_t{24} << 20) / sizeof(float), kLeastGroup = 256;
// Very large ones: blocks of the filter whose 36 matrices are transformed as soon as they are complete.
constexpr int64_t kFusedFloats = (int64_t{16} << 20) / sizeof(float), kFusedRows = 64, kFusedColumns = 144;

class FilterGradient {
 public:
  FilterGradient(const Images& x, const Images& dy, float* result, int threads)
      : loops_(TheWinogradLoops()),
        x_(x),
        dy_(dy),
        result_(result),
        threads_(threads),
        rows_(x.padded()),
        columns_(dy.padded()),
        size_(PlaneStride(rows_ * columns_)) {}

  void Run() const {
    if (kPlanes * size_ <= kMostFloatsOfRange) return RunRanges();
    const int64_t most = std::max(kLeastGroup, kGroupFloats / (kPlanes * (rows_ + columns_)));
    const int64_t groups = (x_.tiles + most - 1) / most;
    if (groups == 1 && kPlanes * size_ > kFusedFloats) return RunFused();
    RunGroups(groups);
  }

 private:
  // Transformed tiles of both: 36 planes each of [channels / 16][tiles][16].
  struct Tiles {
    int64_t count, x_plane, dy_plane;

    Tiles(int64_t count, int64_t rows, int64_t columns)
        : count(count), x_plane(PlaneStride(count * rows)), dy_plane(PlaneStride(count * columns)) {}

    int64_t floats() const { return kPlanes * (x_plane + dy_plane); }
    int64_t chunk() const { return count * 16; }
  };

  void RunRanges() const {
    const int64_t filter = kPlanes * size_;
    const int64_t ranges = std::max<int64_t>(
        1, std::min({kRangeFloats / filter, kMostRanges, x_.tiles / kLeastRange}));
    const Scratch sums(ranges * filter);
    // What fits half the second-level cache.
    const int64_t most = std::max<int64_t>(16, std::min<int64_t>(64, (int64_t{768} << 10) / 4 / 36 / (rows_ + columns_)));
    const Tiles tiles(most, rows_, columns_);
    ForBlocks(threads_, ranges, false, [&](int64_t range) {
      const Scratch scratch(tiles.floats());
      float *const x = scratch.data(), *const dy = x + kPlanes * tiles.x_plane, *sum = sums.data() + range * filter;
      std::fill_n(sum, filter, 0.0f);
      const int64_t end = (range + 1) * x_.tiles / ranges;
      for (int64_t first = range * x_.tiles / ranges; first < end; first += most) {
        const int64_t count = std::min(most, end - first);
        loops_.spread_input(x_, first, count, x, tiles.x_plane, tiles.chunk());
        loops_.spread_gradient(dy_, first, count, dy, tiles.dy_plane, tiles.chunk());
        for (int i = 0; i < kPlanes; i++) {
          loops_.outer_product(x + i * tiles.x_plane, rows_, dy + i * tiles.dy_plane, columns_, tiles.chunk(), count,
                               sum + i * size_, columns_);
        }
      }
    });
    ForBlocks(threads_, kPlanes, false, [&](int64_t i) {
      float* const total = sums.data() + i * size_;
      for (int64_t range = 1; range < ranges; range++) {
        const float* const more = total + range * filter;
        for (int64_t k = 0; k < rows_ * columns_; k++) total[k] += more[k];
      }
    });
    FinishAll(sums.data());
  }

  // Transforms all tiles of a group, several threads together.
  void SpreadGroup(const Tiles& tiles, int64_t first, int64_t count, float* x, float* dy) const {
    constexpr int64_t kStep = 16;
    const int64_t blocks = (count + kStep - 1) / kStep;
    ForBlocks(threads_, 2 * blocks, false, [&](int64_t block) {
      const int64_t at = block / 2 * kStep, n = std::min(kStep, count - at);
      if (block % 2 == 0) {
        loops_.spread_input(x_, first + at, n, x + at * 16, tiles.x_plane, tiles.chunk());
      } else {
        loops_.spread_gradient(dy_, first + at, n, dy + at * 16, tiles.dy_plane, tiles.chunk());
      }
    });
  }

  void RunGroups(int64_t groups) const {
    const Tiles tiles((x_.tiles + groups - 1) / groups, rows_, columns_);
    const Scratch scratch(tiles.floats()), sums(kPlanes * size_);
    float *const x = scratch.data(), *const dy = x + kPlanes * tiles.x_plane;
    for (int64_t first = 0; first < x_.tiles; first += tiles.count) {
      const int64_t count = std::min(tiles.count, x_.tiles - first);
      SpreadGroup(tiles, first, count, x, dy);
      ForBlocks(threads_, kPlanes, false, [&](int64_t i) {
        float* const sum = sums.data() + i * size_;
        if (first == 0) std::fill_n(sum, size_, 0.0f);
        loops_.outer_product(x + i * tiles.x_plane, rows_, dy + i * tiles.dy_plane, columns_, tiles.chunk(), count, sum,
                             columns_);
      });
    }
    FinishAll(sums.data());
  }

  void RunFused() const {
    const Tiles tiles(x_.tiles, rows_, columns_);
    const Scratch scratch(tiles.floats());
    float *const x = scratch.data(), *const dy = x + kPlanes * tiles.x_plane;
    SpreadGroup(tiles, 0, tiles.count, x, dy);
    const int64_t down = (rows_ + kFusedRows - 1) / kFusedRows, across = (columns_ + kFusedColumns - 1) / kFusedColumns;
    ForBlocks(threads_, down * across, false, [&](int64_t block) {
      const int64_t row = block % down * kFusedRows, column = block / down * kFusedColumns;
      const int64_t rows = std::min(kFusedRows, rows_ - row), columns = std::min(kFusedColumns, columns_ - column);
      const int64_t size = PlaneStride(rows * columns);
      const Scratch sums(kPlanes * size);
      std::fill_n(sums.data(), kPlanes * size, 0.0f);
      for (int i = 0; i < kPlanes; i++) {
        loops_.outer_product(x + i * tiles.x_plane + row * tiles.count, rows,
                             dy + i * tiles.dy_plane + column * tiles.count, columns, tiles.chunk(), tiles.count,
                             sums.data() + i * size, columns);
      }
      Finish(sums.data(), size, columns, row, rows, column, columns);
    });
  }

  // Transforms a block of the filter's gradient, from matrices that begin with it.
  void Finish(const float* sums, int64_t size, int64_t stride, int64_t row, int64_t rows, int64_t column,
              int64_t columns) const {
    for (int64_t r = 0; r < std::min(rows, x_.channels - row); r++) {
      for (int64_t c = 0; c < std::min(columns, dy_.channels - column); c += 16) {
        loops_.gather_filters(sums + r * stride + c, size, result_ + (row + r) * dy_.channels + column + c,
                              x_.channels * dy_.channels, std::min<int64_t>(16, dy_.channels - column - c));
      }
    }
  }

  void FinishAll(const float* sums) const {
    ForBlocks(threads_, rows_ / 16, false, [&](int64_t block) {
      Finish(sums + block * 16 * columns_, size_, columns_, block * 16, 16, 0, columns_);
    });
  }

  const WinogradLoops& loops_;
  const Images &x_, &dy_;
  float* const result_;
  const int threads_;
  const int64_t rows_, columns_, size_;
};

class ConvolutionFilterGrad {
 public:
  explicit ConvolutionFilterGrad(Attributes& attributes) : threads_(attributes.Int("threads")) {}

  void Compute(Execution& execution) const {
    const Tensor x = execution.Input(0), dy = execution.Input(1);
    if (!ExpectImages(execution, "x", x) || !ExpectImages(execution, "dy", dy)) return;
    const std::vector<int64_t> from = Dims(x), to = Dims(dy);
    if (!std::equal(from.begin(), from.begin() + 3, to.begin())) {
      execution.Fail("dy has the shape " + DimsText(dy) + ", not that of x but for the channels, " + DimsText(x));
      return;
    }
    const Tensor result = execution.Output(0, {3, 3, from[3], to[3]});
    if (!execution.ok() || Count(result) == 0) return;
    if (Count(x) == 0) {
      std::fill_n(Floats(result), Count(result), 0.0f);
      return;
    }
    const std::vector<float> zeros(std::max(from[3], to[3]));
    Images inputs(from), gradients(to);
    inputs.data = Floats(x);
    gradients.data = Floats(dy);
    inputs.zeros = gradients.zeros = zeros.data();
    FilterGradient(inputs, gradients, Floats(result), threads_).Run();
  }

 private:
  int threads_;
};

void InferFilterGrad(TF_ShapeInferenceContext* context, TF_Status* status) {
  if (!CheckRank(context, 0, 4, 4, status) || !CheckRank(context, 1, 4, 4, status)) return;
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  if (!AreRanksKnown(context)) return;
  const Shape three(TF_ShapeInferenceContextVectorFromSize(context, 3));
  const Shape in = PartOfShape(context, InputShape(context, 0), 3, 4, status),
              out = PartOfShape(context, InputShape(context, 1), 3, 4, status);
  const Shape sides = JoinShapes(context, three, three, status), channels = JoinShapes(context, in, out, status);
  SetOutputShape(context, 0, JoinShapes(context, sides, channels, status));
}

}  // namespace

void RegisterWinogradFilterGrad() {
  // dfilter [3, 3, in, out] of x [N, H, W, in] and dy [N, H, W, out].
  Register<ConvolutionFilterGrad>({"SuperconvergenceConvolutionFilterGrad",
                                   {"x: float", "dy: float"},
                                   {"dfilter: float"},
                                   {"threads: int = 0"},
                                   InferFilterGrad});
}

}  // namespace training_kernels
