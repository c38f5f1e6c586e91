// The inner loops of batch normalisation, once for each instruction set: no include guard. Before each inclusion
// LOOPS_NAMESPACE names the set, LOOPS_TARGET holds the function attribute that allows its instructions and LOOPS_TILE
// the number of 16-float vectors whose sums and coefficients stay in registers. LOOPS_STREAM(to, value), where there are
// instructions for it, writes a vector past the caches.
//
// Everything is a matrix of `rows` rows, `stride` floats apart, of which the first `lanes` columns are meant; each
// column has its own coefficients. Sums are two rows of `stride` doubles, added to: within at most kSumRows rows they
// are kept in float, so that the rounding errors of long sums don't grow.

namespace training_kernels {
namespace LOOPS_NAMESPACE {

#include "vector_loops_kernels.h"

typedef int32_t Mask __attribute__((vector_size(64)));

// value where its condition is above 0, else 0 (also for a condition that is not a number).
LOOPS_INLINE Wide WherePositive(const Wide& condition, const Wide& value) {
  const Mask mask = condition > 0.0f;
  return reinterpret_cast<Wide>(reinterpret_cast<Mask>(value) & mask);
}

// Streams a result past the caches, where it is too large to be found there by the next operation anyway.
template <bool Part, bool Stream>
LOOPS_INLINE void Put(float* to, const Wide& value, int64_t width) {
#ifdef LOOPS_STREAM
  if (Stream && !Part) return LOOPS_STREAM(to, value);
#endif
  Store<Part>(to, value, width);
}

LOOPS_INLINE void EndStream() {
#ifdef LOOPS_STREAM
  _mm_sfence();
#endif
}

// Columns are taken in panels, so that their sums stay in the first-level cache however many there are.
constexpr int64_t kPanel = 1024;

struct Sums {
  float shift[kPanel], first[kPanel], second[kPanel];
};

LOOPS_INLINE void Clear(Sums* sums, int64_t lanes) {
  const Wide zero = {};
  for (int64_t j = 0; j < lanes; j += 16) {
    Store<false>(sums->first + j, zero, 16);
    Store<false>(sums->second + j, zero, 16);
  }
}

// Rows wider than a tile are taken few at a time: column by column over many rows would read memory in leaps, at half
// the speed. Four at a time share one loading and storing of the sums; writing goes best row by row.
LOOPS_INLINE int64_t GroupRows(int64_t lanes) { return lanes <= LOOPS_TILE * 16 ? kSumRows : 4; }

template <int T, bool Part>
LOOPS_TARGET static void ShiftTile(const float* x, int64_t rows, int64_t stride, int64_t width, float* shift) {
  for (int t = 0; t < T; t++) {
    Wide sum = {};
    for (int64_t r = 0; r < rows; r++) sum += Load<Part>(x + r * stride + 16 * t, width);
    Store<false>(shift + 16 * t, sum * (1.0f / rows), 16);
  }
}

template <int T, bool Part>
LOOPS_TARGET static void MomentsTile(const float* x, int64_t rows, int64_t stride, int64_t width, Sums* sums,
                                     int64_t j) {
  Wide shift[T], first[T], second[T];
  for (int t = 0; t < T; t++) {
    shift[t] = Load<false>(sums->shift + j + 16 * t, 16);
    first[t] = Load<false>(sums->first + j + 16 * t, 16);
    second[t] = Load<false>(sums->second + j + 16 * t, 16);
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int t = 0; t < T; t++) {
      const Wide distance = Load<Part>(x + j + r * stride + 16 * t, width) - shift[t];
      first[t] += distance;
      second[t] += distance * distance;
    }
  }
  for (int t = 0; t < T; t++) {
    Store<false>(sums->first + j + 16 * t, first[t], 16);
    Store<false>(sums->second + j + 16 * t, second[t], 16);
  }
}

// Moments about a value near the mean (that of the first rows), turned into moments about 0 in double: sound however
// large the mean is beside the deviation.
LOOPS_TARGET static void MomentsPanel(const float* x, int64_t rows, int64_t lanes, int64_t stride, double* total) {
  Sums sums;
  Clear(&sums, lanes);
  const int64_t group = GroupRows(lanes);
  int64_t j = 0;
  const int64_t head = std::min<int64_t>(rows, 4);
  for (; j + 16 <= lanes; j += 16) ShiftTile<1, false>(x + j, head, stride, 16, sums.shift + j);
  if (j < lanes) ShiftTile<1, true>(x + j, head, stride, lanes - j, sums.shift + j);
  for (int64_t r = 0; r < rows; r += group) {
    const float* from = x + r * stride;
    const int64_t n = std::min(group, rows - r);
    j = 0;
    for (; j + LOOPS_TILE * 16 <= lanes; j += LOOPS_TILE * 16) {
      MomentsTile<LOOPS_TILE, false>(from, n, stride, 16, &sums, j);
    }
    for (; j + 16 <= lanes; j += 16) MomentsTile<1, false>(from, n, stride, 16, &sums, j);
    if (j < lanes) MomentsTile<1, true>(from, n, stride, lanes - j, &sums, j);
  }
  const double n = static_cast<double>(rows);
  for (int64_t i = 0; i < lanes; i++) {
    const double s = sums.shift[i], d = sums.first[i];
    total[i] += d + n * s;
    total[stride + i] += sums.second[i] + s * (2 * d + n * s);
  }
}

LOOPS_TARGET static void Moments(const float* x, int64_t rows, int64_t lanes, int64_t stride, double* total) {
  for (int64_t r = 0; r < rows; r += kSumRows) {
    for (int64_t j = 0; j < lanes; j += kPanel) {
      MomentsPanel(x + r * stride + j, std::min(kSumRows, rows - r), std::min(kPanel, lanes - j), stride, total + j);
    }
  }
}

template <int T, bool Part, bool Relu, bool Residual, bool Stream>
LOOPS_TARGET static void NormaliseTile(const NormaliseArguments& a, int64_t at, int64_t j, int64_t rows, int64_t stride,
                                       int64_t width) {
  Wide centre[T], scale[T], shift[T];
  for (int t = 0; t < T; t++) {
    centre[t] = Load<Part>(a.centre + j + 16 * t, width);
    scale[t] = Load<Part>(a.scale + j + 16 * t, width);
    shift[t] = Load<Part>(a.shift + j + 16 * t, width);
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int t = 0; t < T; t++) {
      const int64_t i = at + r * stride + j + 16 * t;
      Wide value = (Load<Part>(a.x + i, width) - centre[t]) * scale[t] + shift[t];
      if (Residual) value += Load<Part>(a.residual + i, width);
      if (Relu) value = WherePositive(value, value);
      Put<Part, Stream>(a.y + i, value, width);
    }
  }
}

