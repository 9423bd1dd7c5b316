#include "sim/graph/import_summary.h"

#include <algorithm>

#include <fmt/format.h>

namespace togglewise::graph {
namespace {

using network::FeatureMapShape;

std::string text(const FeatureMapShape& shape) {
  return fmt::format("{}×{}×{}", shape.channels, shape.height, shape.width);
}

std::string text(const network::Window& window) {
  std::string result = fmt::format("{}×{}", window.kernel_height, window.kernel_width);
  if (window.stride_height != 1 || window.stride_width != 1) {
    result += fmt::format(" stride {}×{}", window.stride_height, window.stride_width);
  }
  if (window.pad_top + window.pad_left + window.pad_bottom + window.pad_right > 0) {
    result += fmt::format(" pad {},{},{},{}", window.pad_top, window.pad_left, window.pad_bottom,
                          window.pad_right);
  }
  if (window.dilation_height != 1 || window.dilation_width != 1) {
    result += fmt::format(" dilation {}×{}", window.dilation_height, window.dilation_width);
  }
  return result;
}

struct Describe {
  std::string operator()(const network::GemmLayer& layer) const {
    if (layer.fully_connected) return "fully connected";
    const std::string groups = layer.groups == 1 ? "" : fmt::format(", {} groups", layer.groups);
    return fmt::format("convolution {}{}", text(layer.window), groups);
  }
  std::string operator()(const network::MaxPool& pool) const {
    return "max pool " + text(pool.window);
  }
  std::string operator()(const network::AveragePool& pool) const {
    return "average pool " + text(pool.window);
  }
  std::string operator()(const network::Add&) const { return "add"; }
  std::string operator()(const network::Concat&) const { return "concat"; }
  std::string operator()(const network::Slice&) const { return "slice"; }
  std::string operator()(const network::Pad&) const { return "pad"; }
  std::string operator()(const network::Clamp&) const { return "clamp"; }
  std::string operator()(const network::Flatten&) const { return "flatten"; }
};

// Numbers that users count in the same way: 40.55 M.
std::string millions(std::uint64_t count) {
  return fmt::format("{:.2f} M", static_cast<double>(count) / 1e6);
}

}  // namespace

const network::QuantizedNetwork& geometry(const ImportedNetwork& imported) {
  if (const auto* real = std::get_if<FloatNetwork>(&imported)) return real->geometry;
  return std::get<network::QuantizedNetwork>(imported);
}

ImportTotals import_totals(const ImportedNetwork& imported) {
  ImportTotals totals;
  for (const network::GemmLayer* layer : geometry(imported).gemm_layers()) {
    const network::GemmShape shape = layer->gemm();
    totals.macs_per_image += shape.macs();
    totals.weights += static_cast<std::uint64_t>(shape.reduction) *
                      static_cast<std::uint64_t>(layer->output.channels);
    totals.biases += static_cast<std::uint64_t>(layer->output.channels);
  }
  return totals;
}

std::string import_summary(const ImportedNetwork& imported) {
  const network::QuantizedNetwork& network = geometry(imported);
  std::string result =
      fmt::format("{} network '{}', input {}\n",
                  std::holds_alternative<FloatNetwork>(imported) ? "float" : "int8", network.name,
                  text(network.input));
  std::size_t width = 0;
  for (const network::Node& node : network.nodes) {
    width = std::max(width, network::name_of(node.operation).size());
  }
  for (const network::Node& node : network.nodes) {
    const auto* layer = std::get_if<network::GemmLayer>(&node.operation);
    const std::string macs = layer ? millions(layer->gemm().macs()) + " MACs" : "";
    result += fmt::format("  {:<{}}  {:<14} {:>14}  {}\n", network::name_of(node.operation), width,
                          text(network::output_shape(node.operation)), macs,
                          std::visit(Describe(), node.operation));
  }
  const ImportTotals totals = import_totals(imported);
  return result +
         fmt::format("  {} layers, {} operations, {} MACs an image, {} weights, {} biases\n",
                     network.gemm_layers().size(), network.nodes.size(),
                     millions(totals.macs_per_image), totals.weights, totals.biases);
}

}  // namespace togglewise::graph
