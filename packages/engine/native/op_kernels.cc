#include "op_kernels.h"

#include <cstdio>

namespace training_kernels {

float Attributes::Float(const char* name) {
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_.get());
  Check();
  return value;
}

bool Attributes::Bool(const char* name) {
  TF_Bool value = 0;
  TF_OpKernelConstruction_GetAttrBool(construction_, name, &value, status_.get());
  Check();
  return value != 0;
}

int Attributes::Int(const char* name) {
  int32_t value = 0;
  TF_OpKernelConstruction_GetAttrInt32(construction_, name, &value, status_.get());
  Check();
  return value;
}

std::string Attributes::String(const char* name) {
  int32_t list = 0, length = 0;
  TF_OpKernelConstruction_GetAttrSize(construction_, name, &list, &length, status_.get());
  Check();
  std::string value(length > 0 ? length : 0, '\0');
  if (!value.empty()) {
    TF_OpKernelConstruction_GetAttrString(construction_, name, &value[0], value.size(), status_.get());
    Check();
  }
  return value;
}

void Attributes::Check() {
  if (TF_GetCode(status_.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction_, status_.get());
}

void Execution::Fail(const std::string& why) {
  if (!ok_) return;
  ok_ = false;
  TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, why.c_str());
  TF_OpKernelContext_Failure(context_, status_.get());
}

Tensor Execution::Input(int i) {
  TF_Tensor* tensor = nullptr;
  TF_GetInput(context_, i, &tensor, status_.get());
  if (TF_GetCode(status_.get()) != TF_OK) Fail("input " + std::to_string(i) + ": " + TF_Message(status_.get()));
  return Tensor(tensor);
}

Tensor Execution::Output(int i, const std::vector<int64_t>& dims) { return OutputInPlaceOf({}, i, dims); }

Tensor Execution::OutputInPlaceOf(const std::vector<int>& candidates, int i, const std::vector<int64_t>& dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  Tensor tensor;
  if (candidates.empty()) {
    tensor.reset(TF_AllocateOutput(context_, i, TF_FLOAT, dims.data(), static_cast<int>(dims.size()),
                                   count * sizeof(float), status_.get()));
  } else {
    int used = -1;
    tensor.reset(TF_ForwardInputOrAllocateOutput(context_, candidates.data(), static_cast<int>(candidates.size()), i,
                                                 dims.data(), static_cast<int>(dims.size()), &used, status_.get()));
  }
  if (TF_GetCode(status_.get()) != TF_OK) Fail("output " + std::to_string(i) + ": " + TF_Message(status_.get()));
  return tensor;
}

void Execution::SetOutput(int i, const Tensor& tensor) {
  TF_SetOutput(context_, i, tensor.get(), status_.get());
  if (TF_GetCode(status_.get()) != TF_OK) Fail("output " + std::to_string(i) + ": " + TF_Message(status_.get()));
}

std::vector<int64_t> Dims(const Tensor& tensor) {
  std::vector<int64_t> dims(TF_NumDims(tensor.get()));
  for (size_t i = 0; i < dims.size(); i++) dims[i] = TF_Dim(tensor.get(), static_cast<int>(i));
  return dims;
}

std::string DimsText(const Tensor& tensor) {
  std::string text = "[";
  for (const int64_t dim : Dims(tensor)) text += (text.size() > 1 ? "," : "") + std::to_string(dim);
  return text + "]";
}

// TensorFlow's functions for both put an error into the status for every index above 0, although they do what they
// should: the status is ours, and not looked at.
Shape InputShape(TF_ShapeInferenceContext* context, int i) {
  const Status ignored = NewStatus();
  Shape shape(TF_NewShapeHandle());
  TF_ShapeInferenceContextGetInput(context, i, shape.get(), ignored.get());
  return shape;
}

void SetOutputShape(TF_ShapeInferenceContext* context, int i, const Shape& shape) {
  const Status ignored = NewStatus();
  TF_ShapeInferenceContextSetOutput(context, i, shape.get(), ignored.get());
}

bool CheckRank(TF_ShapeInferenceContext* context, int i, int64_t least, int64_t most, TF_Status* status) {
  const Shape shape = InputShape(context, i);
  if (!TF_ShapeInferenceContextRankKnown(context, shape.get())) return true;
  const int64_t rank = TF_ShapeInferenceContextRank(context, shape.get());
  if (rank >= least && rank <= most) return true;
  const std::string why = "input " + std::to_string(i) + " has " + std::to_string(rank) + " dimensions, not " +
                          std::to_string(least) + (least == most ? "" : " to " + std::to_string(most));
  TF_SetStatus(status, TF_INVALID_ARGUMENT, why.c_str());
  return false;
}

void RegisterOp(const OpDefinition& definition, void* (*create)(TF_OpKernelConstruction*),
                void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*)) {
  const Status status = NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(definition.name);
  for (const char* spec : definition.inputs) TF_OpDefinitionBuilderAddInput(op, spec);
  for (const char* spec : definition.outputs) TF_OpDefinitionBuilderAddOutput(op, spec);
  for (const char* spec : definition.attributes) TF_OpDefinitionBuilderAddAttr(op, spec);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, definition.infer);
  TF_RegisterOpDefinition(op, status.get());
  if (TF_GetCode(status.get()) == TF_OK) {
    TF_KernelBuilder* kernel = TF_NewKernelBuilder(definition.name, "CPU", create, compute, destroy);
    TF_RegisterKernelBuilder(definition.name, kernel, status.get());
  }
  if (TF_GetCode(status.get()) != TF_OK) {
    std::fprintf(stderr, "superconvergence: %s: %s\n", definition.name, TF_Message(status.get()));
  }
}

}  // namespace training_kernels
