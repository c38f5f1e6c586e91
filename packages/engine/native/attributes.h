// Attributes of an operation: from JavaScript's { type, value } to TensorFlow's.
#pragma once

#include <node_api.h>
#include <tensorflow/c/c_api.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tensors.h"

namespace superconvergence {

// Sizes, or nothing where even their number is unknown.
struct PartialShape {
  std::optional<std::vector<int64_t>> sizes;
};

using AttributeValue =
    std::variant<bool, int64_t, float, std::string, TF_DataType, PartialShape, Tensor, std::vector<unsigned char>,
                 std::vector<int64_t>, std::vector<float>, std::vector<std::string>, std::vector<TF_DataType>>;

struct Attribute {
  std::string name;
  AttributeValue value;
};

std::vector<Attribute> ReadAttributes(napi_env env, napi_value attributes, const std::string& operation);

// `status` is for a tensor that TensorFlow doesn't take; every other complaint comes from TF_FinishOperation.
void SetAttribute(TF_OperationDescription* description, const Attribute& attribute, TF_Status* status);

}  // namespace superconvergence
