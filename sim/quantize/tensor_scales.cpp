#include "sim/quantize/tensor_scales.h"

#include <cmath>

namespace togglewise::quantize {
namespace {

bool keeps_scale(const network::Operation& operation) {
  // A scale that no operation has, to see whether it comes back.
  constexpr float mark = -1;
  return network::output_scale(operation, mark) == mark;
}

bool is_layer(const network::Node& node) {
  return std::holds_alternative<network::GemmLayer>(node.operation);
}

bool is_unclamped(const graph::FloatParameters& parameters) {
  return std::isinf(parameters.low) && std::isinf(parameters.high);
}

IntegerRange signed_range(int bits) { return {-(1 << (bits - 1)), (1 << (bits - 1)) - 1}; }

}  // namespace

TensorScales::TensorScales(const graph::FloatNetwork& network, const Calibration& calibration,
                           int activation_bits, ScaleRule rule) {
  const std::vector<network::Node>& nodes = network.geometry.nodes;
  owners_.push_back(network::network_input);
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    owners_.push_back(keeps_scale(nodes[node].operation) ? owner(nodes[node].inputs[0])
                                                         : static_cast<int>(node));
  }
  ranges_.assign(owners_.size(), signed_range(8));
  for (const network::Node& node : nodes) {
    if (is_layer(node)) ranges_[at(owner(node.inputs[0]))] = signed_range(activation_bits);
  }
  if (is_layer(nodes.back()) && is_unclamped(network.parameters.back())) {
    accumulators_ = static_cast<int>(nodes.size()) - 1;
  }
  scales_.assign(owners_.size(), 0);
  for (int tensor = network::network_input; tensor < static_cast<int>(nodes.size()); ++tensor) {
    if (owner(tensor) != tensor || is_accumulators(tensor)) continue;
    scales_[at(tensor)] = choose_scale(calibration.tensor(tensor), range_of(tensor), rule);
  }
}

std::vector<TensorScale> describe(const TensorScales& scales, const graph::FloatNetwork& network,
                                  const Calibration& calibration) {
  const std::vector<network::Node>& nodes = network.geometry.nodes;
  std::vector<TensorScale> described;
  for (int tensor = network::network_input; tensor < static_cast<int>(nodes.size()); ++tensor) {
    if (scales.owner(tensor) != tensor || scales.is_accumulators(tensor)) continue;
    const ValueHistogram& values = calibration.tensor(tensor);
    TensorScale entry;
    entry.tensor = tensor;
    entry.name =
        tensor < 0 ? "input" : network::name_of(nodes[static_cast<std::size_t>(tensor)].operation);
    entry.scale = scales.of(tensor);
    entry.smallest = values.smallest();
    entry.largest = values.largest();
    entry.clipped_at = double{entry.scale} * scales.range_of(tensor).high;
    double signal = 0;
    values.for_each([&](double center, std::uint64_t count) {
      signal += static_cast<double>(count) * center * center;
    });
    const double noise = squared_error(values, double{entry.scale}, scales.range_of(tensor));
    entry.noise_db = 10 * std::log10(signal / noise);
    described.push_back(std::move(entry));
  }
  return described;
}

}  // namespace togglewise::quantize
