#include "op-arguments.h"

#include <optional>

#include "errors.h"

namespace superconvergence {
namespace {

// Reads the fields of a protobuf message one after the other; only those of wire type 2 have content here.
class FieldReader {
 public:
  explicit FieldReader(std::string_view message) : rest_(message) {}

  bool Next() {
    if (rest_.empty()) return false;
    const uint64_t tag = ReadVarint();
    number_ = static_cast<uint32_t>(tag >> 3);
    content_ = {};
    switch (tag & 7) {
      case 0: ReadVarint(); return true;
      case 1: Take(8); return true;
      case 2: content_ = Take(ReadVarint()); return true;
      case 5: Take(4); return true;
      default: throw Malformed();
    }
  }
  uint32_t number() const { return number_; }
  std::string_view content() const { return content_; }

 private:
  static TensorFlowError Malformed() { return {TF_INTERNAL, "TensorFlow's description of the op can't be read"}; }

  uint64_t ReadVarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(Take(1)[0]);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw Malformed();
  }
  std::string_view Take(uint64_t length) {
    if (length > rest_.size()) throw Malformed();
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  std::string_view rest_;
  std::string_view content_;
  uint32_t number_ = 0;
};

// Field numbers of op_def.proto.
constexpr uint32_t kOpDefInputArg = 2, kArgName = 1, kArgNumberAttr = 5, kArgTypeListAttr = 6;

OpArgument ParseArgument(std::string_view message) {
  OpArgument argument;
  for (FieldReader field(message); field.Next();) {
    if (field.number() == kArgName) argument.name = field.content();
    if (field.number() == kArgNumberAttr || field.number() == kArgTypeListAttr) {
      argument.length_attribute = field.content();
    }
  }
  return argument;
}

std::optional<size_t> FindLength(const std::vector<Attribute>& attributes, const std::string& name) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name != name) continue;
    if (const auto* number = std::get_if<int64_t>(&attribute.value); number != nullptr && *number >= 0) {
      return static_cast<size_t>(*number);
    }
    if (const auto* types = std::get_if<std::vector<TF_DataType>>(&attribute.value)) return types->size();
  }
  return std::nullopt;
}

TensorFlowError Misfit(const std::string& why) { return {TF_INVALID_ARGUMENT, why}; }

}  // namespace

std::vector<OpArgument> ParseOpArguments(std::string_view op_def) {
  std::vector<OpArgument> arguments;
  for (FieldReader field(op_def); field.Next();) {
    if (field.number() == kOpDefInputArg) arguments.push_back(ParseArgument(field.content()));
  }
  return arguments;
}

std::vector<size_t> DivideInputs(const std::vector<OpArgument>& arguments, const std::vector<Attribute>& attributes,
                                 size_t count) {
  std::vector<size_t> lengths;
  std::vector<size_t> open;  // Indices of arguments whose length no attribute says.
  size_t known = 0;
  for (const OpArgument& argument : arguments) {
    const bool single = argument.length_attribute.empty();
    const std::optional<size_t> length = single ? 1 : FindLength(attributes, argument.length_attribute);
    if (!length.has_value()) open.push_back(lengths.size());
    known += length.value_or(0);
    lengths.push_back(length.value_or(0));
  }
  for (const size_t index : open) {
    const std::string& needed = arguments[index].length_attribute;
    if (needed != arguments[open[0]].length_attribute) throw Misfit("the attribute " + needed + " is missing");
  }
  const size_t left = count < known ? 0 : count - known;
  for (const size_t index : open) lengths[index] = left / open.size();
  if (count < known || left != (open.empty() ? 0 : left / open.size() * open.size())) {
    std::string names;
    for (const OpArgument& argument : arguments) names += (names.empty() ? "" : ", ") + argument.name;
    throw Misfit("it was given " + std::to_string(count) + " inputs, which don't fit its arguments (" + names + ")");
  }
  return lengths;
}

}  // namespace superconvergence
