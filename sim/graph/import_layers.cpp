// Conv, Gemm and MatMul.
#include <fmt/format.h>

#include "sim/graph/operators.h"
#include "sim/graph/weights_import.h"
#include "sim/graph/window_import.h"

namespace togglewise::graph {
namespace {

// Zeros that a Pad before the convolution puts around rows and columns become part of its window.
// Returns the padding, and makes `input` the Pad's operand.
network::Window merged_padding(GraphImport& graph, const OnnxNode& node, Activation& input) {
  network::Window padding;
  const Draft* producer = graph.own() ? nullptr : graph.sole_producer(node, 0);
  const auto* pad = producer == nullptr ? nullptr : std::get_if<network::Pad>(&producer->operation);
  if (pad == nullptr || pad->before[0] != 0 || pad->output.channels != pad->input.channels) {
    return padding;
  }
  padding.pad_top = pad->before[1];
  padding.pad_left = pad->before[2];
  padding.pad_bottom = pad->output.height - pad->input.height - padding.pad_top;
  padding.pad_right = pad->output.width - pad->input.width - padding.pad_left;
  input.source = producer->inputs[0];
  return padding;
}

// Flattened maps that were transposed before: which element of the (C, H, W) map element k is.
std::vector<std::size_t> flattening(const Activation& input) {
  if (input.order.empty()) return {};
  const std::size_t sizes[3] = {static_cast<std::size_t>(input.map.channels),
                                static_cast<std::size_t>(input.map.height),
                                static_cast<std::size_t>(input.map.width)};
  const std::size_t strides[3] = {sizes[1] * sizes[2], sizes[2], 1};
  const std::size_t inner = sizes[input.order[2]];
  const std::size_t middle = sizes[input.order[1]];
  std::vector<std::size_t> column(input.map.size());
  for (std::size_t k = 0; k < column.size(); ++k) {
    column[k] = k % inner * strides[input.order[2]] + k / inner % middle * strides[input.order[1]] +
                k / inner / middle * strides[input.order[0]];
  }
  return column;
}

// A fully connected layer with weights [n][k], or [k][n] when `reduction_first`.
Draft& add_fully_connected(GraphImport& graph, const OnnxNode& node, bool reduction_first) {
  const Activation input = graph.vector(node, 0);
  const TensorPointer weights = graph.constant(node, 1);
  const auto reduction = input.dimensions[0];
  const std::size_t output_axis = reduction_first ? 1 : 0;
  if (weights->shape.size() != 2 || weights->shape[1 - output_axis] != reduction) {
    throw NodeProblem(fmt::format("its weights have the shape {}; needed are {} inputs",
                                  shape_text(weights->shape), reduction));
  }
  network::GemmLayer layer;
  layer.fully_connected = true;
  layer.input = graph.shape_of(input.source.node);
  layer.output = checked_map(weights->shape[output_axis], 1, 1);
  WeightLayout layout;
  layout.outputs = static_cast<std::size_t>(layer.output.channels);
  layout.reduction = static_cast<std::size_t>(reduction);
  layout.output_axis = static_cast<int>(output_axis);
  layout.reduction_first = reduction_first;
  layout.column = flattening(input);
  Draft& draft = graph.add(node, std::move(layer), {input});
  draft.weight_name = node.input(1);
  set_weights(graph, draft, *weights, layout);
  return draft;
}

}  // namespace

void import_convolution(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"kernel_shape", "pads", "strides", "dilations", "group", "auto_pad"});
  Activation input = graph.feature_map(node, 0);
  const TensorPointer weights = graph.constant(node, 1);
  const Dimensions& shape = weights->shape;
  const std::int64_t groups = node.integer("group", 1);
  const network::FeatureMapShape padded = graph.shape_of(input.source.node);
  const bool fits = shape.size() == 4 && groups >= 1 && shape[0] >= 1 && shape[1] >= 1 &&
                    padded.channels % groups == 0 && shape[1] == padded.channels / groups &&
                    shape[0] % groups == 0;
  if (!fits) {
    throw NodeProblem(
        fmt::format("its weights have the shape {}; needed are 4 dimensions for {} "
                    "input channels in {} groups",
                    shape_text(shape), padded.channels, groups));
  }
  network::GemmLayer layer;
  layer.groups = static_cast<int>(groups);
  layer.window = read_window(node, padded, {shape[2], shape[3]});
  layer.output = window_output(layer.window, padded, shape[0]);
  const network::Window padding = merged_padding(graph, node, input);
  layer.window.pad_top += padding.pad_top;
  layer.window.pad_left += padding.pad_left;
  layer.window.pad_bottom += padding.pad_bottom;
  layer.window.pad_right += padding.pad_right;
  layer.input = graph.shape_of(input.source.node);
  WeightLayout layout;
  layout.outputs = static_cast<std::size_t>(shape[0]);
  layout.reduction = static_cast<std::size_t>(layer.gemm().reduction);
  Draft& draft = graph.add(node, std::move(layer), {input});
  draft.weight_name = node.input(1);
  set_weights(graph, draft, *weights, layout);
  if (node.has_input(2)) set_bias(draft, *graph.constant(node, 2), 1);
}

void import_gemm(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"transA", "transB", "alpha", "beta", "broadcast"});
  if (node.integer("transA", 0) != 0) throw NodeProblem("'transA' would transpose the batch");
  const double alpha = double{node.real("alpha", 1)};
  const double beta = double{node.real("beta", 1)};
  Draft& draft = add_fully_connected(graph, node, node.integer("transB", 0) == 0);
  if (alpha != 1) {
    const std::size_t outputs = draft.parameters.bias.size();
    fold_affine(draft, std::vector<double>(outputs, alpha), std::vector<double>(outputs, 0));
  }
  if (node.has_input(2)) set_bias(draft, *graph.constant(node, 2), beta);
}

void import_matrix_product(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({});
  if (!graph.is_constant(node, 0) && !graph.is_constant(node, 1)) {
    throw NodeProblem("both of its factors are computed; needed are constant weights");
  }
  add_fully_connected(graph, node, true);
}

}  // namespace togglewise::graph
