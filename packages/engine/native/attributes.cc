#include "attributes.h"

#include "errors.h"
#include "values.h"

namespace superconvergence {
namespace {

float ReadFloat(napi_env env, napi_value value, const std::string& what) {
  return static_cast<float>(ReadNumber(env, value, what));
}

unsigned char ReadBoolByte(napi_env env, napi_value value, const std::string& what) {
  return ReadBool(env, value, what) ? 1 : 0;
}

PartialShape ReadPartialShape(napi_env env, napi_value value, const std::string& what) {
  if (IsNullish(env, value)) return {};
  return {ReadShape(env, value, what, true)};
}

template <typename Reader>
AttributeValue ReadOneOrMany(napi_env env, napi_value value, const std::string& what, Reader read) {
  if (IsArray(env, value)) return ReadList(env, value, what, read);
  return read(env, value, what);
}

AttributeValue ReadAttribute(napi_env env, napi_value attribute, const std::string& what) {
  const std::string type = ReadString(env, GetProperty(env, attribute, "type"), what + ": type");
  napi_value value = GetProperty(env, attribute, "value");
  if (type == "bool") {
    if (IsArray(env, value)) return ReadList(env, value, what, ReadBoolByte);
    return ReadBool(env, value, what);
  }
  if (type == "int") return ReadOneOrMany(env, value, what, ReadInteger);
  if (type == "float") return ReadOneOrMany(env, value, what, ReadFloat);
  if (type == "string") return ReadOneOrMany(env, value, what, ReadString);
  if (type == "type") return ReadOneOrMany(env, value, what, ReadDataType);
  if (type == "shape") return ReadPartialShape(env, value, what);
  if (type == "tensor") return ReadTensor(env, value, what);
  throw RangeError(what + ": there is no attribute of type '" + type + "'.");
}

// One overload for every type of AttributeValue.
struct Setter {
  TF_OperationDescription* description;
  const char* name;
  TF_Status* status;

  void operator()(bool value) const { TF_SetAttrBool(description, name, value ? 1 : 0); }
  void operator()(int64_t value) const { TF_SetAttrInt(description, name, value); }
  void operator()(float value) const { TF_SetAttrFloat(description, name, value); }
  void operator()(const std::string& value) const { TF_SetAttrString(description, name, value.data(), value.size()); }
  void operator()(TF_DataType value) const { TF_SetAttrType(description, name, value); }
  void operator()(const PartialShape& shape) const {
    if (!shape.sizes.has_value()) return TF_SetAttrShape(description, name, nullptr, -1);
    TF_SetAttrShape(description, name, shape.sizes->data(), static_cast<int>(shape.sizes->size()));
  }
  void operator()(const Tensor& tensor) const {
    TF_SetAttrTensor(description, name, tensor.get(), status);
  }
  void operator()(const std::vector<unsigned char>& values) const {
    TF_SetAttrBoolList(description, name, values.data(), static_cast<int>(values.size()));
  }
  void operator()(const std::vector<int64_t>& values) const {
    TF_SetAttrIntList(description, name, values.data(), static_cast<int>(values.size()));
  }
  void operator()(const std::vector<float>& values) const {
    TF_SetAttrFloatList(description, name, values.data(), static_cast<int>(values.size()));
  }
  void operator()(const std::vector<std::string>& values) const {
    std::vector<const void*> texts;
    std::vector<size_t> lengths;
    for (const std::string& value : values) {
      texts.push_back(value.data());
      lengths.push_back(value.size());
    }
    TF_SetAttrStringList(description, name, texts.data(), lengths.data(), static_cast<int>(values.size()));
  }
  void operator()(const std::vector<TF_DataType>& values) const {
    TF_SetAttrTypeList(description, name, values.data(), static_cast<int>(values.size()));
  }
};

}  // namespace

std::vector<Attribute> ReadAttributes(napi_env env, napi_value attributes, const std::string& operation) {
  std::vector<Attribute> result;
  for (const auto& [name, value] : ReadEntries(env, attributes, operation + ": attributes")) {
    if (IsNullish(env, value)) continue;
    result.push_back({name, ReadAttribute(env, value, operation + ": attribute " + name)});
  }
  return result;
}

void SetAttribute(TF_OperationDescription* description, const Attribute& attribute, TF_Status* status) {
  std::visit(Setter{description, attribute.name.c_str(), status}, attribute.value);
}

}  // namespace superconvergence
