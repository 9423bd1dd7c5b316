// MaxPool, AveragePool and what means over all pixels.
#include <algorithm>

#include <fmt/format.h>

#include "sim/graph/operators.h"
#include "sim/graph/window_import.h"

namespace togglewise::graph {
namespace {

template <typename Pool>
void add_pool(GraphImport& graph, const OnnxNode& node, Pool pool) {
  const Activation input = graph.feature_map(node, 0);
  pool.input = graph.shape_of(input.source.node);
  if (!node.has("kernel_shape")) throw NodeProblem("it has no 'kernel_shape'");
  pool.window = read_window(node, pool.input, {});
  pool.output = window_output(pool.window, pool.input, pool.input.channels);
  graph.add(node, std::move(pool), {input});
}

Activation add_mean(GraphImport& graph, const OnnxNode& node) {
  const Activation input = graph.feature_map(node, 0);
  network::AveragePool pool;
  pool.input = graph.shape_of(input.source.node);
  pool.window.kernel_height = pool.input.height;
  pool.window.kernel_width = pool.input.width;
  pool.output = {pool.input.channels, 1, 1};
  graph.add(node, std::move(pool), {input});
  return graph.activation_of(node);
}

}  // namespace

void import_max_pool(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes(
      {"kernel_shape", "strides", "pads", "dilations", "auto_pad", "ceil_mode", "storage_order"});
  add_pool(graph, node, network::MaxPool());
}

void import_average_pool(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"kernel_shape", "strides", "pads", "dilations", "auto_pad", "ceil_mode",
                        "count_include_pad"});
  network::AveragePool pool;
  pool.count_padding = node.integer("count_include_pad", 0) != 0;
  add_pool(graph, node, std::move(pool));
}

void import_global_average_pool(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({});
  add_mean(graph, node);
}

void import_reduce_mean(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"axes", "keepdims", "noop_with_empty_axes"});
  Dimensions axes = given_axes(node, graph.constant_or_null(node, 1));
  for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(checked_axis(axis, 4));
  std::sort(axes.begin(), axes.end());
  if (axes != Dimensions{2, 3}) {
    throw NodeProblem(
        fmt::format("it is over the axes {} and not over rows and columns", fmt::join(axes, ",")));
  }
  Activation result = add_mean(graph, node);
  if (node.integer("keepdims", 1) == 0) {
    result.dimensions = {result.dimensions[0]};
    graph.define(node, result);
  }
}

}  // namespace togglewise::graph
