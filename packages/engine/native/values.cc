#include "values.h"

#include <cmath>

#include "errors.h"

namespace superconvergence {
namespace {

napi_valuetype TypeOf(napi_env env, napi_value value) {
  napi_valuetype type;
  Check(env, napi_typeof(env, value, &type));
  return type;
}

void Expect(napi_env env, napi_value value, napi_valuetype type, const std::string& what, const char* name) {
  if (TypeOf(env, value) != type) throw TypeError(what + " must be " + name + ".");
}

constexpr double kLargestExact = 9007199254740991.0;  // Number.MAX_SAFE_INTEGER

}  // namespace

bool IsNullish(napi_env env, napi_value value) {
  const napi_valuetype type = TypeOf(env, value);
  return type == napi_undefined || type == napi_null;
}

bool IsArray(napi_env env, napi_value value) {
  bool result = false;
  Check(env, napi_is_array(env, value, &result));
  return result;
}

bool ReadBool(napi_env env, napi_value value, const std::string& what) {
  Expect(env, value, napi_boolean, what, "true or false");
  bool result = false;
  Check(env, napi_get_value_bool(env, value, &result));
  return result;
}

double ReadNumber(napi_env env, napi_value value, const std::string& what) {
  Expect(env, value, napi_number, what, "a number");
  double result = 0;
  Check(env, napi_get_value_double(env, value, &result));
  return result;
}

int64_t ReadInteger(napi_env env, napi_value value, const std::string& what) {
  const double number = ReadNumber(env, value, what);
  if (std::trunc(number) != number || std::abs(number) > kLargestExact) {
    throw RangeError(what + " is " + std::to_string(number) + "; it must be a whole number.");
  }
  return static_cast<int64_t>(number);
}

std::string ReadString(napi_env env, napi_value value, const std::string& what) {
  Expect(env, value, napi_string, what, "a string");
  size_t length = 0;
  Check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string result(length + 1, '\0');  // Node writes a final zero as well.
  Check(env, napi_get_value_string_utf8(env, value, result.data(), result.size(), &length));
  result.resize(length);
  return result;
}

std::string ReadBytes(napi_env env, napi_value value, const std::string& what) {
  bool is_typed_array = false;
  Check(env, napi_is_typedarray(env, value, &is_typed_array));
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  if (is_typed_array) Check(env, napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr));
  if (type != napi_uint8_array) throw TypeError(what + " must be a Uint8Array.");
  return length == 0 ? std::string() : std::string(static_cast<const char*>(data), length);
}

napi_value GetProperty(napi_env env, napi_value object, const char* name) {
  napi_value value;
  Check(env, napi_get_named_property(env, object, name, &value));
  return value;
}

std::vector<napi_value> ReadArray(napi_env env, napi_value value, const std::string& what) {
  if (!IsArray(env, value)) throw TypeError(what + " must be an array.");
  uint32_t length = 0;
  Check(env, napi_get_array_length(env, value, &length));
  std::vector<napi_value> elements(length);
  for (uint32_t index = 0; index < length; index++) {
    Check(env, napi_get_element(env, value, index, &elements[index]));
  }
  return elements;
}

std::vector<std::pair<std::string, napi_value>> ReadEntries(napi_env env, napi_value object, const std::string& what) {
  std::vector<std::pair<std::string, napi_value>> entries;
  if (IsNullish(env, object)) return entries;
  Expect(env, object, napi_object, what, "an object");
  napi_value names;
  Check(env, napi_get_all_property_names(env, object, napi_key_own_only,
                                         static_cast<napi_key_filter>(napi_key_enumerable | napi_key_skip_symbols),
                                         napi_key_numbers_to_strings, &names));
  for (napi_value name : ReadArray(env, names, what)) {
    napi_value value;
    Check(env, napi_get_property(env, object, name, &value));
    entries.emplace_back(ReadString(env, name, what), value);
  }
  return entries;
}

std::vector<std::string> ReadOptionalStrings(napi_env env, napi_value value, const std::string& what) {
  if (IsNullish(env, value)) return {};
  return ReadList(env, value, what, ReadString);
}

napi_value Undefined(napi_env env) {
  napi_value value;
  Check(env, napi_get_undefined(env, &value));
  return value;
}

napi_value MakeInteger(napi_env env, int64_t number) {
  napi_value value;
  Check(env, napi_create_int64(env, number, &value));
  return value;
}

napi_value MakeObject(napi_env env, const std::vector<std::pair<const char*, napi_value>>& properties) {
  napi_value object;
  Check(env, napi_create_object(env, &object));
  for (const auto& [name, value] : properties) Check(env, napi_set_named_property(env, object, name, value));
  return object;
}

}  // namespace superconvergence
