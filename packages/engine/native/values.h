// JavaScript values to C++ values. `what` names the value in the error that a wrong one throws.
#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace superconvergence {

// The arguments of a call; those that were not given are undefined.
template <size_t count>
std::array<napi_value, count> ReadArguments(napi_env env, napi_callback_info info);

bool IsNullish(napi_env env, napi_value value);
bool IsArray(napi_env env, napi_value value);

bool ReadBool(napi_env env, napi_value value, const std::string& what);
double ReadNumber(napi_env env, napi_value value, const std::string& what);
// A number without fraction that a double holds exactly.
int64_t ReadInteger(napi_env env, napi_value value, const std::string& what);
std::string ReadString(napi_env env, napi_value value, const std::string& what);
// A Uint8Array's bytes.
std::string ReadBytes(napi_env env, napi_value value, const std::string& what);

napi_value GetProperty(napi_env env, napi_value object, const char* name);
std::vector<napi_value> ReadArray(napi_env env, napi_value value, const std::string& what);
// Own enumerable properties; none of undefined and null.
std::vector<std::pair<std::string, napi_value>> ReadEntries(napi_env env, napi_value object, const std::string& what);

template <typename Reader>
auto ReadList(napi_env env, napi_value value, const std::string& what, Reader read) {
  std::vector<decltype(read(env, value, what))> list;
  for (napi_value element : ReadArray(env, value, what)) list.push_back(read(env, element, what));
  return list;
}

// Strings of an array; none of undefined and null.
std::vector<std::string> ReadOptionalStrings(napi_env env, napi_value value, const std::string& what);

napi_value Undefined(napi_env env);
napi_value MakeInteger(napi_env env, int64_t value);
napi_value MakeObject(napi_env env, const std::vector<std::pair<const char*, napi_value>>& properties);
template <typename List, typename Maker>
napi_value MakeArray(napi_env env, const List& list, Maker make);

// An object of C++ that JavaScript holds; `value` is deleted with the last reference to it there.
template <typename Type>
napi_value MakeExternal(napi_env env, std::unique_ptr<Type> value);
template <typename Type>
Type& ReadExternal(napi_env env, napi_value value);

}  // namespace superconvergence

#include "values-inl.h"
