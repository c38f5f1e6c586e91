// A TensorFlow graph: operations are added one by one, with TensorFlow's checks.
#pragma once

#include <tensorflow/c/c_api.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "attributes.h"
#include "op-arguments.h"

namespace superconvergence {

// An operation to add; the names of inputs are 'node' or 'node:1'.
struct OperationRequest {
  std::string type, name, device;
  std::vector<std::string> inputs, control_inputs;
  std::vector<Attribute> attributes;
};

struct OutputInfo {
  TF_DataType dtype;
  PartialShape shape;
};

class Graph {
 public:
  Graph() : graph_(TF_NewGraph()) {}
  TF_Graph* get() const { return graph_.get(); }

  // Throws TensorFlowError, and then the graph is as before.
  std::vector<OutputInfo> AddOperation(const OperationRequest& request);
  std::string ToGraphDef() const;
  void ImportGraphDef(const std::string& bytes);

  // Both throw where there is no such operation or output.
  TF_Operation* FindOperation(const std::string& name) const;
  TF_Output FindOutput(const std::string& name) const;
  // Throws where a value fed for an output contradicts what is known of it; TensorFlow itself doesn't look at shapes.
  void CheckFeed(TF_Output output, const TF_Tensor* value, const std::string& name) const;

 private:
  struct Deleter {
    void operator()(TF_Graph* graph) const { TF_DeleteGraph(graph); }
  };
  const std::vector<OpArgument>& ArgumentsOf(const std::string& type);
  OutputInfo Describe(TF_Output output) const;

  std::unique_ptr<TF_Graph, Deleter> graph_;
  std::unordered_map<std::string, std::vector<OpArgument>> arguments_;
};

}  // namespace superconvergence
