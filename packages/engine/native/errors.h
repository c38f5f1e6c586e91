// TensorFlow's and JavaScript's errors as C++ exceptions, and back.
#pragma once

#include <node_api.h>
#include <tensorflow/c/c_api.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace superconvergence {

// What TensorFlow, or a look into its graph, refuses. JavaScript gets an Error whose `code` names TensorFlow's code.
class TensorFlowError : public std::runtime_error {
 public:
  TensorFlowError(TF_Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  TF_Code code() const { return code_; }

 private:
  TF_Code code_;
};

// Arguments that JavaScript gets a RangeError or a TypeError for.
class RangeError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};
class TypeError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A JavaScript exception is on its way already.
class PendingException {};

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  TF_Status* get() { return status_.get(); }
  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }
  TensorFlowError error(const std::string& prefix = "") const {
    return {TF_GetCode(status_.get()), prefix + TF_Message(status_.get())};
  }
  void check(const std::string& prefix = "") const {
    if (!ok()) throw error(prefix);
  }

 private:
  struct Deleter {
    void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
  };
  std::unique_ptr<TF_Status, Deleter> status_;
};

// Throws where a call of Node-API failed.
void Check(napi_env env, napi_status status);

// The exception being handled, as a JavaScript error; for use in a catch block. Null where one is pending already.
napi_value CurrentExceptionAsError(napi_env env);

// A function of the addon: arguments in, a value out, C++ exceptions thrown in JavaScript.
template <napi_value (*function)(napi_env, napi_callback_info)>
napi_value Guarded(napi_env env, napi_callback_info info) noexcept {
  try {
    return function(env, info);
  } catch (...) {
    napi_value error = CurrentExceptionAsError(env);
    if (error != nullptr) napi_throw(env, error);
    return nullptr;
  }
}

}  // namespace superconvergence
