#include "sim/quantize/quantizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/random.h"
#include "sim/quantize/calibration.h"
#include "sim/quantize/float_check.h"
#include "sim/quantize/tensor_scales.h"
#include "sim/quantize/weight_quantization.h"

namespace togglewise::quantize {
namespace {

constexpr IntegerRange int8_range{-128, 127};

void check_bits(const char* what, int bits) {
  if (bits >= 4 && bits <= 8) return;
  throw Error::input("TW-PTQ-005", fmt::format("{} of {} bits are asked for", what, bits))
      .expected("4 to 8 bits");
}

// The whole numbers that a clamp to [low, high] leaves of `range` at `scale`.
IntegerRange clamped_range(const graph::FloatParameters& parameters, float scale,
                           IntegerRange range) {
  return {quantized(double{parameters.low}, double{scale}, range),
          quantized(double{parameters.high}, double{scale}, range)};
}

// Builds the integer network node by node, in the order of the float one.
class Quantizer {
 public:
  Quantizer(const graph::FloatNetwork& network, const Calibration& calibration,
            const TensorScales& scales, const QuantizeParams& params)
      : network_(network), calibration_(calibration), scales_(scales), params_(params) {}

  network::QuantizedNetwork run() {
    const network::QuantizedNetwork& geometry = network_.geometry;
    result_ = geometry;
    result_.nodes.clear();
    result_.input_scale = scales_.of(network::network_input);
    const IntegerRange pixels = scales_.range_of(network::network_input);
    if (pixels.low > int8_range.low) {
      append({network::Clamp{"input.clamp", geometry.input, pixels.low, pixels.high},
              {network::network_input}});
      input_ = 0;
    }
    for (std::size_t node = 0; node < geometry.nodes.size(); ++node) {
      node_ = static_cast<int>(node);
      network::Node copy = geometry.nodes[node];
      for (int& input : copy.inputs) {
        input = input < 0 ? input_ : placed_[static_cast<std::size_t>(input)];
      }
      const IntegerRange held = std::visit([&](auto& typed) { return set(typed); }, copy.operation);
      placed_.push_back(append(std::move(copy)));
      const IntegerRange wanted = wanted_range();
      if (wanted.low > held.low || wanted.high < held.high) {
        const network::Operation& operation = geometry.nodes[node].operation;
        placed_.back() =
            append({network::Clamp{network::name_of(operation) + ".clamp",
                                   network::output_shape(operation), wanted.low, wanted.high},
                    {placed_.back()}});
      }
    }
    return std::move(result_);
  }

 private:
  // Each set() fills what the float geometry leaves open and returns the range that the operation
  // keeps its result in.
  IntegerRange set(network::GemmLayer& layer) {
    layer.input_scale = input_scale(0);
    layer.output_scale = scales_.is_accumulators(node_) ? 0 : scales_.of(node_);
    const WeightRules rules{params_.weight_bits, params_.per_channel, params_.scale_rule};
    const auto node = static_cast<std::size_t>(node_);
    const graph::FloatParameters& parameters = network_.parameters[node];
    quantize_layer(parameters, {}, rules, layer.output_scale, layer);
    if (params_.bias_correction) {
      const std::vector<double> error =
          mean_weight_error(layer, parameters.weights, calibration_.mean_inputs[node]);
      quantize_layer(parameters, error, rules, layer.output_scale, layer);
    }
    if (layer.output_scale == 0) return int8_range;
    return set_clamp(layer);
  }

  IntegerRange set(network::Add& add) {
    add.input_scales[0] = input_scale(0);
    add.input_scales[1] = input_scale(1);
    add.output_scale = scales_.of(node_);
    return set_clamp(add);
  }

  IntegerRange set(network::AveragePool& pool) {
    pool.input_scale = input_scale(0);
    pool.output_scale = scales_.of(node_);
    return int8_range;
  }

  IntegerRange set(network::Concat& concat) {
    concat.input_scales.clear();
    for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
      concat.input_scales.push_back(input_scale(i));
    }
    concat.output_scale = scales_.of(node_);
    return int8_range;
  }

  IntegerRange set(network::Clamp& clamp) {
    const IntegerRange wanted = wanted_range();
    clamp.low = wanted.low;
    clamp.high = wanted.high;
    return wanted;
  }

  // The others move values about and keep scale and range.
  template <typename Other>
  IntegerRange set(Other& /*operation*/) {
    return scales_.range_of(node_);
  }

  // Clamps of layers and sums begin at 0 or −128 and end at 1 or above.
  template <typename Clamped>
  IntegerRange set_clamp(Clamped& operation) {
    const IntegerRange wanted = wanted_range();
    operation.relu = wanted.low >= 0;
    operation.high = std::max(wanted.high, 1);
    return {operation.relu ? 0 : int8_range.low, operation.high};
  }

  IntegerRange wanted_range() const {
    if (scales_.is_accumulators(node_)) return int8_range;
    return clamped_range(network_.parameters[static_cast<std::size_t>(node_)], scales_.of(node_),
                         scales_.range_of(node_));
  }

  float input_scale(std::size_t input) const {
    const auto node = static_cast<std::size_t>(node_);
    return scales_.of(network_.geometry.nodes[node].inputs[input]);
  }

  int append(network::Node node) {
    result_.nodes.push_back(std::move(node));
    return static_cast<int>(result_.nodes.size()) - 1;
  }

  const graph::FloatNetwork& network_;
  const Calibration& calibration_;
  const TensorScales& scales_;
  const QuantizeParams& params_;
  network::QuantizedNetwork result_;
  std::vector<int> placed_;  // [float node]: its place in result_
  int node_ = 0;             // the float node that is being placed
  int input_ = network::network_input;
};

}  // namespace

network::QuantizedNetwork quantize_network(const graph::FloatNetwork& network,
                                           const network::Dataset& training,
                                           const std::vector<std::size_t>& calibration,
                                           const QuantizeParams& params, const std::string& source,
                                           QuantizeStats* stats, const ProgressFunction& progress) {
  check_bits("weights", params.weight_bits);
  check_bits("activations", params.activation_bits);
  check_float_network(network, source);
  check_dataset(network, training, source);
  const Calibration seen = calibrate(network, training, calibration, params.threads, progress);
  const TensorScales scales(network, seen, params.activation_bits, params.scale_rule);
  network::QuantizedNetwork result = Quantizer(network, seen, scales, params).run();
  network::check_network(result, params.weight_bits, source);
  if (stats != nullptr) {
    stats->tensors = describe(scales, network, seen);
    stats->calibration_images = calibration.size();
  }
  return result;
}

std::vector<std::size_t> draw_calibration_images(std::size_t size, std::size_t count,
                                                 std::uint64_t seed) {
  if (count == 0 || count > size) {
    throw Error::input("TW-PTQ-004", fmt::format("{} calibration images are asked for", count))
        .expected(fmt::format("1 to {}, the size of the training set", size));
  }
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed);
  for (std::size_t i = 0; i < count; ++i) {  // the first part of a Fisher-Yates shuffle
    std::swap(order[i], order[i + static_cast<std::size_t>(random.below(size - i))]);
  }
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace togglewise::quantize
