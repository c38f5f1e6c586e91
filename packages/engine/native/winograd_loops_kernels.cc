// The inner loops of Winograd convolutions for each instruction set, and the memory they work in.
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include "winograd_kernels.h"

// Vectors of 64 bytes never cross a function boundary that isn't inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

#if defined(__x86_64__)
#define LOOPS_NAMESPACE avx512
#define LOOPS_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define LOOPS_ROWS 12
#define LOOPS_WIDE 2
#define LOOPS_OUTER_ROWS 8
#define LOOPS_OUTER_ROWS_OF_1 16
#define LOOPS_OUTER_WIDE 3
#include "winograd_loops_kernels.h"
#undef LOOPS_NAMESPACE
#undef LOOPS_TARGET
#undef LOOPS_ROWS
#undef LOOPS_WIDE
#undef LOOPS_OUTER_ROWS
#undef LOOPS_OUTER_ROWS_OF_1
#undef LOOPS_OUTER_WIDE
#define LOOPS_NAMESPACE avx2
#define LOOPS_TARGET __attribute__((target("avx2,fma")))
#define LOOPS_ROWS 4
#define LOOPS_WIDE 1
#define LOOPS_OUTER_ROWS 4
#define LOOPS_OUTER_ROWS_OF_1 4
#define LOOPS_OUTER_WIDE 1
#include "winograd_loops_kernels.h"
#undef LOOPS_NAMESPACE
#undef LOOPS_TARGET
#undef LOOPS_ROWS
#undef LOOPS_WIDE
#undef LOOPS_OUTER_ROWS
#undef LOOPS_OUTER_ROWS_OF_1
#undef LOOPS_OUTER_WIDE
#endif
#define LOOPS_NAMESPACE plain
#define LOOPS_TARGET
#define LOOPS_ROWS 4
#define LOOPS_WIDE 1
#define LOOPS_OUTER_ROWS 2
#define LOOPS_OUTER_ROWS_OF_1 2
#define LOOPS_OUTER_WIDE 1
#include "winograd_loops_kernels.h"

namespace training_kernels {
namespace {

const WinogradLoops& ChooseLoops() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) {
    return avx512::kWinogradLoops;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kWinogradLoops;
#endif
  return plain::kWinogradLoops;
}

// What is kept: enough for the blocks of every thread of most operations; fresh memory is paid for page by page.
constexpr size_t kKeptBytes = size_t{48} << 20, kPage = size_t{2} << 20;

struct Piece {
  float* data;
  size_t bytes;
};

struct Pool {
  std::mutex mutex;
  std::vector<Piece> pieces;
  size_t bytes = 0;
};

Pool& ThePool() {
  static Pool* const pool = new Pool;  // Never destroyed: threads outlive the static objects of a process that exits.
  return *pool;
}

float* Allocate(size_t bytes) {
  void* const data = std::aligned_alloc(kPage, bytes);
  if (!data) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<float*>(data);
}

}  // namespace

const WinogradLoops& TheWinogradLoops() {
  static const WinogradLoops& loops = ChooseLoops();
  return loops;
}

Scratch::Scratch(int64_t floats) : data_(nullptr), bytes_((floats * sizeof(float) + kPage - 1) / kPage * kPage) {
  if (bytes_ == 0) return;
  Pool& pool = ThePool();
  {
    std::lock_guard<std::mutex> lock(pool.mutex);
    for (size_t i = pool.pieces.size(); i-- > 0;) {
      if (pool.pieces[i].bytes != bytes_) continue;
      data_ = pool.pieces[i].data;
      pool.pieces.erase(pool.pieces.begin() + i);
      pool.bytes -= bytes_;
      return;
    }
  }
  data_ = Allocate(bytes_);
}

Scratch::~Scratch() {
  if (!data_) return;
  std::vector<Piece> surplus;
  {
    Pool& pool = ThePool();
    std::lock_guard<std::mutex> lock(pool.mutex);
    pool.pieces.push_back({data_, bytes_});
    pool.bytes += bytes_;
    while (pool.bytes > kKeptBytes) {
      surplus.push_back(pool.pieces.front());
      pool.bytes -= pool.pieces.front().bytes;
      pool.pieces.erase(pool.pieces.begin());
    }
  }
  for (const Piece& piece : surplus) std::free(piece.data);
}

bool ExpectImages(Execution& execution, const char* name, const Tensor& tensor) {
  if (!execution.ok()) return false;
  if (TF_NumDims(tensor.get()) == 4) return true;
  execution.Fail(std::string(name) + " has the shape " + DimsText(tensor) + ", not 4 dimensions, channels last");
  return false;
}

}  // namespace training_kernels
