// What the kernels of this folder share: the C API's objects as C++ values, and registration.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_datatype.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace training_kernels {

void RegisterBatchNormKernels();
void RegisterOptimizerKernels();
void RegisterWinogradKernels();

struct StatusDeleter {
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
};
struct TensorDeleter {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
};
struct ShapeDeleter {
  void operator()(TF_ShapeHandle* shape) const { TF_DeleteShapeHandle(shape); }
};
using Status = std::unique_ptr<TF_Status, StatusDeleter>;
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;
using Shape = std::unique_ptr<TF_ShapeHandle, ShapeDeleter>;

inline Status NewStatus() { return Status(TF_NewStatus()); }

// An operation's attributes as its kernel reads them once.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction)
      : construction_(construction), status_(NewStatus()) {}

  float Float(const char* name);
  bool Bool(const char* name);
  int Int(const char* name);
  std::string String(const char* name);

 private:
  void Check();

  TF_OpKernelConstruction* construction_;
  Status status_;
};

// One execution of a kernel. After a failure every further call is harmless and `ok` is false.
class Execution {
 public:
  explicit Execution(TF_OpKernelContext* context) : context_(context), status_(NewStatus()) {}

  bool ok() const { return ok_; }
  void Fail(const std::string& why);
  Tensor Input(int i);
  // Allocates an output of the given dimensions.
  Tensor Output(int i, const std::vector<int64_t>& dims);
  // The same in the buffer of the first of `candidates` (inputs) that has this shape and that nobody else holds. To be
  // called before Input: a Tensor in our hands counts as a holder.
  Tensor OutputInPlaceOf(const std::vector<int>& candidates, int i, const std::vector<int64_t>& dims);
  // Makes a tensor an output as it is, sharing its buffer.
  void SetOutput(int i, const Tensor& tensor);

 private:
  TF_OpKernelContext* context_;
  Status status_;
  bool ok_ = true;
};

inline float* Floats(const Tensor& tensor) { return static_cast<float*>(TF_TensorData(tensor.get())); }
inline int64_t Count(const Tensor& tensor) { return TF_TensorElementCount(tensor.get()); }
std::vector<int64_t> Dims(const Tensor& tensor);
std::string DimsText(const Tensor& tensor);

struct OpDefinition {
  const char* name;
  std::vector<const char*> inputs;
  std::vector<const char*> outputs;
  std::vector<const char*> attributes;
  void (*infer)(TF_ShapeInferenceContext*, TF_Status*);
};

// Shape functions: the shape of an input; giving it to an output.
Shape InputShape(TF_ShapeInferenceContext* context, int i);
void SetOutputShape(TF_ShapeInferenceContext* context, int i, const Shape& shape);
// Fails the inference unless input i has between `least` and `most` dimensions (or an unknown number of them).
bool CheckRank(TF_ShapeInferenceContext* context, int i, int64_t least, int64_t most, TF_Status* status);

// Registers an operation, and a kernel class for it on the CPU: Kernel(Attributes&), void Compute(Execution&) const.
void RegisterOp(const OpDefinition& definition, void* (*create)(TF_OpKernelConstruction*),
                void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));

template <typename Kernel>
void Register(const OpDefinition& definition) {
  RegisterOp(
      definition,
      [](TF_OpKernelConstruction* construction) -> void* {
        Attributes attributes(construction);
        return new Kernel(attributes);
      },
      [](void* kernel, TF_OpKernelContext* context) {
        Execution execution(context);
        static_cast<const Kernel*>(kernel)->Compute(execution);
      },
      [](void* kernel) { delete static_cast<Kernel*>(kernel); });
}

}  // namespace training_kernels
