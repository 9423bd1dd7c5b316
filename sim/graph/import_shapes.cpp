// Operators that only move elements: Flatten, Reshape, Transpose, Slice, Pad, Concat, and those
// that leave everything as it is.
#include <algorithm>

#include <fmt/format.h>

#include "sim/graph/operators.h"
#include "sim/graph/shape_rules.h"
#include "sim/graph/window_import.h"

namespace togglewise::graph {
namespace {

Dimensions with_batch(const GraphImport& graph, const Activation& activation) {
  Dimensions result = {graph.batch()};
  result.insert(result.end(), activation.dimensions.begin(), activation.dimensions.end());
  return result;
}

Dimensions behind_batch(const GraphImport& graph, const Dimensions& shape) {
  if (shape.empty() || shape[0] != graph.batch()) {
    throw NodeProblem(
        fmt::format("its result, {}, mixes the images of a batch", shape_text(shape)));
  }
  return {shape.begin() + 1, shape.end()};
}

Dimensions without_ones(Dimensions shape) {
  shape.erase(std::remove(shape.begin(), shape.end(), 1), shape.end());
  return shape;
}

// Whether elements stand as in (C, H, W): dimensions of 1 may be anywhere.
bool natural_order(const Activation& activation) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < activation.order.size(); ++i) {
    if (i < activation.dimensions.size() && activation.dimensions[i] == 1) continue;
    order.push_back(activation.order[i]);
  }
  return std::is_sorted(order.begin(), order.end());
}

void add_flatten(GraphImport& graph, const OnnxNode& node, const Activation& activation) {
  network::Flatten flatten;
  flatten.input = graph.shape_of(activation.source.node);
  graph.add(node, flatten, {activation});
  Activation result = graph.activation_of(node);
  result.dimensions = {static_cast<std::int64_t>(flatten.input.size())};
  result.integer = activation.integer;
  if (activation.dimensions.size() == 1) {
    result.order = activation.order;
    result.map = activation.map;
  } else if (!natural_order(activation)) {
    result.order = activation.order;
    result.map = flatten.input;
  }
  graph.define(node, result);
}

// The operand with dimensions `shape`, the batch among them.
void reshape(GraphImport& graph, const OnnxNode& node, const Dimensions& shape, bool is_flatten) {
  Activation activation = graph.activation(node, 0);
  const Dimensions to = behind_batch(graph, shape);
  const bool to_vector = to.size() == 1;
  if (to_vector && (graph.own() ? is_flatten : activation.dimensions.size() > 1)) {
    return add_flatten(graph, node, activation);
  }
  if (to == activation.dimensions) return graph.pass(node, 0, activation);
  if (to.size() == 3 && graph.is_open_input(node, 0)) {
    activation.map = checked_map(to[0], to[1], to[2]);
    graph.set_input_shape(activation.map);
  } else if (without_ones(to) != without_ones(activation.dimensions) ||
             !natural_order(activation)) {
    throw NodeProblem(fmt::format("it makes {} of {}; needed is one vector", shape_text(shape),
                                  shape_text(with_batch(graph, activation))));
  }
  activation.order.clear();
  activation.dimensions = to;
  graph.pass(node, 0, activation);
}

// A feature map or vector in its natural order, with a range for each dimension behind the batch.
Activation require_natural(const GraphImport& graph, const OnnxNode& node, int index) {
  const Activation& activation = graph.activation(node, index);
  const network::FeatureMapShape map = graph.shape_of(activation.source.node);
  const bool vector =
      activation.dimensions == Dimensions{map.channels} && map.height == 1 && map.width == 1;
  if (!activation.order.empty() ||
      (!vector && activation.dimensions != Dimensions{map.channels, map.height, map.width})) {
    throw NodeProblem(fmt::format("its operand is a {} feature map",
                                  activation.order.empty() ? "reshaped" : "transposed"));
  }
  return activation;
}

// Two Slices behind one another are one: element j of the second is begin₁ + step₁·(begin₂ +
// step₂·j).
bool merge_slices(GraphImport& graph, const OnnxNode& node, const network::Slice& slice,
                  const Activation& activation) {
  Draft* producer = graph.own() ? nullptr : graph.sole_producer(node, 0);
  auto* before = producer == nullptr ? nullptr : std::get_if<network::Slice>(&producer->operation);
  if (before == nullptr) return false;
  for (int axis = 0; axis < 3; ++axis) {
    before->begin[axis] += before->step[axis] * slice.begin[axis];
    const std::int64_t step = std::int64_t{before->step[axis]} * slice.step[axis];
    // With one element left the step says nothing, and may be any.
    before->step[axis] = static_cast<int>(std::min(step, std::int64_t{1} << 20));
  }
  before->output = slice.output;
  Activation result = activation;
  result.dimensions = {slice.output.channels};
  if (activation.dimensions.size() > 1) {
    result.dimensions = {slice.output.channels, slice.output.height, slice.output.width};
  }
  graph.pass(node, 0, result);
  return true;
}

}  // namespace

