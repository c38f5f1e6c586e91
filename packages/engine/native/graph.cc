#include "graph.h"

#include <charconv>

#include "errors.h"

namespace superconvergence {
namespace {

struct BufferDeleter {
  void operator()(TF_Buffer* buffer) const { TF_DeleteBuffer(buffer); }
};
using Buffer = std::unique_ptr<TF_Buffer, BufferDeleter>;

std::string_view Content(const Buffer& buffer) { return {static_cast<const char*>(buffer->data), buffer->length}; }

// The inputs in the order of the op's arguments. TensorFlow collects their faults and tells them at the end.
void AddInputs(TF_OperationDescription* description, const std::vector<OpArgument>& arguments,
               const std::vector<size_t>& lengths, const std::vector<TF_Output>& inputs) {
  size_t next = 0;
  for (size_t index = 0; index < arguments.size(); index++) {
    const TF_Output* first = inputs.data() + next;
    if (arguments[index].length_attribute.empty()) {
      TF_AddInput(description, *first);
    } else {
      TF_AddInputList(description, first, static_cast<int>(lengths[index]));
    }
    next += lengths[index];
  }
}

}  // namespace

std::vector<OutputInfo> Graph::AddOperation(const OperationRequest& request) {
  const std::vector<OpArgument>& arguments = ArgumentsOf(request.type);
  std::vector<TF_Output> inputs;
  std::vector<TF_Operation*> controls;
  for (const std::string& name : request.inputs) {
    if (name[0] == '^') controls.push_back(FindOperation(name.substr(1)));
    else inputs.push_back(FindOutput(name));
  }
  for (const std::string& name : request.control_inputs) {
    controls.push_back(FindOperation(name[0] == '^' ? name.substr(1) : name));
  }
  const std::vector<size_t> lengths = DivideInputs(arguments, request.attributes, inputs.size());

  Status status, attribute_status;
  // From here to TF_FinishOperation, the only call that frees the description, nothing may throw.
  TF_OperationDescription* description = TF_NewOperation(graph_.get(), request.type.c_str(), request.name.c_str());
  if (!request.device.empty()) TF_SetDevice(description, request.device.c_str());
  AddInputs(description, arguments, lengths, inputs);
  for (TF_Operation* control : controls) TF_AddControlInput(description, control);
  for (const Attribute& attribute : request.attributes) SetAttribute(description, attribute, attribute_status.get());
  TF_Operation* operation = TF_FinishOperation(description, status.get());
  attribute_status.check();
  status.check();

  std::vector<OutputInfo> outputs;
  const int count = TF_OperationNumOutputs(operation);
  for (int index = 0; index < count; index++) outputs.push_back(Describe({operation, index}));
  return outputs;
}

OutputInfo Graph::Describe(TF_Output output) const {
  OutputInfo info{TF_OperationOutputType(output), {}};
  Status status;
  const int rank = TF_GraphGetTensorNumDims(graph_.get(), output, status.get());
  status.check();
  if (rank < 0) return info;
  info.shape.sizes.emplace(rank);
  TF_GraphGetTensorShape(graph_.get(), output, info.shape.sizes->data(), rank, status.get());
  status.check();
  return info;
}

const std::vector<OpArgument>& Graph::ArgumentsOf(const std::string& type) {
  const auto found = arguments_.find(type);
  if (found != arguments_.end()) return found->second;
  Status status;
  const Buffer op_def(TF_NewBuffer());
  TF_GraphGetOpDef(graph_.get(), type.c_str(), op_def.get(), status.get());
  status.check();
  return arguments_.emplace(type, ParseOpArguments(Content(op_def))).first->second;
}

std::string Graph::ToGraphDef() const {
  Status status;
  const Buffer bytes(TF_NewBuffer());
  TF_GraphToGraphDef(graph_.get(), bytes.get(), status.get());
  status.check();
  return std::string(Content(bytes));
}

void Graph::ImportGraphDef(const std::string& bytes) {
  const auto delete_options = [](TF_ImportGraphDefOptions* options) { TF_DeleteImportGraphDefOptions(options); };
  const std::unique_ptr<TF_ImportGraphDefOptions, decltype(delete_options)> options(TF_NewImportGraphDefOptions(),
                                                                                    delete_options);
  const Buffer buffer(TF_NewBufferFromString(bytes.data(), bytes.size()));
  Status status;
  TF_GraphImportGraphDef(graph_.get(), buffer.get(), options.get(), status.get());
  status.check();
}

TF_Operation* Graph::FindOperation(const std::string& name) const {
  TF_Operation* operation = TF_GraphOperationByName(graph_.get(), name.c_str());
  if (operation == nullptr) throw TensorFlowError(TF_NOT_FOUND, "there is no operation '" + name + "' in the graph");
  return operation;
}

TF_Output Graph::FindOutput(const std::string& name) const {
  const size_t colon = name.rfind(':');
  if (colon == std::string::npos) return FindOutput(name + ":0");
  TF_Operation* operation = FindOperation(name.substr(0, colon));
  int index = -1;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + colon + 1, end, index);
  if (error != std::errc() || stop != end || index < 0 || index >= TF_OperationNumOutputs(operation)) {
    throw TensorFlowError(TF_NOT_FOUND, "there is no output '" + name + "'; the operation has " +
                                            std::to_string(TF_OperationNumOutputs(operation)));
  }
  return {operation, index};
}

void Graph::CheckFeed(TF_Output output, const TF_Tensor* value, const std::string& name) const {
  const OutputInfo expected = Describe(output);
  const auto refuse = [&](const std::string& why) {
    throw TensorFlowError(TF_INVALID_ARGUMENT, "feed '" + name + "' " + why);
  };
  if (TF_TensorType(value) != expected.dtype) {
    refuse("has data type " + std::to_string(TF_TensorType(value)) + "; the graph has " + std::to_string(expected.dtype));
  }
  if (!expected.shape.sizes.has_value()) return;
  const std::vector<int64_t>& sizes = *expected.shape.sizes;
  const std::vector<int64_t> shape = ShapeOf(value);
  bool fits = shape.size() == sizes.size();
  for (size_t index = 0; fits && index < sizes.size(); index++) {
    fits = sizes[index] < 0 || sizes[index] == shape[index];
  }
  if (!fits) refuse("has shape " + DescribeShape(shape) + "; the graph has " + DescribeShape(sizes));
}

}  // namespace superconvergence
