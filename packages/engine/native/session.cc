#include "session.h"

namespace superconvergence {
namespace {

TF_Session* NewSession(TF_Graph* graph, const std::string& config) {
  const auto delete_options = [](TF_SessionOptions* options) { TF_DeleteSessionOptions(options); };
  const std::unique_ptr<TF_SessionOptions, decltype(delete_options)> options(TF_NewSessionOptions(), delete_options);
  Status status;
  TF_SetConfig(options.get(), config.data(), config.size(), status.get());
  status.check();
  TF_Session* session = TF_NewSession(graph, options.get(), status.get());
  status.check();
  return session;
}

}  // namespace

Session::Session(std::shared_ptr<Graph> graph, const std::string& config)
    : graph_(std::move(graph)), session_(NewSession(graph_->get(), config)), thread_([this] { Work(); }) {}

void Session::Start(Run* run, std::function<void()> done) {
  const std::lock_guard lock(mutex_);
  queue_.push_back({run, std::move(done)});
  changed_.notify_one();
}

void Session::RunAndWait(Run* run) {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  Start(run, [&] {
    const std::lock_guard lock(mutex);
    done = true;
    finished.notify_one();
  });
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return done; });
}

void Session::Close() { Stop(false); }

void Session::Cancel() { Stop(true); }

void Session::DropRuns() {
  if (!thread_.joinable()) return;
  const auto set_cancelled = [this](bool cancelled) {
    const std::lock_guard lock(mutex_);
    cancelled_ = cancelled;
  };
  set_cancelled(true);
  Run last;
  RunAndWait(&last);
  set_cancelled(false);
}

void Session::Stop(bool cancel) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    cancelled_ = cancel;
  }
  changed_.notify_one();
  Status status;
  if (cancel) TF_CloseSession(session_, status.get());
  thread_.join();
  if (!cancel) TF_CloseSession(session_, status.get());
  TF_DeleteSession(session_, status.get());
}

void Session::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Task task = std::move(queue_.front());
    queue_.pop_front();
    const bool cancelled = cancelled_;
    lock.unlock();
    if (cancelled) task.run->error.emplace(TF_CANCELLED, "the session was closed");
    else Execute(task.run);
    task.done();
    lock.lock();
  }
}

void Session::Execute(Run* run) {
  std::vector<TF_Tensor*> values, results(run->fetches.size());
  for (const Tensor& value : run->values) values.push_back(value.get());
  Status status;
  TF_SessionRun(session_, nullptr, run->feeds.data(), values.data(), static_cast<int>(values.size()),
                run->fetches.data(), results.data(), static_cast<int>(results.size()), run->targets.data(),
                static_cast<int>(run->targets.size()), nullptr, status.get());
  run->values.clear();
  for (TF_Tensor* result : results) run->results.emplace_back(result);
  if (!status.ok()) run->error = status.error();
}

}  // namespace superconvergence