void import_flatten(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"axis"});
  const Dimensions from = with_batch(graph, graph.activation(node, 0));
  reshape(graph, node, flattened(from, node.integer("axis", 1)), true);
}

void import_reshape(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"allowzero", "shape"});
  const TensorPointer given = graph.constant_or_null(node, 1);
  const Dimensions target = given ? whole_numbers(*given) : node.integers("shape", {});
  const Dimensions from = with_batch(graph, graph.activation(node, 0));
  reshape(graph, node, reshaped(from, target, node.integer("allowzero", 0) != 0), false);
}

void import_squeeze(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"axes"});
  Dimensions axes = given_axes(node, graph.constant_or_null(node, 1));
  const Dimensions from = with_batch(graph, graph.activation(node, 0));
  if (axes.empty()) {  // all dimensions of 1, but a batch that is open stays
    for (std::size_t i = 1; i < from.size(); ++i) {
      if (from[i] == 1) axes.push_back(static_cast<std::int64_t>(i));
    }
    if (axes.empty()) return graph.pass(node, 0, graph.activation(node, 0));
  }
  for (const std::int64_t axis : axes) {
    if (checked_axis(axis, from.size()) == 0) throw NodeProblem("it squeezes the batch");
  }
  reshape(graph, node, squeezed(from, axes), false);
}

void import_unsqueeze(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"axes"});
  const Dimensions axes = given_axes(node, graph.constant_or_null(node, 1));
  const Dimensions from = with_batch(graph, graph.activation(node, 0));
  for (const std::int64_t axis : axes) {
    if (checked_axis(axis, from.size() + axes.size()) == 0) {
      throw NodeProblem("it puts a dimension before the batch");
    }
  }
  reshape(graph, node, unsqueezed(from, axes), false);
}

void import_transpose(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"perm"});
  Activation activation = graph.activation(node, 0);
  const std::size_t rank = activation.dimensions.size() + 1;
  const auto order = permutation(node.integers("perm", {}), rank);
  if (std::is_sorted(order.begin(), order.end())) return graph.pass(node, 0, activation);
  if (order[0] != 0 || rank != 4) {
    throw NodeProblem(rank == 4 ? "it moves the batch" : "its operand is no feature map");
  }
  const Activation from = activation;
  activation.order.clear();
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t axis = order[i + 1] - 1;
    activation.dimensions[i] = from.dimensions[axis];
    activation.order.push_back(from.order.empty() ? axis : from.order[axis]);
  }
  if (graph.is_open_input(node, 0)) {  // the image is given in the order that the network asks for
    const Dimensions& to = activation.dimensions;
    activation.map = checked_map(to[0], to[1], to[2]);
    graph.set_input_shape(activation.map);
    activation.order.clear();
  }
  if (std::is_sorted(activation.order.begin(), activation.order.end())) activation.order.clear();
  graph.pass(node, 0, activation);
}

void import_slice(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"starts", "ends", "axes"});
  const Activation activation = require_natural(graph, node, 0);
  std::vector<TensorPointer> inputs;
  for (int i = 0; i < node.input_count(); ++i) {
    inputs.push_back(i == 0 ? nullptr : graph.constant_or_null(node, i));
  }
  const SliceOperands given = slice_operands(node, inputs);
  const Dimensions from = with_batch(graph, activation);
  const auto ranges = slice_ranges(from, given.starts, given.ends, given.axes, given.steps);
  network::Slice slice;
  slice.input = graph.shape_of(activation.source.node);
  std::int64_t sides[3] = {1, 1, 1};
  bool whole = true;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const bool all = ranges[i].begin == 0 && ranges[i].step == 1 && ranges[i].count == from[i];
    if (i == 0 && !all) throw NodeProblem("it takes some images of the batch");
    if (i == 0) continue;
    if (ranges[i].step < 1) throw NodeProblem("it goes backwards");
    whole = whole && all;
    slice.begin[i - 1] = static_cast<int>(ranges[i].begin);
    slice.step[i - 1] = static_cast<int>(std::min(ranges[i].step, std::int64_t{1} << 20));
    sides[i - 1] = ranges[i].count;
  }
  if (whole && !graph.own()) return graph.pass(node, 0, activation);
  slice.output = checked_map(sides[0], sides[1], sides[2]);
  if (!merge_slices(graph, node, slice, activation)) graph.add(node, slice, {activation});
}

