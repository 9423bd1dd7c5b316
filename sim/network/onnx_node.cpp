#include "sim/network/onnx_node.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "sim/network/value_list.h"

namespace togglewise::network {
namespace {

constexpr const char* supported_operators =
    "QuantizeLinear, DequantizeLinear, Conv, Gemm, Relu, MaxPool and Flatten in one chain";
constexpr std::int64_t largest_attribute = 1 << 20;

}  // namespace

Error unsupported_graph(const std::string& source, const std::string& message) {
  return Error::input("TW-ONNX-002", message).at(source).expected(supported_operators);
}

std::string OnnxNode::input(int index) const {
  return index < proto_.input_size() ? proto_.input(index) : std::string();
}

Error OnnxNode::unsupported(const std::string& why) const {
  return unsupported_graph(source_,
                           fmt::format("node '{}' ({}) is not supported: {}", name(), type(), why));
}

const onnx::AttributeProto* OnnxNode::find(const std::string& attribute) const {
  for (const onnx::AttributeProto& candidate : proto_.attribute()) {
    if (candidate.name() == attribute) return &candidate;
  }
  return nullptr;
}

void OnnxNode::only_attributes(const std::set<std::string>& known) const {
  for (const onnx::AttributeProto& attribute : proto_.attribute()) {
    if (known.count(attribute.name()) == 0) {
      throw unsupported(fmt::format("attribute '{}'", attribute.name()));
    }
  }
}

std::vector<int> OnnxNode::integers(const std::string& attribute,
                                    const std::vector<int>& otherwise) const {
  const onnx::AttributeProto* found = find(attribute);
  if (found == nullptr) return otherwise;
  std::vector<std::int64_t> wide(found->ints().begin(), found->ints().end());
  if (found->type() == onnx::AttributeProto_AttributeType_INT) wide = {found->i()};
  std::vector<int> values;
  for (const std::int64_t value : wide) {
    if (value < -largest_attribute || value > largest_attribute) {
      throw unsupported(fmt::format("attribute '{}' is {}", attribute, value));
    }
    values.push_back(static_cast<int>(value));
  }
  return values;
}

void OnnxNode::require(const std::string& attribute, const std::vector<int>& value,
                       const std::vector<int>& otherwise) const {
  if (integers(attribute, otherwise) != value) {
    throw unsupported(fmt::format("attribute '{}' is not {}", attribute, list_text(value)));
  }
}

int OnnxNode::uniform(const std::string& attribute, std::size_t count, int otherwise) const {
  const std::vector<int> values = integers(attribute, std::vector<int>(count, otherwise));
  if (values.size() != count ||
      !std::all_of(values.begin(), values.end(), [&](int value) { return value == values[0]; })) {
    throw unsupported(fmt::format("attribute '{}' is not {} equal numbers", attribute, count));
  }
  return values[0];
}

void OnnxNode::require_unit_factor(const std::string& attribute) const {
  const onnx::AttributeProto* found = find(attribute);
  if (found != nullptr && found->f() != 1.0F) {
    throw unsupported(fmt::format("attribute '{}' is not 1", attribute));
  }
}

}  // namespace togglewise::network
