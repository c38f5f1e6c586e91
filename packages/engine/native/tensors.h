// TensorFlow's tensors and JavaScript's { dtype, shape, data }.
#pragma once

#include <node_api.h>
#include <tensorflow/c/c_api.h>

#include <memory>
#include <string>
#include <vector>

namespace superconvergence {

struct TensorDeleter {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
};
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

// Whether JavaScript has a typed array for this data type; strings, resources and variants have none.
bool HasTypedArray(TF_DataType dtype);

// A shape in words; -1 stands for an unknown size.
std::string DescribeShape(const std::vector<int64_t>& shape);

// A number that TensorFlow knows as a data type.
TF_DataType ReadDataType(napi_env env, napi_value value, const std::string& what);

// Sizes of a shape; -1, where allowed, stands for an unknown size.
std::vector<int64_t> ReadShape(napi_env env, napi_value value, const std::string& what, bool allow_unknown);

// A copy of JavaScript's data. Throws where shape, data type and data don't fit together.
Tensor ReadTensor(napi_env env, napi_value value, const std::string& what);

std::vector<int64_t> ShapeOf(const TF_Tensor* tensor);

// A copy of TensorFlow's data.
napi_value MakeTensor(napi_env env, const TF_Tensor* tensor);

}  // namespace superconvergence