void import_pad(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"mode", "pads", "value"});
  const std::string mode = node.text("mode", "constant");
  if (mode != "constant") throw NodeProblem(fmt::format("its mode is '{}'", mode));
  const Activation activation = require_natural(graph, node, 0);
  const TensorPointer given = graph.constant_or_null(node, 1);
  const Dimensions pads = given ? whole_numbers(*given) : node.integers("pads", {});
  const TensorPointer value = graph.constant_or_null(node, 2);
  const std::vector<double> fill =
      value ? value->reals() : std::vector<double>{double{node.real("value", 0)}};
  if (fill.size() != 1 || fill[0] != 0) throw NodeProblem("it pads with other numbers than 0");
  const Dimensions from = with_batch(graph, activation);
  Dimensions axes;
  if (node.has_input(3)) {
    axes = whole_numbers(*graph.constant(node, 3));
  } else {
    for (std::size_t i = 0; i < from.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (pads.size() != 2 * axes.size()) {
    throw NodeProblem(fmt::format("it has {} pads for {} dimensions", pads.size(), axes.size()));
  }
  network::Pad pad;
  pad.input = graph.shape_of(activation.source.node);
  std::int64_t sides[3] = {pad.input.channels, pad.input.height, pad.input.width};
  bool none = true;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = checked_axis(axes[i], from.size());
    const std::int64_t before = pads[i];
    const std::int64_t after = pads[i + axes.size()];
    const std::int64_t most = 1 << 20;
    const bool sane = before >= 0 && after >= 0 && before <= most && after <= most;
    if (!sane || (axis == 0 && before + after != 0)) {
      throw NodeProblem(fmt::format("it pads dimension {} with {} and {}", axis, before, after));
    }
    none = none && before + after == 0;
    if (axis == 0) continue;
    pad.before[axis - 1] += static_cast<int>(before);
    sides[axis - 1] += before + after;
  }
  if (none && !graph.own()) return graph.pass(node, 0, activation);
  pad.output = checked_map(sides[0], sides[1], sides[2]);
  graph.add(node, pad, {activation});
}

void import_concat(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"axis"});
  network::Concat concat;
  std::vector<Activation> inputs;
  std::int64_t channels = 0;
  for (int i = 0; i < node.input_count(); ++i) {
    inputs.push_back(require_natural(graph, node, i));
    if (inputs.back().integer) throw NodeProblem("its operand is int8 without DequantizeLinear");
    concat.inputs.push_back(graph.shape_of(inputs.back().source.node));
    channels += concat.inputs.back().channels;
  }
  const std::size_t rank = inputs.at(0).dimensions.size() + 1;
  if (checked_axis(node.integer("axis", 1), rank) != 1) {
    throw NodeProblem("it is not along the channels");
  }
  const network::FeatureMapShape& first = concat.inputs[0];
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const network::FeatureMapShape& other = concat.inputs[i];
    if (inputs[i].dimensions.size() + 1 != rank || other.height != first.height ||
        other.width != first.width) {
      throw NodeProblem(fmt::format("its operands have the shapes {} and {}",
                                    shape_text(inputs[0].dimensions),
                                    shape_text(inputs[i].dimensions)));
    }
  }
  if (inputs.size() == 1 && !graph.own()) return graph.pass(node, 0, inputs[0]);
  concat.output = checked_map(channels, first.height, first.width);
  graph.add(node, std::move(concat), inputs);
}

void import_shape(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"start", "end"});
  const Dimensions shape = with_batch(graph, graph.activation(node, 0));
  graph.define(node, std::make_shared<const Tensor>(fold_shape(node, shape)));
}

void import_identity(GraphImport& graph, const OnnxNode& node) {
  graph.pass(node, 0, graph.activation(node, 0));
}

void import_dropout(GraphImport& graph, const OnnxNode& node) {
  const TensorPointer training = graph.constant_or_null(node, 2);
  if (training != nullptr && !training->reals().empty() && training->reals()[0] != 0) {
    throw NodeProblem("it is in training mode");
  }
  graph.pass(node, 0, graph.activation(node, 0));
}

// A softmax at the very end does not change which class wins: the logits before it are kept.
void import_softmax(GraphImport& graph, const OnnxNode& node) {
  const Activation activation = graph.activation(node, 0);
  if (!graph.is_output(node.output()) || activation.dimensions.size() != 1) {
    throw NodeProblem("it is not at the end of the network");
  }
  graph.pass(node, 0, activation);
}

void import_cast(GraphImport& graph, const OnnxNode& node) {
  if (node.integer("to", 0) != onnx::TensorProto_DataType_FLOAT) {
    throw NodeProblem("feature maps are cast to another type");
  }
  graph.pass(node, 0, graph.activation(node, 0));
}

}  // namespace togglewise::graph
