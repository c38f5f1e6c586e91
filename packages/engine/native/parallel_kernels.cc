#include "parallel_kernels.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>

namespace training_kernels {
namespace {

constexpr int kMaxThreads = 256;
// Long enough to bridge the passes of one operation, too short to take a core from the convolution that follows.
constexpr std::chrono::microseconds kSpin(20);

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

struct Job {
  void (*run)(void*, int64_t);
  void* context;
  int64_t blocks;
  bool descending;
  // Denormals are flushed in TensorFlow's threads: a worker must round as the caller does.
  std::fenv_t rounding;
  std::atomic<int64_t> next{0};
  std::atomic<int> helpers{0};
  int places;
  Job* older = nullptr;

  void RunAll() {
    for (;;) {
      const int64_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= blocks) return;
      run(context, descending ? blocks - 1 - i : i);
    }
  }
};

class Pool {
 public:
  void Run(Job* job) {
    Post(job);
    job->RunAll();
    Withdraw(job);
    // What helpers still do is less than one block each.
    for (int i = 0; job->helpers.load(std::memory_order_acquire) > 0; i++) {
      if (i < 1000) {
        Pause();
      } else {
        sched_yield();
      }
    }
  }

 private:
  void Post(Job* job) {
    int wake;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      StartWorkers(job->places);
      job->older = newest_;
      newest_ = job;
      posted_.fetch_add(1, std::memory_order_release);
      wake = std::min(job->places, asleep_);
    }
    for (int i = 0; i < wake; i++) wake_.notify_one();
  }

  void Withdraw(Job* job) {
    std::lock_guard<std::mutex> lock(mutex_);
    Job** link = &newest_;
    while (*link != job) link = &(*link)->older;
    *link = job->older;
  }

  // Holding mutex_.
  void StartWorkers(int wanted) {
    if (workers_ >= wanted) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      for (; workers_ < wanted; workers_++) std::thread([this] { Work(); }).detach();
    } catch (const std::system_error&) {
      // No more threads to be had: those that are there, and the caller, do the work.
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  // Holding mutex_.
  Job* Take() {
    for (Job* job = newest_; job; job = job->older) {
      if (job->places == 0 || job->next.load(std::memory_order_relaxed) >= job->blocks) continue;
      job->places--;
      job->helpers.fetch_add(1, std::memory_order_relaxed);
      return job;
    }
    return nullptr;
  }

  void Work() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      if (Job* job = Take()) {
        lock.unlock();
        std::fesetenv(&job->rounding);
        job->RunAll();
        job->helpers.fetch_sub(1, std::memory_order_release);
        lock.lock();
        continue;
      }
      const uint64_t seen = posted_.load(std::memory_order_relaxed);
      lock.unlock();
      const bool more = SpinUntilPosted(seen);
      lock.lock();
      if (more || posted_.load(std::memory_order_relaxed) != seen) continue;
      asleep_++;
      wake_.wait(lock, [&] { return posted_.load(std::memory_order_relaxed) != seen; });
      asleep_--;
    }
  }

  bool SpinUntilPosted(uint64_t seen) {
    const auto end = std::chrono::steady_clock::now() + kSpin;
    do {
      for (int i = 0; i < 16; i++) {
        if (posted_.load(std::memory_order_acquire) != seen) return true;
        Pause();
      }
    } while (std::chrono::steady_clock::now() < end);
    return false;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> posted_{0};
  Job* newest_ = nullptr;
  int workers_ = 0;
  int asleep_ = 0;
};

int CountCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

int DefaultThreads() {
  static const int threads = [] {
    const char* text = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = text ? std::atoi(text) : 0;
    return std::min(wanted > 0 ? wanted : CountCpus(), kMaxThreads);
  }();
  return threads;
}

void RunBlocks(int threads, int64_t blocks, bool descending, void (*run)(void*, int64_t), void* context) {
  const int wanted = std::min(threads > 0 ? threads : DefaultThreads(), kMaxThreads);
  const int useful = static_cast<int>(std::min<int64_t>(wanted, blocks));
  if (useful <= 1) {
    for (int64_t i = 0; i < blocks; i++) run(context, descending ? blocks - 1 - i : i);
    return;
  }
  // Never destroyed: workers outlive the static objects of a process that exits.
  static Pool* const pool = new Pool;
  Job job;
  job.run = run;
  job.context = context;
  job.blocks = blocks;
  job.descending = descending;
  job.places = useful - 1;
  std::fegetenv(&job.rounding);
  pool->Run(&job);
}

}  // namespace training_kernels
