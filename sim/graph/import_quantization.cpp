// QuantizeLinear and DequantizeLinear, on constants and on feature maps: int8 with zero point 0.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/graph/operators.h"

namespace togglewise::graph {
namespace {

// Scales, one or one for each index of `axis` of `shape`, in the range that int8 networks use.
Quantization read_scales(GraphImport& graph, const OnnxNode& node, const Dimensions& shape) {
  const TensorPointer tensor = graph.constant(node, 1);
  const auto* scales = std::get_if<std::vector<float>>(&tensor->values);
  if (scales == nullptr || scales->empty() || tensor->shape.size() > 1) {
    throw NodeProblem("its scale is not a real number or a list of them");
  }
  Quantization result{*scales, 0};
  for (const float scale : result.scale) {
    if (!(scale > 0) || !std::isfinite(scale)) {
      throw NodeProblem(fmt::format("it has a scale of {}", scale));
    }
  }
  if (result.scale.size() > 1) {
    const std::size_t axis = checked_axis(node.integer("axis", 1), shape.size());
    if (shape[axis] != static_cast<std::int64_t>(result.scale.size())) {
      throw NodeProblem(
          fmt::format("it has {} scales for a dimension of {}", result.scale.size(), shape[axis]));
    }
    result.axis = static_cast<int>(axis);
  }
  return result;
}

void require_zero_point(GraphImport& graph, const OnnxNode& node) {
  const TensorPointer zero_point = graph.constant_or_null(node, 2);
  if (zero_point == nullptr) {
    if (node.type() == "DequantizeLinear") return;
    throw NodeProblem("without zero point it makes uint8; needed is int8");
  }
  const Dimensions values = whole_numbers(*zero_point);
  const auto other = std::find_if(values.begin(), values.end(), [](auto v) { return v != 0; });
  const bool unsigned_bytes = std::holds_alternative<std::vector<std::uint8_t>>(zero_point->values);
  if (unsigned_bytes || other != values.end()) {
    throw NodeProblem(fmt::format(
        "its zero point is {} of {}; needed is symmetric int8, zero point 0",
        other != values.end() ? *other : 0, unsigned_bytes ? "uint8" : "a signed type"));
  }
}

float single_scale(GraphImport& graph, const OnnxNode& node) {
  const Quantization scales = read_scales(graph, node, {});
  if (scales.scale.size() != 1) {
    throw NodeProblem("feature maps with a scale for each channel");
  }
  return scales.scale[0];
}

// Ties to even, as ONNX asks.
Tensor quantized(const Tensor& reals, const Quantization& scales) {
  Tensor divided = reals;
  divided.quantization = Quantization{{}, scales.axis};
  for (const float scale : scales.scale) divided.quantization->scale.push_back(1 / scale);
  std::vector<std::int8_t> values;
  for (const double value : divided.reals()) {
    if (std::isnan(value)) throw NodeProblem("a constant is not a number");
    values.push_back(static_cast<std::int8_t>(std::clamp(std::nearbyint(value), -128.0, 127.0)));
  }
  return {reals.shape, std::move(values), {}};
}

}  // namespace

void import_quantize_linear(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"axis", "saturate"});
  require_zero_point(graph, node);
  if (graph.is_constant(node, 0)) {
    const TensorPointer reals = graph.constant(node, 0);
    if (reals->quantization || !std::holds_alternative<std::vector<float>>(reals->values)) {
      throw NodeProblem("its constant is not of real numbers");
    }
    graph.budget().take(reals->shape);
    const Quantization scales = read_scales(graph, node, reals->shape);
    return graph.define(node, std::make_shared<const Tensor>(quantized(*reals, scales)));
  }
  Activation activation = graph.activation(node, 0);
  if (activation.integer) throw NodeProblem("its operand is quantized already");
  const float scale = single_scale(graph, node);
  graph.quantize(node, activation, scale);
  activation.integer = true;
  activation.source.scale = scale;
  graph.pass(node, 0, activation);
}

void import_dequantize_linear(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"axis"});
  require_zero_point(graph, node);
  if (graph.is_constant(node, 0)) {
    Tensor tensor = *graph.constant(node, 0);
    const bool known = std::holds_alternative<std::vector<std::int8_t>>(tensor.values) ||
                       std::holds_alternative<std::vector<std::int32_t>>(tensor.values);
    if (!known || tensor.quantization) {
      throw NodeProblem("its constant is neither int8 nor int32");
    }
    graph.budget().take(tensor.shape);
    tensor.quantization = read_scales(graph, node, tensor.shape);
    return graph.define(node, std::make_shared<const Tensor>(std::move(tensor)));
  }
  Activation activation = graph.activation(node, 0);
  const float scale = single_scale(graph, node);
  if (!activation.integer || scale != activation.source.scale) {
    throw NodeProblem("its scale is not that of the QuantizeLinear before it");
  }
  activation.integer = false;
  graph.pass(node, 0, activation);
}

}  // namespace togglewise::graph
