#include "session-binding.h"

#include "values.h"

namespace superconvergence {

struct SessionBinding::PendingRun {
  SessionBinding* binding;
  napi_deferred deferred;
  superconvergence::Run run;
};

SessionBinding::SessionBinding(napi_env env, std::shared_ptr<Graph> graph, const std::string& config)
    : env_(env), session_(std::move(graph), config) {}

napi_value SessionBinding::Make(napi_env env, std::shared_ptr<Graph> graph, const std::string& config) {
  std::unique_ptr<SessionBinding> owned(new SessionBinding(env, std::move(graph), config));
  SessionBinding* binding = owned.get();
  napi_value name;
  Check(env, napi_create_string_utf8(env, "superconvergence session", NAPI_AUTO_LENGTH, &name));
  Check(env, napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, Settle,
                                             &binding->settle_));
  Check(env, napi_unref_threadsafe_function(env, binding->settle_));
  // After the function's own hook, so that this one runs before it.
  Check(env, napi_add_env_cleanup_hook(env, OnEnvironmentExit, binding));
  napi_value external = MakeExternal(env, std::move(owned));
  Check(env, napi_create_reference(env, external, 0, &binding->self_));
  return external;
}

SessionBinding::~SessionBinding() {
  Stop(true);
  if (self_ != nullptr) napi_delete_reference(env_, self_);
}

napi_value SessionBinding::Run(napi_value feeds, napi_value fetches, napi_value targets) {
  auto pending = std::make_unique<PendingRun>(PendingRun{this, nullptr, ReadRun(feeds, fetches, targets)});
  napi_value promise;
  Check(env_, napi_create_promise(env_, &pending->deferred, &promise));
  Hold();
  PendingRun* data = pending.release();
  session_.Start(&data->run, [this, data] {
    if (napi_call_threadsafe_function(settle_, data, napi_tsfn_nonblocking) != napi_ok) delete data;
  });
  return promise;
}

napi_value SessionBinding::RunSync(napi_value feeds, napi_value fetches, napi_value targets) {
  superconvergence::Run run = ReadRun(feeds, fetches, targets);
  session_.RunAndWait(&run);
  return TakeResults(env_, run);
}

superconvergence::Run SessionBinding::ReadRun(napi_value feeds, napi_value fetches, napi_value targets) {
  if (!open_) throw TensorFlowError(TF_FAILED_PRECONDITION, "the session is closed");
  const Graph& graph = session_.graph();
  superconvergence::Run run;
  for (const auto& [name, value] : ReadEntries(env_, feeds, "feeds")) {
    run.feeds.push_back(graph.FindOutput(name));
    run.values.push_back(ReadTensor(env_, value, "feed '" + name + "'"));
    graph.CheckFeed(run.feeds.back(), run.values.back().get(), name);
  }
  for (const std::string& name : ReadList(env_, fetches, "fetches", ReadString)) {
    run.fetches.push_back(graph.FindOutput(name));
    const TF_DataType dtype = TF_OperationOutputType(run.fetches.back());
    if (HasTypedArray(dtype)) continue;
    throw TensorFlowError(TF_INVALID_ARGUMENT, "'" + name + "' can't be fetched: its data type " +
                                                   std::to_string(dtype) + " has no typed array");
  }
  for (const std::string& name : ReadOptionalStrings(env_, targets, "targets")) {
    run.targets.push_back(graph.FindOperation(name));
  }
  return run;
}

napi_value SessionBinding::TakeResults(napi_env env, superconvergence::Run& run) {
  if (run.error.has_value()) throw *run.error;
  return MakeArray(env, run.results, [](napi_env env, const Tensor& tensor) { return MakeTensor(env, tensor.get()); });
}

void SessionBinding::Settle(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<PendingRun> pending(static_cast<PendingRun*>(data));
  if (env == nullptr) return;  // The environment is going; nobody waits any more.
  try {
    napi_value results = TakeResults(env, pending->run);
    napi_resolve_deferred(env, pending->deferred, results);
  } catch (...) {
    napi_value error = CurrentExceptionAsError(env);
    if (error != nullptr) napi_reject_deferred(env, pending->deferred, error);
  }
  pending->binding->Release();
}

void SessionBinding::Hold() {
  if (pending_++ > 0) return;
  napi_ref_threadsafe_function(env_, settle_);
  uint32_t count;
  napi_reference_ref(env_, self_, &count);
}

void SessionBinding::Release() {
  if (--pending_ > 0) return;
  if (open_) napi_unref_threadsafe_function(env_, settle_);
  uint32_t count;
  napi_reference_unref(env_, self_, &count);
}

void SessionBinding::Stop(bool cancel) {
  if (!open_) return;
  open_ = false;
  if (cancel) session_.Cancel();
  else session_.Close();
  if (settle_ == nullptr) return;
  napi_remove_env_cleanup_hook(env_, OnEnvironmentExit, this);
  napi_release_threadsafe_function(settle_, napi_tsfn_release);
}

}  // namespace superconvergence
