// The inner loops of Winograd convolutions, once for each instruction set: no include guard. Before each inclusion
// LOOPS_NAMESPACE names the set, LOOPS_TARGET holds the function attribute that allows its instructions; LOOPS_ROWS × 2
// (or × 1, where LOOPS_WIDE is 1) vectors of 16 floats are the sums that a product keeps in registers, in
// LOOPS_OUTER_ROWS × LOOPS_OUTER_WIDE for outer products.

namespace training_kernels {
namespace LOOPS_NAMESPACE {

#include "vector_loops_kernels.h"

constexpr int64_t kSlice = 8;

// Bᵀ, from 6 values to 6: the factors of d in the polynomials that are 0 in all points but one.
LOOPS_INLINE void InputStep(const Wide* d, Wide* t) {
  t[0] = d[4] - (kA * kA + kB * kB) * d[2] + (kA * kA * kB * kB) * d[0];
  const Wide p = d[4] - (kB * kB) * d[2], q = d[3] - (kB * kB) * d[1];
  const Wide r = d[4] - (kA * kA) * d[2], s = d[3] - (kA * kA) * d[1];
  t[1] = p + kA * q;
  t[2] = p - kA * q;
  t[3] = r + kB * s;
  t[4] = r - kB * s;
  t[5] = d[5] - (kA * kA + kB * kB) * d[3] + (kA * kA * kB * kB) * d[1];
}

// Aᵀ, from 6 values to 4: powers of the points.
LOOPS_INLINE void OutputStep(const Wide* m, Wide* y) {
  const Wide s = m[1] + m[2], d = m[1] - m[2], t = m[3] + m[4], e = m[3] - m[4];
  y[0] = m[0] + s + t;
  y[1] = kA * d + kB * e;
  y[2] = (kA * kA) * s + (kB * kB) * t;
  y[3] = m[5] + (kA * kA * kA) * d + (kB * kB * kB) * e;
}

// A, from 4 values to 6: the other way round.
LOOPS_INLINE void GradientStep(const Wide* y, Wide* d) {
  const Wide e = y[0] + (kA * kA) * y[2], o = kA * y[1] + (kA * kA * kA) * y[3];
  const Wide f = y[0] + (kB * kB) * y[2], p = kB * y[1] + (kB * kB * kB) * y[3];
  d[0] = y[0];
  d[1] = e + o;
  d[2] = e - o;
  d[3] = f + p;
  d[4] = f - p;
  d[5] = y[3];
}

// G, from 3 values to 6.
LOOPS_INLINE void FilterStep(const Wide* g, Wide* u) {
  const Wide e = kAtA * g[0] + (kAtA * kA * kA) * g[2], o = (kAtA * kA) * g[1];
  const Wide f = kAtB * g[0] + (kAtB * kB * kB) * g[2], p = (kAtB * kB) * g[1];
  u[0] = kAt0 * g[0];
  u[1] = e + o;
  u[2] = e - o;
  u[3] = f + p;
  u[4] = f - p;
  u[5] = g[2];
}

// Gᵀ, from 6 values to 3.
LOOPS_INLINE void FilterGradStep(const Wide* u, Wide* g) {
  const Wide s = kAtA * (u[1] + u[2]), d = kAtA * (u[1] - u[2]), t = kAtB * (u[3] + u[4]), e = kAtB * (u[3] - u[4]);
  g[0] = kAt0 * u[0] + s + t;
  g[1] = kA * d + kB * e;
  g[2] = (kA * kA) * s + (kB * kB) * t + u[5];
}

// Which pixels a tile of From × From reads, the zeros around the image among them.
template <int From>
LOOPS_INLINE void FindPixels(const Images& images, const TilePlace& place, const float** pixels) {
  constexpr int kMargin = From == 6 ? 1 : 0;
  const int64_t top = 4 * place.row - kMargin, left = 4 * place.column - kMargin, c = images.channels;
  const float* first = images.data + ((place.image * images.height + top) * images.width + left) * c;
  if (top >= 0 && left >= 0 && top + From <= images.height && left + From <= images.width) {
#pragma GCC unroll 6
    for (int i = 0; i < From; i++) {
      const float* row = first + i * images.width * c;
#pragma GCC unroll 6
      for (int j = 0; j < From; j++) pixels[i * From + j] = row + j * c;
    }
    return;
  }
  for (int i = 0; i < From; i++) {
    const bool in_column = top + i >= 0 && top + i < images.height;
    const float* row = first + i * images.width * c;
#pragma GCC unroll 6
    for (int j = 0; j < From; j++) {
      const bool inside = in_column && left + j >= 0 && left + j < images.width;
      pixels[i * From + j] = inside ? row + j * c : images.zeros;
    }
  }
}

template <int From, bool Part>
LOOPS_INLINE void SpreadTile(const float* const* pixels, int64_t at, int64_t width, float* to, int64_t plane) {
  Wide half[6][6];
  for (int j = 0; j < From; j++) {
    Wide in[6], out[6];
#pragma GCC unroll 6
    for (int i = 0; i < From; i++) in[i] = Load<Part>(pixels[i * From + j] + at, width);
    From == 6 ? InputStep(in, out) : GradientStep(in, out);
#pragma GCC unroll 6
    for (int i = 0; i < 6; i++) half[i][j] = out[i];
  }
  for (int i = 0; i < 6; i++) {
    Wide out[6];
    From == 6 ? InputStep(half[i], out) : GradientStep(half[i], out);
#pragma GCC unroll 6
    for (int j = 0; j < 6; j++) Store<false>(to + (6 * i + j) * plane, out[j], 16);
  }
}

// The 4 × 4 pixels that no tile before has asked for. Rows of a tile are too short for the processor's own foresight.
template <int From>
LOOPS_INLINE void PrefetchTile(const float* const* pixels, int64_t at) {
  constexpr int kMargin = From == 6 ? 1 : 0;
#pragma GCC unroll 4
  for (int i = kMargin; i < 4 + kMargin; i++) {
#pragma GCC unroll 4
    for (int j = kMargin; j < 4 + kMargin; j++) __builtin_prefetch(pixels[i * From + j] + at);
  }
}

// Transforms tiles into planes of [channels / 16][chunk / 16][16].
template <int From>
LOOPS_TARGET static void Spread(const Images& images, int64_t first, int64_t tiles, float* to, int64_t plane,
                                int64_t chunk) {
  const float* rings[4][From * From];
  const int64_t whole = images.channels / 16 * 16;
  // How many tiles ahead memory is asked for.
  const int64_t ahead = std::min<int64_t>(images.channels <= 32 ? 3 : 1, tiles - 1);
  TilePlace place(images, first);
  for (int64_t t = -ahead; t < tiles; t++) {
    const float** const later = rings[(t + ahead) & 3];
    const bool more = t + ahead < tiles;
    if (more) {
      FindPixels<From>(images, place, later);
      place.Advance(images);
    }
    if (t < 0) continue;
    const float* const* pixels = rings[t & 3];
    float* at = to + t * 16;
    for (int64_t c = 0; c < whole; c += 16, at += chunk) {
      if (more) PrefetchTile<From>(later, c);
      SpreadTile<From, false>(pixels, c, 16, at, plane);
    }
    if (whole < images.channels) SpreadTile<From, true>(pixels, whole, images.channels - whole, at, plane);
  }
}

template <bool Part>
LOOPS_INLINE void GatherTile(const float* from, int64_t plane, float* y, int64_t row, int64_t pixel, int64_t rows,
                             int64_t columns, int64_t width) {
  Wide half[4][6];
  for (int j = 0; j < 6; j++) {
    Wide in[6], out[4];
#pragma GCC unroll 6
    for (int i = 0; i < 6; i++) in[i] = Load<false>(from + (6 * i + j) * plane, 16);
    OutputStep(in, out);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) half[i][j] = out[i];
  }
  for (int64_t i = 0; i < rows; i++) {
    Wide out[4];
    OutputStep(half[i], out);
    if (columns == 4) {
#pragma GCC unroll 4
      for (int64_t j = 0; j < 4; j++) Store<Part>(y + i * row + j * pixel, out[j], width);
    } else {
      for (int64_t j = 0; j < columns; j++) Store<Part>(y + i * row + j * pixel, out[j], width);
    }
  }
}

LOOPS_INLINE float* FindResult(const Images& images, const TilePlace& place, int64_t channel) {
  return images.output +
         ((place.image * images.height + 4 * place.row) * images.width + 4 * place.column) * images.channels + channel;
}

// Writes 16 channels of tiles from planes whose tiles are `step` floats apart.
LOOPS_TARGET static void Gather(const Images& images, int64_t first, int64_t tiles, int64_t channel, const float* from,
                                int64_t plane, int64_t step) {
  const int64_t width = std::min<int64_t>(16, images.channels - channel), ahead = std::min<int64_t>(3, tiles - 1);
  const int64_t stride = images.width * images.channels;
  TilePlace place(images, first), later(images, first + ahead);
  for (int64_t t = 0; t < tiles; t++, place.Advance(images)) {
    float* y = FindResult(images, place, channel);
    const int64_t rows = std::min<int64_t>(4, images.height - 4 * place.row),
                  columns = std::min<int64_t>(4, images.width - 4 * place.column);
    if (t + ahead < tiles) {
      const float* next = FindResult(images, later, channel);
      const int64_t n = std::min<int64_t>(4, images.height - 4 * later.row);
      for (int64_t i = 0; i < n; i++) {
#pragma GCC unroll 4
        for (int64_t j = 0; j < 4; j++) __builtin_prefetch(next + i * stride + j * images.channels, 1);
      }
      later.Advance(images);
    }
    if (width == 16) {
      GatherTile<false>(from + t * step, plane, y, stride, images.channels, rows, columns, 16);
    } else {
      GatherTile<true>(from + t * step, plane, y, stride, images.channels, rows, columns, width);
    }
  }
}

// Transforms 16 × 16 filters, [9][16][16], into planes whose rows are `stride` floats apart.
LOOPS_TARGET static void TransformFilters(const float* filters, float* to, int64_t plane, int64_t stride) {
  for (int64_t r = 0; r < 16; r++) {
    Wide half[6][3];
    for (int j = 0; j < 3; j++) {
      Wide in[3], out[6];
      for (int i = 0; i < 3; i++) in[i] = Load<false>(filters + ((3 * i + j) * 16 + r) * 16, 16);
      FilterStep(in, out);
      for (int i = 0; i < 6; i++) half[i][j] = out[i];
    }
    for (int i = 0; i < 6; i++) {
      Wide out[6];
      FilterStep(half[i], out);
      for (int j = 0; j < 6; j++) Store<false>(to + (6 * i + j) * plane + r * stride, out[j], 16);
    }
  }
}

// The way back for one row of 16 filters: 9 values each from planes.
LOOPS_TARGET static void GatherFilters(const float* from, int64_t plane, float* to, int64_t step, int64_t width) {
  Wide half[3][6];
  for (int j = 0; j < 6; j++) {
    Wide in[6], out[3];
    for (int i = 0; i < 6; i++) in[i] = Load<false>(from + (6 * i + j) * plane, 16);
    FilterGradStep(in, out);
    for (int i = 0; i < 3; i++) half[i][j] = out[i];
  }
  for (int i = 0; i < 3; i++) {
    Wide out[3];
    FilterGradStep(half[i], out);
    for (int j = 0; j < 3; j++) {
      float* at = to + (3 * i + j) * step;
      width == 16 ? Store<false>(at, out[j], 16) : Store<true>(at, out[j], width);
    }
  }
}

// c [R][V·16] = or, with Add, += a [R][K] · b [K][V·16], where a comes as [K / 16][chunk / 16][16].
template <int R, int V, bool Add>
LOOPS_TARGET static void Multiply(const float* a, int64_t chunk, const float* b, int64_t chunks, float* c) {
  Wide sums[R][V] = {};
  for (int64_t q = 0; q < chunks; q++, a += chunk) {
    for (int r = 0; r < R; r++) __builtin_prefetch(a + chunk + r * 16);
#pragma GCC unroll 4
    for (int k = 0; k < 16; k++, b += V * 16) {
      Wide right[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) right[v] = Load<false>(b + 16 * v, 16);
#pragma GCC unroll 12
      for (int r = 0; r < R; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < V; v++) sums[r][v] += a[r * 16 + k] * right[v];
      }
    }
  }
#pragma GCC unroll 12
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) {
      float* at = c + (r * V + v) * 16;
      Store<false>(at, Add ? Load<false>(at, 16) + sums[r][v] : sums[r][v], 16);
    }
  }
}