template <bool Relu, bool Residual, bool Stream>
LOOPS_TARGET static void NormaliseRows(const NormaliseArguments& a, int64_t at, int64_t rows, int64_t lanes,
                                       int64_t stride) {
  const int64_t group = lanes <= LOOPS_TILE * 16 ? rows : 1;
  for (int64_t r = 0; r < rows; r += group) {
    const int64_t n = std::min(group, rows - r), from = at + r * stride;
    int64_t j = 0;
    for (; j + LOOPS_TILE * 16 <= lanes; j += LOOPS_TILE * 16) {
      NormaliseTile<LOOPS_TILE, false, Relu, Residual, Stream>(a, from, j, n, stride, 16);
    }
    for (; j + 16 <= lanes; j += 16) NormaliseTile<1, false, Relu, Residual, Stream>(a, from, j, n, stride, 16);
    if (j < lanes) NormaliseTile<1, true, Relu, Residual, Stream>(a, from, j, n, stride, lanes - j);
  }
  if (Stream) EndStream();
}

template <bool Relu, bool Residual>
LOOPS_INLINE void NormaliseEither(const NormaliseArguments& a, int64_t at, int64_t rows, int64_t lanes,
                                  int64_t stride) {
  a.stream ? NormaliseRows<Relu, Residual, true>(a, at, rows, lanes, stride)
           : NormaliseRows<Relu, Residual, false>(a, at, rows, lanes, stride);
}

