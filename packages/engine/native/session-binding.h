// A session as JavaScript holds it: runs as promises.
#pragma once

#include <node_api.h>

#include <memory>
#include <string>

#include "session.h"

namespace superconvergence {

class SessionBinding {
 public:
  // The external that JavaScript gets.
  static napi_value Make(napi_env env, std::shared_ptr<Graph> graph, const std::string& config);
  ~SessionBinding();
  SessionBinding(const SessionBinding&) = delete;
  SessionBinding& operator=(const SessionBinding&) = delete;

  // feeds: { name: tensor }, fetches and targets: arrays of names; a promise of an array of tensors.
  napi_value Run(napi_value feeds, napi_value fetches, napi_value targets);
  napi_value RunSync(napi_value feeds, napi_value fetches, napi_value targets);
  void DropRuns() { session_.DropRuns(); }
  void Close() { Stop(false); }

 private:
  struct PendingRun;

  SessionBinding(napi_env env, std::shared_ptr<Graph> graph, const std::string& config);
  superconvergence::Run ReadRun(napi_value feeds, napi_value fetches, napi_value targets);
  static napi_value TakeResults(napi_env env, superconvergence::Run& run);
  static void Settle(napi_env env, napi_value, void* context, void* data);
  static void OnEnvironmentExit(void* binding) { static_cast<SessionBinding*>(binding)->Stop(true); }
  void Hold();
  void Release();
  void Stop(bool cancel);

  napi_env env_;
  // Calls Settle on JavaScript's thread; keeps Node running only while a run is pending.
  napi_threadsafe_function settle_ = nullptr;
  // Strong while a run is pending, so that a session nobody holds any more isn't collected in the middle.
  napi_ref self_ = nullptr;
  size_t pending_ = 0;
  bool open_ = true;
  Session session_;
};

}  // namespace superconvergence