template <int V, bool Add>
LOOPS_INLINE void MultiplyPanel(const float* a, int64_t rows, int64_t chunk, const float* b, int64_t chunks, float* c) {
  int64_t r = 0;
  for (; r + LOOPS_ROWS <= rows; r += LOOPS_ROWS) {
    Multiply<LOOPS_ROWS, V, Add>(a + r * 16, chunk, b, chunks, c + r * V * 16);
  }
  if (LOOPS_ROWS > 8 && r + 8 <= rows) {
    Multiply<8, V, Add>(a + r * 16, chunk, b, chunks, c + r * V * 16);
    r += 8;
  }
  for (; r < rows; r += 4) Multiply<4, V, Add>(a + r * 16, chunk, b, chunks, c + r * V * 16);
}

template <int V>
LOOPS_INLINE void MultiplySlices(const float* a, int64_t rows, int64_t chunk, const float* b, int64_t chunks, float* c) {
  const int64_t slices = (chunks + kSlice - 1) / kSlice;
  for (int64_t i = 0; i < slices; i++) {
    const int64_t q = i * chunks / slices, count = (i + 1) * chunks / slices - q;
    if (i == 0) {
      MultiplyPanel<V, false>(a, rows, chunk, b, count, c);
    } else {
      MultiplyPanel<V, true>(a + q * chunk, rows, chunk, b + q * 16 * V * 16, count, c);
    }
  }
}