LOOPS_TARGET static void Normalise(const NormaliseArguments& a, int64_t at, int64_t rows, int64_t lanes,
                                   int64_t stride) {
  if (a.relu) {
    a.residual ? NormaliseEither<true, true>(a, at, rows, lanes, stride)
               : NormaliseEither<true, false>(a, at, rows, lanes, stride);
  } else {
    a.residual ? NormaliseEither<false, true>(a, at, rows, lanes, stride)
               : NormaliseEither<false, false>(a, at, rows, lanes, stride);
  }
}

// Adds up g and g (x − centre), g being dy behind the activation's mask.
template <int T, bool Part, GradientMask Masked, bool Stream>
LOOPS_TARGET static void GradientSumsTile(const GradientArguments& a, int64_t at, int64_t column, int64_t rows,
                                          int64_t stride, int64_t width, Sums* sums, int64_t j) {
  Wide centre[T], scale[T], shift[T], first[T], second[T];
  for (int t = 0; t < T; t++) {
    centre[t] = Load<Part>(a.centre + column + j + 16 * t, width);
    scale[t] = Load<Part>(a.scale + column + j + 16 * t, width);
    shift[t] = Load<Part>(a.shift + column + j + 16 * t, width);
    first[t] = Load<false>(sums->first + j + 16 * t, 16);
    second[t] = Load<false>(sums->second + j + 16 * t, 16);
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int t = 0; t < T; t++) {
      const int64_t i = at + r * stride + column + j + 16 * t;
      const Wide x = Load<Part>(a.x + i, width) - centre[t];
      Wide g = Load<Part>(a.dy + i, width);
      if (Masked == GradientMask::kByX) g = WherePositive(x * scale[t] + shift[t], g);
      if (Masked == GradientMask::kByY) {
        g = WherePositive(Load<Part>(a.y + i, width), g);
        Put<Part, Stream>(a.masked + i, g, width);
      }
      first[t] += g;
      second[t] += g * x;
    }
  }
  for (int t = 0; t < T; t++) {
    Store<false>(sums->first + j + 16 * t, first[t], 16);
    Store<false>(sums->second + j + 16 * t, second[t], 16);
  }
}

template <GradientMask Masked, bool Stream>
LOOPS_TARGET static void GradientSumsPanel(const GradientArguments& a, int64_t at, int64_t column, int64_t rows,
                                           int64_t lanes, int64_t stride, double* total) {
  Sums sums;
  Clear(&sums, lanes);
  const int64_t group = GroupRows(lanes);
  for (int64_t r = 0; r < rows; r += group) {
    const int64_t n = std::min(group, rows - r), from = at + r * stride;
    int64_t j = 0;
    for (; j + LOOPS_TILE * 16 <= lanes; j += LOOPS_TILE * 16) {
      GradientSumsTile<LOOPS_TILE, false, Masked, Stream>(a, from, column, n, stride, 16, &sums, j);
    }
    for (; j + 16 <= lanes; j += 16) {
      GradientSumsTile<1, false, Masked, Stream>(a, from, column, n, stride, 16, &sums, j);
    }
    if (j < lanes) GradientSumsTile<1, true, Masked, Stream>(a, from, column, n, stride, lanes - j, &sums, j);
  }
  for (int64_t i = 0; i < lanes; i++) {
    total[column + i] += sums.first[i];
    total[stride + column + i] += sums.second[i];
  }
}

template <GradientMask Masked, bool Stream>
LOOPS_TARGET static void GradientSumsRows(const GradientArguments& a, int64_t at, int64_t rows, int64_t lanes,
                                          int64_t stride, double* total) {
  for (int64_t r = 0; r < rows; r += kSumRows) {
    for (int64_t j = 0; j < lanes; j += kPanel) {
      GradientSumsPanel<Masked, Stream>(a, at + r * stride, j, std::min(kSumRows, rows - r),
                                        std::min(kPanel, lanes - j), stride, total);
    }
  }
  if (Stream) EndStream();
}

