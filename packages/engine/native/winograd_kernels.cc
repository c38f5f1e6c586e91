// Convolutions of 3×3 filters (stride 1, as large a result as input) by Winograd's algorithm, and their gradient with
// respect to the input: the same with the filter turned round and its channels exchanged.
#include "winograd_kernels.h"

#include <algorithm>
#include <vector>

#include "parallel_kernels.h"

namespace training_kernels {
namespace {

// The filter of a convolution as its kernel reads it, [3, 3, rows, columns] after a possible turn.
struct Filter {
  const float* data;
  int64_t rows, columns;
  bool backward;

  // Copies 16 × 16 filters (0 beyond the last) to [9][16][16].
  void Copy(int64_t row, int64_t column, float* to) const {
    const int64_t height = std::min<int64_t>(16, rows - row), width = std::min<int64_t>(16, columns - column);
    std::fill(to, to + 9 * 256, 0.0f);
    for (int i = 0; i < 9; i++) {
      float* block = to + i * 256;
      if (!backward) {
        for (int64_t r = 0; r < height; r++) {
          std::copy_n(data + (i * rows + row + r) * columns + column, width, block + r * 16);
        }
      } else {
        for (int64_t c = 0; c < width; c++) {
          const float* from = data + ((8 - i) * columns + column + c) * rows + row;
          for (int64_t r = 0; r < height; r++) block[r * 16 + c] = from[r];
        }
      }
    }
  }
};

// The transformed filter: 36 planes of panels of `vectors`·16 columns (the last may be narrower) by all rows.
struct Panels {
  int64_t rows, columns, vectors, plane;

  Panels(const Filter& filter, int64_t vectors)
      : rows((filter.rows + 15) / 16 * 16),
        columns((filter.columns + 15) / 16 * 16),
        vectors(vectors),
        plane(PlaneStride(rows * columns)) {}

  int64_t count() const { return (columns / 16 + vectors - 1) / vectors; }
  int64_t width(int64_t panel) const { return std::min(vectors, columns / 16 - panel * vectors); }

  // Transforms 16 rows of a panel to where its row 0 of plane 0 is.
  void Transform(const WinogradLoops& loops, const Filter& filter, int64_t panel, int64_t row, float* to,
                 int64_t stride) const {
    alignas(64) float block[9 * 256];
    for (int64_t v = 0; v < width(panel); v++) {
      filter.Copy(row, (panel * vectors + v) * 16, block);
      loops.transform_filters(block, to + row * width(panel) * 16 + v * 16, stride, width(panel) * 16);
    }
  }
};

// How many tiles a thread works on at a time: what fits the second-level cache with a part of the filter, in blocks that
// are shared out evenly.
int64_t ChooseTiles(int64_t tiles, int64_t channels, int threads) {
  const int64_t most = std::max<int64_t>(24, std::min<int64_t>(96, 3072 / channels));
  const int64_t rounds = std::max<int64_t>(1, (tiles + most * threads - 1) / (most * threads));
  const int64_t even = (tiles + rounds * threads - 1) / (rounds * threads);
  return std::max<int64_t>(4, (even + 3) / 4 * 4);
}

class Convolution {
 public:
  explicit Convolution(Attributes& attributes)
      : backward_(attributes.Bool("backward")), threads_(attributes.Int("threads")) {}

  void Compute(Execution& execution) const {
    const Tensor x = execution.Input(0), filter = execution.Input(1);
    if (!ExpectImages(execution, "x", x)) return;
    const std::vector<int64_t> sides = execution.ok() ? Dims(filter) : std::vector<int64_t>();
    const int in = backward_ ? 3 : 2;
    if (execution.ok() && (sides.size() != 4 || sides[0] != 3 || sides[1] != 3 || sides[in] != Dims(x)[3])) {
      execution.Fail("filter has the shape " + DimsText(filter) + ", not [3,3," +
                     (backward_ ? "channels,those of x] for x of " : "those of x,channels] for x of ") + DimsText(x));
    }
    if (!execution.ok()) return;
    std::vector<int64_t> dims = Dims(x);
    dims[3] = sides[5 - in];
    const Tensor y = execution.Output(0, dims);
    if (!execution.ok() || Count(y) == 0) return;
    if (Count(x) == 0) {
      std::fill_n(Floats(y), Count(y), 0.0f);
      return;
    }
    Images from(Dims(x)), to(dims);
    from.data = Floats(x);
    to.output = Floats(y);
    Run(from, to, {Floats(filter), from.channels, to.channels, backward_});
  }

