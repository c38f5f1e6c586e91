// Runs the blocks of an operation on several threads. The stable C API gives kernels no access to TensorFlow's own pool.
#pragma once

#include <cstdint>

namespace training_kernels {

// The number of threads to use where an operation's `threads` attribute says 0: TF_NUM_INTRAOP_THREADS, else the CPUs
// this process may run on.
int DefaultThreads();

// Calls run(context, block) once for every block in [0, blocks), on at most `threads` threads, the caller among them,
// and returns when all have finished. Which thread runs which block is left to chance: a result must depend on the
// blocks alone. Blocks are handed out in descending order where `descending` says so: what a preceding ascending pass
// read last is still in the cache. Safe from several threads at once.
void RunBlocks(int threads, int64_t blocks, bool descending, void (*run)(void* context, int64_t block), void* context);

// The same for a callable.
template <typename Run>
void ForBlocks(int threads, int64_t blocks, bool descending, Run&& run) {
  RunBlocks(
      threads, blocks, descending, [](void* context, int64_t block) { (*static_cast<Run*>(context))(block); }, &run);
}

}  // namespace training_kernels