LOOPS_TARGET static void GradientSums(const GradientArguments& a, int64_t at, int64_t rows, int64_t lanes,
                                      int64_t stride, double* total) {
  switch (a.mask) {
    case GradientMask::kNone:
      return GradientSumsRows<GradientMask::kNone, false>(a, at, rows, lanes, stride, total);
    case GradientMask::kByX:
      return GradientSumsRows<GradientMask::kByX, false>(a, at, rows, lanes, stride, total);
    case GradientMask::kByY:
      return a.stream ? GradientSumsRows<GradientMask::kByY, true>(a, at, rows, lanes, stride, total)
                      : GradientSumsRows<GradientMask::kByY, false>(a, at, rows, lanes, stride, total);
  }
}

// dx = scale g + slope (x − centre) + offset.
template <int T, bool Part, bool MaskByX, bool Stream>
LOOPS_TARGET static void GradientTile(const GradientArguments& a, int64_t at, int64_t j, int64_t rows, int64_t stride,
                                      int64_t width) {
  Wide centre[T], scale[T], shift[T], slope[T], offset[T];
  for (int t = 0; t < T; t++) {
    centre[t] = Load<Part>(a.centre + j + 16 * t, width);
    scale[t] = Load<Part>(a.scale + j + 16 * t, width);
    shift[t] = Load<Part>(a.shift + j + 16 * t, width);
    slope[t] = Load<Part>(a.slope + j + 16 * t, width);
    offset[t] = Load<Part>(a.offset + j + 16 * t, width);
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int t = 0; t < T; t++) {
      const int64_t i = at + r * stride + j + 16 * t;
      const Wide x = Load<Part>(a.x + i, width) - centre[t];
      Wide g = Load<Part>(a.masked + i, width);
      if (MaskByX) g = WherePositive(x * scale[t] + shift[t], g);
      Put<Part, Stream>(a.dx + i, g * scale[t] + (x * slope[t] + offset[t]), width);
    }
  }
}

template <bool MaskByX, bool Stream>
LOOPS_TARGET static void GradientRows(const GradientArguments& a, int64_t at, int64_t rows, int64_t lanes,
                                      int64_t stride) {
  const int64_t group = lanes <= LOOPS_TILE * 16 ? rows : 1;
  for (int64_t r = 0; r < rows; r += group) {
    const int64_t n = std::min(group, rows - r), from = at + r * stride;
    int64_t j = 0;
    for (; j + LOOPS_TILE * 16 <= lanes; j += LOOPS_TILE * 16) {
      GradientTile<LOOPS_TILE, false, MaskByX, Stream>(a, from, j, n, stride, 16);
    }
    for (; j + 16 <= lanes; j += 16) GradientTile<1, false, MaskByX, Stream>(a, from, j, n, stride, 16);
    if (j < lanes) GradientTile<1, true, MaskByX, Stream>(a, from, j, n, stride, lanes - j);
  }
  if (Stream) EndStream();
}

template <bool MaskByX>
LOOPS_INLINE void GradientEither(const GradientArguments& a, int64_t at, int64_t rows, int64_t lanes, int64_t stride) {
  a.stream ? GradientRows<MaskByX, true>(a, at, rows, lanes, stride)
           : GradientRows<MaskByX, false>(a, at, rows, lanes, stride);
}

LOOPS_TARGET static void Gradient(const GradientArguments& a, int64_t at, int64_t rows, int64_t lanes, int64_t stride) {
  a.mask == GradientMask::kByX ? GradientEither<true>(a, at, rows, lanes, stride)
                               : GradientEither<false>(a, at, rows, lanes, stride);
}

constexpr Loops kLoops = {Moments, Normalise, GradientSums, Gradient};

#undef LOOPS_INLINE

}  // namespace LOOPS_NAMESPACE
}  // namespace training_kernels
