// Which inputs an op takes, and how a flat list of inputs divides into them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attributes.h"

namespace superconvergence {

struct OpArgument {
  std::string name;
  // The attribute that says how many inputs of one type the argument takes (number_attr), or of which types each
  // (type_list_attr); empty for a single input.
  std::string length_attribute;
};

// The input arguments of a serialised OpDef (tensorflow/core/framework/op_def.proto).
std::vector<OpArgument> ParseOpArguments(std::string_view op_def);

// How many of `count` inputs go to each argument. Lengths come from the attributes; one that is missing there follows
// from the count. Throws TensorFlowError where the count doesn't fit.
std::vector<size_t> DivideInputs(const std::vector<OpArgument>& arguments, const std::vector<Attribute>& attributes,
                                 size_t count);

}  // namespace superconvergence
