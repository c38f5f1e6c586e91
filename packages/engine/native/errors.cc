#include "errors.h"

#include <array>

namespace superconvergence {
namespace {

// In the order of TF_Code (tensorflow/c/tf_status.h), which starts at 0.
constexpr std::array<const char*, 17> kCodeNames = {
    "OK",           "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",   "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",      "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL",      "UNAVAILABLE",       "DATA_LOSS",          "UNAUTHENTICATED"};

napi_value MakeString(napi_env env, const std::string& text) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &value);
  return value;
}

const char* CodeName(TF_Code code) {
  const auto index = static_cast<size_t>(code);
  return index < kCodeNames.size() ? kCodeNames[index] : "UNKNOWN";
}

}  // namespace

void Check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) throw PendingException();
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  const bool explained = info != nullptr && info->error_message != nullptr;
  throw TypeError(explained ? info->error_message : "Node refused a call of the addon");
}

napi_value CurrentExceptionAsError(napi_env env) {
  napi_value error = nullptr;
  try {
    throw;
  } catch (const PendingException&) {
  } catch (const TensorFlowError& exception) {
    napi_create_error(env, MakeString(env, CodeName(exception.code())), MakeString(env, exception.what()), &error);
  } catch (const RangeError& exception) {
    napi_create_range_error(env, nullptr, MakeString(env, exception.what()), &error);
  } catch (const TypeError& exception) {
    napi_create_type_error(env, nullptr, MakeString(env, exception.what()), &error);
  } catch (const std::exception& exception) {
    napi_create_error(env, nullptr, MakeString(env, exception.what()), &error);
  }
  return error;
}

}  // namespace superconvergence
