#include "sim/graph/onnx_node.h"

#include <fmt/format.h>

namespace togglewise::graph {
namespace {

const std::string& no_text() {
  static const std::string empty;
  return empty;
}

}  // namespace

const std::string& OnnxNode::name() const {
  if (has_name()) return proto_.name();
  return proto_.output_size() > 0 ? proto_.output(0) : no_text();
}

const std::string& OnnxNode::input(int index) const {
  return index < proto_.input_size() ? proto_.input(index) : no_text();
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
      throw NodeProblem(fmt::format("attribute '{}' is not known", attribute.name()));
    }
  }
}

std::int64_t OnnxNode::integer(const std::string& attribute, std::int64_t otherwise) const {
  const onnx::AttributeProto* found = find(attribute);
  return found == nullptr ? otherwise : found->i();
}

Dimensions OnnxNode::integers(const std::string& attribute, const Dimensions& otherwise) const {
  const onnx::AttributeProto* found = find(attribute);
  if (found == nullptr) return otherwise;
  if (found->type() == onnx::AttributeProto_AttributeType_INT) return {found->i()};
  return {found->ints().begin(), found->ints().end()};
}

float OnnxNode::real(const std::string& attribute, float otherwise) const {
  const onnx::AttributeProto* found = find(attribute);
  return found == nullptr ? otherwise : found->f();
}

std::string OnnxNode::text(const std::string& attribute, const std::string& otherwise) const {
  const onnx::AttributeProto* found = find(attribute);
  return found == nullptr ? otherwise : found->s();
}

std::size_t checked_axis(std::int64_t axis, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    throw NodeProblem(fmt::format("axis {} of a value with {} dimensions", axis, rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

}  // namespace togglewise::graph
