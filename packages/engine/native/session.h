// A TensorFlow session with a thread of its own, which does one run after the other in the order they were asked for.
#pragma once

#include <tensorflow/c/c_api.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "errors.h"
#include "graph.h"
#include "tensors.h"

namespace superconvergence {

// What one run takes and gives.
struct Run {
  std::vector<TF_Output> feeds;
  std::vector<Tensor> values;
  std::vector<TF_Output> fetches;
  std::vector<TF_Operation*> targets;

  std::vector<Tensor> results;
  std::optional<TensorFlowError> error;
};

class Session {
 public:
  // `config`: a serialised ConfigProto.
  Session(std::shared_ptr<Graph> graph, const std::string& config);
  ~Session() { Cancel(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Graph& graph() { return *graph_; }

  // `run` stays the caller's; `done` is called on the session's thread as soon as it has its results or its error.
  // Not after Close or Cancel.
  void Start(Run* run, std::function<void()> done);
  // Waits until everything asked for earlier, and this, is done.
  void RunAndWait(Run* run);

  // Finishes what was asked for; frees the session and the variables in it.
  void Close();
  // Waits only for what is running (TensorFlow ends it early where an operation waits for something); everything
  // behind it gets an error.
  void Cancel();
  // Cancels what has not begun and waits for the rest; the session stays open. No thread may be inside TensorFlow when
  // the process ends, because that destroys TensorFlow's static objects.
  void DropRuns();

 private:
  struct Task {
    Run* run;
    std::function<void()> done;
  };
  void Work();
  void Execute(Run* run);
  void Stop(bool cancel);

  const std::shared_ptr<Graph> graph_;
  TF_Session* session_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> queue_;
  bool stopping_ = false, cancelled_ = false;
  std::thread thread_;
};

}  // namespace superconvergence
