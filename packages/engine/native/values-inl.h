// The templates of values.h.
#pragma once

#include "errors.h"
#include "values.h"

namespace superconvergence {

template <size_t count>
std::array<napi_value, count> ReadArguments(napi_env env, napi_callback_info info) {
  std::array<napi_value, count> arguments;
  size_t given = count;
  Check(env, napi_get_cb_info(env, info, &given, arguments.data(), nullptr, nullptr));
  return arguments;
}

template <typename List, typename Maker>
napi_value MakeArray(napi_env env, const List& list, Maker make) {
  napi_value array;
  Check(env, napi_create_array_with_length(env, list.size(), &array));
  uint32_t index = 0;
  for (const auto& element : list) Check(env, napi_set_element(env, array, index++, make(env, element)));
  return array;
}

template <typename Type>
napi_value MakeExternal(napi_env env, std::unique_ptr<Type> value) {
  napi_value external;
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<Type*>(data); };
  Check(env, napi_create_external(env, value.get(), finalize, nullptr, &external));
  value.release();
  return external;
}

template <typename Type>
Type& ReadExternal(napi_env env, napi_value value) {
  void* data = nullptr;
  Check(env, napi_get_value_external(env, value, &data));
  return *static_cast<Type*>(data);
}

}  // namespace superconvergence
