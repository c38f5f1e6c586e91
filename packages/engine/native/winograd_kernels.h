// What the Winograd convolutions share. F(4×4, 3×3): a tile of 4×4 results comes from 6×6 inputs by 36 products instead
// of 144, as values of polynomials in 6 points: 0, ±5/8, ±3/2 and infinity, for which float32's rounding errors are the
// smallest among many tried (half of those of 0, ±1, ±2) and whose powers are exact.
//
// The relative error of a result (L2) is about 1e-6, three times that of the direct sum. A value that is not finite
// spreads over the tiles it belongs to.
#pragma once

#include <cstdint>
#include <cstring>

#include "op_kernels.h"

namespace training_kernels {

constexpr float kA = 0.625f, kB = 1.5f;
// 1 / Π (point − other point), over the finite points.
constexpr float kAt0 = 1 / (kA * kA * kB * kB), kAtA = 1 / (2 * kA * kA * (kA * kA - kB * kB)),
                kAtB = 1 / (2 * kB * kB * (kB * kB - kA * kA));
constexpr int kPlanes = 36;

// [N, height, width, channels], cut into tiles of 4 × 4.
struct Images {
  const float* data = nullptr;
  float* output = nullptr;
  const float* zeros = nullptr;  // as many as channels
  int64_t height = 0, width = 0, channels = 0, tile_rows = 0, tile_columns = 0, tiles = 0;

  Images() = default;
  explicit Images(const std::vector<int64_t>& dims)
      : height(dims[1]),
        width(dims[2]),
        channels(dims[3]),
        tile_rows((height + 3) / 4),
        tile_columns((width + 3) / 4),
        tiles(dims[0] * tile_rows * tile_columns) {}

  // Floats of the channels of a tile, in whole vectors.
  int64_t padded() const { return (channels + 15) / 16 * 16; }
};

// Where a tile lies.
struct TilePlace {
  int64_t column, row, image;

  TilePlace(const Images& images, int64_t tile)
      : column(tile % images.tile_columns),
        row(tile / images.tile_columns % images.tile_rows),
        image(tile / images.tile_columns / images.tile_rows) {}

  void Advance(const Images& images) {
    if (++column < images.tile_columns) return;
    column = 0;
    if (++row < images.tile_rows) return;
    row = 0;
    image++;
  }
};

struct WinogradLoops {
  int64_t vectors;
  void (*spread_input)(const Images&, int64_t first, int64_t tiles, float* to, int64_t plane, int64_t chunk);
  void (*spread_gradient)(const Images&, int64_t first, int64_t tiles, float* to, int64_t plane, int64_t chunk);
  void (*gather)(const Images&, int64_t first, int64_t tiles, int64_t channel, const float* from, int64_t plane,
                 int64_t step);
  void (*transform_filters)(const float* filters, float* to, int64_t plane, int64_t stride);
  void (*gather_filters)(const float* from, int64_t plane, float* to, int64_t step, int64_t width);
  void (*multiply)(const float* a, int64_t rows, int64_t chunk, const float* b, int64_t chunks, float* c,
                   int64_t vectors);
  void (*outer_product)(const float* a, int64_t rows, const float* b, int64_t columns, int64_t chunk, int64_t tiles,
                        float* c, int64_t stride);
};

// For this processor.
const WinogradLoops& TheWinogradLoops();

// The distance between planes of `size` floats: never a multiple of a page, whose lines would evict each other.
inline int64_t PlaneStride(int64_t size) { return size + (size / 16 % 2 == 0 ? 16 : 0); }

// Memory for the time of a block, of an operation. Some of it is kept for the next.
class Scratch {
 public:
  explicit Scratch(int64_t floats);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  float* data() const { return data_; }

 private:
  float* data_;
  size_t bytes_;
};

// Fails unless a tensor has the shape [N, H, W, channels].
bool ExpectImages(Execution& execution, const char* name, const Tensor& tensor);

// For shape functions: whether both inputs have a known rank; the dimensions [start, end); one shape behind another.
bool AreRanksKnown(TF_ShapeInferenceContext* context);
Shape PartOfShape(TF_ShapeInferenceContext* context, const Shape& shape, int start, int end, TF_Status* status);
Shape JoinShapes(TF_ShapeInferenceContext* context, const Shape& first, const Shape& second, TF_Status* status);

// winograd_filter_grad_kernels.cc
void RegisterWinogradFilterGrad();

}  // namespace training_kernels