 private:
  void Run(Images& from, const Images& to, const Filter& filter) const {
    const WinogradLoops& loops = TheWinogradLoops();
    const int threads = threads_ > 0 ? threads_ : DefaultThreads();
    const std::vector<float> zeros(from.channels);
    from.zeros = zeros.data();
    const Panels panels(filter, loops.vectors);
    const Scratch transformed(kPlanes * panels.plane);
    ForBlocks(threads, panels.count() * (panels.rows / 16), false, [&](int64_t block) {
      const int64_t panel = block / (panels.rows / 16), row = block % (panels.rows / 16) * 16;
      panels.Transform(loops, filter, panel, row, transformed.data() + panel * panels.vectors * 16 * panels.rows,
                       panels.plane);
    });
    const int64_t most = ChooseTiles(from.tiles, panels.rows, threads);
    const int64_t plane = PlaneStride(most * panels.rows), wide = panels.vectors * 16,
                  product = PlaneStride(most * wide);
    ForBlocks(threads, (from.tiles + most - 1) / most, false, [&](int64_t block) {
      const int64_t first = block * most, tiles = std::min(most, from.tiles - first);
      const Scratch scratch(kPlanes * (plane + product));
      float *const spread = scratch.data(), *const products = spread + kPlanes * plane;
      loops.spread_input(from, first, tiles, spread, plane, most * 16);
      for (int64_t panel = 0; panel < panels.count(); panel++) {
        const int64_t vectors = panels.width(panel);
        const float* right = transformed.data() + panel * wide * panels.rows;
        for (int i = 0; i < kPlanes; i++) {
          loops.multiply(spread + i * plane, (tiles + 3) / 4 * 4, most * 16, right + i * panels.plane,
                         panels.rows / 16, products + i * product, vectors);
        }
        for (int64_t v = 0; v < vectors; v++) {
          loops.gather(to, first, tiles, panel * wide + v * 16, products + v * 16, product, vectors * 16);
        }
      }
    });
  }

  bool backward_;
  int threads_;
};

struct DimensionDeleter {
  void operator()(TF_DimensionHandle* dimension) const { TF_DeleteDimensionHandle(dimension); }
};
using Dimension = std::unique_ptr<TF_DimensionHandle, DimensionDeleter>;

// The size of a dimension, or -1.
int64_t SizeOf(TF_ShapeInferenceContext* context, const Shape& shape, int i) {
  if (!TF_ShapeInferenceContextRankKnown(context, shape.get())) return -1;
  const Dimension dimension(TF_NewDimensionHandle());
  TF_ShapeInferenceContextDim(context, shape.get(), i, dimension.get());
  return TF_DimensionHandleValueKnown(dimension.get()) ? TF_DimensionHandleValue(dimension.get()) : -1;
}

// The C API can't read `backward`: which way round the filter is shows in x's channels, or else makes no difference.
void InferConvolution(TF_ShapeInferenceContext* context, TF_Status* status) {
  if (!CheckRank(context, 0, 4, 4, status) || !CheckRank(context, 1, 4, 4, status)) return;
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  if (!AreRanksKnown(context)) return;
  const Shape x = InputShape(context, 0), filter = InputShape(context, 1);
  const int64_t channels = SizeOf(context, x, 3), in = SizeOf(context, filter, 2), out = SizeOf(context, filter, 3);
  if (channels < 0 || in < 0 || out < 0) return;
  const int result = channels == in ? 3 : 2;
  const Shape pixels = PartOfShape(context, x, 0, 3, status);
  SetOutputShape(context, 0, JoinShapes(context, pixels, PartOfShape(context, filter, result, result + 1, status), status));
}

}  // namespace

Shape PartOfShape(TF_ShapeInferenceContext* context, const Shape& shape, int start, int end, TF_Status* status) {
  Shape part(TF_NewShapeHandle());
  TF_ShapeInferenceContextSubshape(context, shape.get(), start, end, part.get(), status);
  return part;
}

Shape JoinShapes(TF_ShapeInferenceContext* context, const Shape& first, const Shape& second, TF_Status* status) {
  Shape joined(TF_NewShapeHandle());
  TF_ShapeInferenceContextConcatenateShapes(context, first.get(), second.get(), joined.get(), status);
  return joined;
}

bool AreRanksKnown(TF_ShapeInferenceContext* context) {
  const Shape first = InputShape(context, 0), second = InputShape(context, 1);
  return TF_ShapeInferenceContextRankKnown(context, first.get()) &&
         TF_ShapeInferenceContextRankKnown(context, second.get());
}

void RegisterWinogradKernels() {
  // y [N, H, W, out] of x [N, H, W, in] and filter [3, 3, in, out]. backward: the gradient with respect to the input, dx
  // [N, H, W, in] of dy [N, H, W, out] and the same filter.
  Register<Convolution>({"SuperconvergenceConvolution",
                         {"x: float", "filter: float"},
                         {"y: float"},
                         {"backward: bool = false", "threads: int = 0"},
                         InferConvolution});
  RegisterWinogradFilterGrad();
}

}  // namespace training_kernels