// The same for a multiple of 4 rows, and panels of 1 or 2 vectors, in slices of at most kSlice · 16 products: they stay
// in the first-level cache for all rows, and many short sums have smaller rounding errors than a long one.
LOOPS_TARGET static void MultiplyRows(const float* a, int64_t rows, int64_t chunk, const float* b, int64_t chunks,
                                      float* c, int64_t vectors) {
#if LOOPS_WIDE > 1
  if (vectors > 1) return MultiplySlices<2>(a, rows, chunk, b, chunks, c);
#endif
  (void)vectors;
  MultiplySlices<1>(a, rows, chunk, b, chunks, c);
}

// c [R][V·16] (rows `stride` apart) += aᵀ · b over the tiles, where a is [tiles][16] and b [V][chunk / 16][16].
template <int R, int V>
LOOPS_TARGET static void Outer(const float* a, const float* b, int64_t chunk, int64_t tiles, float* c, int64_t stride) {
  Wide sums[R][V] = {};
#pragma GCC unroll 4
  for (int64_t t = 0; t < tiles; t++) {
    Wide right[V];
#pragma GCC unroll 3
    for (int v = 0; v < V; v++) right[v] = Load<false>(b + v * chunk + t * 16, 16);
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
#pragma GCC unroll 3
      for (int v = 0; v < V; v++) sums[r][v] += a[t * 16 + r] * right[v];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 3
    for (int v = 0; v < V; v++) {
      float* at = c + r * stride + v * 16;
      Store<false>(at, Load<false>(at, 16) + sums[r][v], 16);
    }
  }
}

