#include "tensors.h"

#include <cstring>
#include <limits>

#include "errors.h"
#include "values.h"

namespace superconvergence {
namespace {

struct Layout {
  TF_DataType dtype;
  napi_typedarray_type array;
  const char* array_name;
  size_t bytes_per_array_element;
  size_t array_elements_per_value;
};

constexpr Layout kLayouts[] = {
    {TF_FLOAT, napi_float32_array, "Float32Array", 4, 1},   {TF_DOUBLE, napi_float64_array, "Float64Array", 8, 1},
    {TF_INT32, napi_int32_array, "Int32Array", 4, 1},       {TF_UINT8, napi_uint8_array, "Uint8Array", 1, 1},
    {TF_INT64, napi_bigint64_array, "BigInt64Array", 8, 1}, {TF_BOOL, napi_uint8_array, "Uint8Array", 1, 1},
    {TF_BFLOAT16, napi_uint16_array, "Uint16Array", 2, 1},  {TF_HALF, napi_uint16_array, "Uint16Array", 2, 1},
    {TF_UINT16, napi_uint16_array, "Uint16Array", 2, 1},    {TF_COMPLEX64, napi_float32_array, "Float32Array", 4, 2},
};

const Layout* FindLayout(TF_DataType dtype) {
  for (const Layout& layout : kLayouts) {
    if (layout.dtype == dtype) return &layout;
  }
  return nullptr;
}

size_t CountValues(const std::vector<int64_t>& shape, const std::string& what) {
  constexpr size_t kMost = std::numeric_limits<int64_t>::max() / 16;
  size_t count = 1;
  for (const int64_t size : shape) {
    const auto factor = static_cast<size_t>(size);
    if (factor != 0 && count > kMost / factor) throw RangeError(what + ": the shape " + DescribeShape(shape) + " is too large.");
    count *= factor;
  }
  return count;
}

}  // namespace

bool HasTypedArray(TF_DataType dtype) { return FindLayout(dtype) != nullptr; }

std::string DescribeShape(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::vector<int64_t> ShapeOf(const TF_Tensor* tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor));
  for (size_t index = 0; index < shape.size(); index++) shape[index] = TF_Dim(tensor, static_cast<int>(index));
  return shape;
}

TF_DataType ReadDataType(napi_env env, napi_value value, const std::string& what) {
  const int64_t number = ReadInteger(env, value, what);
  if (number < TF_FLOAT || number > TF_FLOAT4_E2M1FN) {
    throw RangeError(what + " is " + std::to_string(number) + ", which is no data type of TensorFlow.");
  }
  return static_cast<TF_DataType>(number);
}

std::vector<int64_t> ReadShape(napi_env env, napi_value value, const std::string& what, bool allow_unknown) {
  std::vector<int64_t> shape = ReadList(env, value, what, ReadInteger);
  for (const int64_t size : shape) {
    if (size < (allow_unknown ? -1 : 0)) throw RangeError(what + " is " + DescribeShape(shape) + "; no size may be negative.");
  }
  return shape;
}

Tensor ReadTensor(napi_env env, napi_value value, const std::string& what) {
  const TF_DataType dtype = ReadDataType(env, GetProperty(env, value, "dtype"), what + ": dtype");
  const Layout* layout = FindLayout(dtype);
  if (layout == nullptr) throw RangeError(what + ": data type " + std::to_string(dtype) + " has no typed array.");
  const std::vector<int64_t> shape = ReadShape(env, GetProperty(env, value, "shape"), what + ": shape", false);
  napi_value data = GetProperty(env, value, "data");
  bool is_typed_array = false;
  Check(env, napi_is_typedarray(env, data, &is_typed_array));
  napi_typedarray_type type{};
  size_t length = 0;
  void* bytes = nullptr;
  if (is_typed_array) Check(env, napi_get_typedarray_info(env, data, &type, &length, &bytes, nullptr, nullptr));
  if (!is_typed_array || type != layout->array) {
    throw TypeError(what + ": data of data type " + std::to_string(dtype) + " must be a " + layout->array_name + ".");
  }
  const size_t expected = CountValues(shape, what) * layout->array_elements_per_value;
  if (length != expected) {
    throw RangeError(what + ": data has " + std::to_string(length) + " elements; the shape " + DescribeShape(shape) +
                     " takes " + std::to_string(expected) + ".");
  }
  const size_t size = length * layout->bytes_per_array_element;
  Tensor tensor(TF_AllocateTensor(dtype, shape.data(), static_cast<int>(shape.size()), size));
  if (tensor == nullptr) throw TensorFlowError(TF_RESOURCE_EXHAUSTED, what + ": no memory for its data");
  if (size > 0) std::memcpy(TF_TensorData(tensor.get()), bytes, size);
  return tensor;
}

napi_value MakeTensor(napi_env env, const TF_Tensor* tensor) {
  const TF_DataType dtype = TF_TensorType(tensor);
  const Layout* layout = FindLayout(dtype);
  if (layout == nullptr) {
    throw TensorFlowError(TF_UNIMPLEMENTED, "data type " + std::to_string(dtype) + " has no typed array");
  }
  const size_t size = TF_TensorByteSize(tensor);
  void* bytes = nullptr;
  napi_value buffer, data;
  Check(env, napi_create_arraybuffer(env, size, &bytes, &buffer));
  if (size > 0) std::memcpy(bytes, TF_TensorData(tensor), size);
  Check(env, napi_create_typedarray(env, layout->array, size / layout->bytes_per_array_element, buffer, 0, &data));
  return MakeObject(env, {{"dtype", MakeInteger(env, dtype)}, {"shape", MakeArray(env, ShapeOf(tensor), MakeInteger)}, {"data", data}});
}

}  // namespace superconvergence
