// The values of a graph under import: what the operators read, add and pass on.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/graph/graph_import.h"

namespace togglewise::graph {
namespace {

bool in_order(const std::vector<std::size_t>& order) {
  return std::is_sorted(order.begin(), order.end());
}

}  // namespace

bool keeps_scale(const network::Operation& operation) {
  return std::holds_alternative<network::MaxPool>(operation) ||
         std::holds_alternative<network::Slice>(operation) ||
         std::holds_alternative<network::Pad>(operation) ||
         std::holds_alternative<network::Clamp>(operation) ||
         std::holds_alternative<network::Flatten>(operation);
}

const Value& GraphImport::value(const OnnxNode& node, int index) const {
  return values_.at(node.input(index));
}

bool GraphImport::is_constant(const OnnxNode& node, int index) const {
  return node.has_input(index) && std::holds_alternative<TensorPointer>(value(node, index));
}

const Activation& GraphImport::activation(const OnnxNode& node, int index) const {
  if (!node.has_input(index) || !std::holds_alternative<Activation>(value(node, index))) {
    throw NodeProblem(fmt::format("input {} is not computed from the graph's input", index));
  }
  return std::get<Activation>(value(node, index));
}

const Activation& GraphImport::activation_of(const OnnxNode& node) const {
  return std::get<Activation>(values_.at(node.output()));
}

TensorPointer GraphImport::constant(const OnnxNode& node, int index) const {
  if (!is_constant(node, index)) {
    throw NodeProblem(fmt::format("input {} is not a constant", index));
  }
  return std::get<TensorPointer>(value(node, index));
}

TensorPointer GraphImport::constant_or_null(const OnnxNode& node, int index) const {
  return node.has_input(index) ? constant(node, index) : nullptr;
}

Activation GraphImport::feature_map(const OnnxNode& node, int index) {
  const Activation& operand = activation(node, index);
  const network::FeatureMapShape shape = shape_of(operand.source.node);
  if (operand.integer) throw NodeProblem("its operand is int8 without DequantizeLinear");
  if (!in_order(operand.order)) throw NodeProblem("its operand is a transposed feature map");
  if (operand.dimensions != Dimensions{shape.channels, shape.height, shape.width}) {
    throw NodeProblem(
        fmt::format("its operand has the shape batch×{}; needed is batch × channels "
                    "× rows × columns",
                    shape_text(operand.dimensions)));
  }
  close_input(operand);
  return operand;
}

Activation GraphImport::vector(const OnnxNode& node, int index) {
  const Activation& operand = activation(node, index);
  if (operand.integer) throw NodeProblem("its operand is int8 without DequantizeLinear");
  const network::FeatureMapShape shape = shape_of(operand.source.node);
  if (operand.dimensions != Dimensions{shape.channels} || shape.height != 1 || shape.width != 1) {
    throw NodeProblem(fmt::format("its operand has the shape batch×{}; needed is batch × values",
                                  shape_text(operand.dimensions)));
  }
  close_input(operand);
  return operand;
}

Draft& GraphImport::add(const OnnxNode& node, network::Operation operation,
                        const std::vector<Activation>& inputs) {
  Draft draft;
  draft.operation = std::move(operation);
  for (const Activation& input : inputs) {
    draft.inputs.push_back(input.source);
    close_input(input);
  }
  if (keeps_scale(draft.operation)) draft.output_scale = inputs[0].source.scale;
  draft.result = node.output();
  draft.node_name = node.name();
  draft.node_type = node.type();
  draft.named = node.has_name();
  const network::FeatureMapShape shape = network::output_shape(draft.operation);
  Activation result;
  result.source = {static_cast<int>(drafts_.size()), draft.output_scale};
  result.dimensions = {shape.channels};
  if (inputs[0].dimensions.size() > 1)
    result.dimensions = {shape.channels, shape.height, shape.width};
  result.integer = keeps_scale(draft.operation) && inputs[0].integer;
  drafts_.push_back(std::move(draft));
  define(node, std::move(result));
  return drafts_.back();
}

void GraphImport::pass(const OnnxNode& node, int index, Activation activation) {
  const std::string& operand = node.input(index);
  if (read_once(operand)) {
    if (operand == input_value_) input_value_ = node.output();
    if (Draft* producer = sole_producer(node, index)) producer->result = node.output();
  }
  define(node, std::move(activation));
}

void GraphImport::define(const OnnxNode& node, Value value) {
  values_[node.output()] = std::move(value);
}

Draft* GraphImport::sole_producer(const OnnxNode& node, int index) {
  const int producer = activation(node, index).source.node;
  if (producer == network::network_input || !read_once(node.input(index))) return nullptr;
  return draft(producer).result == node.input(index) ? &draft(producer) : nullptr;
}

Draft* GraphImport::attachable(const OnnxNode& node, int index) {
  return activation(node, index).source.scale == 0 ? sole_producer(node, index) : nullptr;
}

bool GraphImport::read_once(const std::string& value) const {
  const auto found = readers_.find(value);
  return found != readers_.end() && found->second == 1;
}

bool GraphImport::is_open_input(const OnnxNode& node, int index) const {
  return input_open_ && node.input(index) == input_value_ && read_once(input_value_);
}

void GraphImport::close_input(const Activation& activation) {
  if (activation.source.node == network::network_input) input_open_ = false;
}

network::FeatureMapShape GraphImport::shape_of(int node) const {
  return node == network::network_input
             ? input_
             : network::output_shape(drafts_[static_cast<std::size_t>(node)].operation);
}

void GraphImport::quantize(const OnnxNode&, const Activation& activation, float scale) {
  quantized_ = true;
  const float before = activation.source.scale;
  if (before != 0 && before != scale) {
    throw NodeProblem(fmt::format(
        "it changes the scale from {} to {} without an operation in between", before, scale));
  }
  if (before == 0) assign_scale(activation.source.node, scale);
}

// Rounding commutes with operations that keep the scale, so the scale holds for their operand, too,
// as long as nobody else takes that unrounded.
void GraphImport::assign_scale(int node, float scale) {
  const bool input = node == network::network_input;
  const float current = input ? input_scale_ : draft(node).output_scale;
  if (current != 0 && current != scale) {
    throw NodeProblem(
        fmt::format("its operand is quantized with the scales {} and {}", current, scale));
  }
  if (!input && current == 0 && keeps_scale(draft(node).operation)) {
    Source& from = draft(node).inputs[0];
    const std::string& taken =
        from.node == network::network_input ? input_value_ : draft(from.node).result;
    if (!read_once(taken)) {
      throw NodeProblem(
          fmt::format("'{}', before its operand, is used without quantization", taken));
    }
    assign_scale(from.node, scale);
    from.scale = scale;
  }
  (input ? input_scale_ : draft(node).output_scale) = scale;
}

}  // namespace togglewise::graph