template <int V>
LOOPS_INLINE void OuterPanel(const float* a, int64_t rows, const float* b, int64_t chunk, int64_t tiles, float* c,
                             int64_t stride) {
  constexpr int R = V == 1 ? LOOPS_OUTER_ROWS_OF_1 : LOOPS_OUTER_ROWS;
  for (int64_t q = 0; q < rows; q += 16) {
    for (int64_t r = 0; r < 16; r += R) Outer<R, V>(a + q / 16 * chunk + r, b, chunk, tiles, c + (q + r) * stride, stride);
  }
}

// The same for all of `rows` and `columns`, multiples of 16; a is [rows / 16][chunk / 16][16].
LOOPS_TARGET static void OuterProduct(const float* a, int64_t rows, const float* b, int64_t columns, int64_t chunk,
                                      int64_t tiles, float* c, int64_t stride) {
  int64_t q = 0;
#if LOOPS_OUTER_WIDE > 1
  while (columns - q >= 32) {
    const int64_t left = columns - q;
    if (left == 48 || left >= 80) {
      OuterPanel<3>(a, rows, b + q / 16 * chunk, chunk, tiles, c + q, stride);
      q += 48;
    } else {
      OuterPanel<2>(a, rows, b + q / 16 * chunk, chunk, tiles, c + q, stride);
      q += 32;
    }
  }
#endif
  for (; q < columns; q += 16) OuterPanel<1>(a, rows, b + q / 16 * chunk, chunk, tiles, c + q, stride);
}

static constexpr WinogradLoops kWinogradLoops = {LOOPS_WIDE,   Spread<6>,    Spread<4>,    Gather, TransformFilters,
                                                 GatherFilters, MultiplyRows, OuterProduct};

#undef LOOPS_INLINE

}  // namespace LOOPS_NAMESPACE
}  // namespace training_kernels
