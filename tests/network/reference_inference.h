// Integer inference by its definition, value by value: no reordering, 64-bit sums, every rounding
// written out with an exact quotient.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

struct ReferenceInference {
  std::vector<std::vector<std::int8_t>> ifmaps;       // of the GEMM layers
  std::vector<std::vector<std::int64_t>> sums;        // without bias
  std::vector<std::vector<std::int8_t>> activations;  // of every node; empty after the logits
  std::vector<double> logits;
};

// GCC's 128-bit integers hold everything exactly; __extension__ keeps -Wpedantic quiet.
__extension__ using Wide = __int128;

// floor(numerator / denominator + 1/2) in exact arithmetic, by the definition of floor.
inline Wide rounded_quotient(Wide numerator, Wide denominator) {
  const Wide twice = 2 * numerator + denominator;
  Wide quotient = twice / (2 * denominator);
  if (quotient * 2 * denominator > twice) --quotient;
  return quotient;
}

inline std::int8_t clamped(Wide value, int low, int high) {
  return static_cast<std::int8_t>(value < low ? low : value > high ? high : value);
}

// Values and shape, read as at(channel, row, column).
struct ReferenceMap {
  const std::vector<std::int8_t>& values;
  FeatureMapShape shape;

  bool inside(int y, int x) const {
    return y >= 0 && x >= 0 && y < shape.height && x < shape.width;
  }
  int at(int c, int y, int x) const {
    return values[static_cast<std::size_t>((c * shape.height + y) * shape.width + x)];
  }
};

// Calls visit(channel, row, column) over a shape in order.
inline void for_each_position(const FeatureMapShape& shape,
                              const std::function<void(int, int, int)>& visit) {
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) visit(c, y, x);
    }
  }
}

// Calls visit(kernel row, kernel column, input row, input column) for every tap of a window.
inline void for_each_tap(const Window& window, int y, int x,
                         const std::function<void(int, int, int, int)>& visit) {
  for (int ky = 0; ky < window.kernel_height; ++ky) {
    for (int kx = 0; kx < window.kernel_width; ++kx) {
      visit(ky, kx, y * window.stride_height + ky * window.dilation_height - window.pad_top,
            x * window.stride_width + kx * window.dilation_width - window.pad_left);
    }
  }
}

class ReferenceRun {
 public:
  ReferenceRun(const QuantizedNetwork& network, const std::uint8_t* pixels) : network_(network) {
    const auto table = input_table(network);
    const std::size_t size = network.input.size() / table.size();
    for (std::size_t i = 0; i < network.input.size(); ++i) {
      input_.push_back(table[i / size][pixels[i]]);
    }
  }

  ReferenceInference run() {
    float scale = 0;
    std::vector<float> scales;
    for (const Node& node : network_.nodes) {
      inputs_.clear();
      for (const int input : node.inputs) {
        const auto n = static_cast<std::size_t>(input);
        inputs_.push_back(
            input == network_input
                ? ReferenceMap{input_, network_.input}
                : ReferenceMap{result_.activations[n], output_shape(network_.nodes[n].operation)});
      }
      values_.clear();
      std::visit([this](const auto& typed) { compute(typed); }, node.operation);
      const int first = node.inputs[0];
      scale = output_scale(node.operation, first == network_input
                                               ? network_.input_scale
                                               : scales[static_cast<std::size_t>(first)]);
      scales.push_back(scale);
      inputs_.clear();
      result_.activations.push_back(values_);
    }
    for (const std::int8_t value : result_.activations.back()) {
      result_.logits.push_back(static_cast<double>(value) * static_cast<double>(scale));
    }
    return result_;
  }

 private:
  void compute(const GemmLayer& layer) {
    result_.ifmaps.push_back(inputs_[0].values);
    result_.sums.emplace_back();
    const auto scales = layer.requantization();
    for_each_position(layer.output, [&](int c, int y, int x) {
      const std::int64_t sum = sum_at(layer, c, y, x);
      result_.sums.back().push_back(sum);
      const auto channel = static_cast<std::size_t>(c);
      const std::int64_t biased = sum + layer.bias[channel];
      if (layer.output_scale == 0) {
        result_.logits.push_back(static_cast<double>(biased) *
                                 static_cast<double>(layer.input_scale) *
                                 static_cast<double>(layer.weight_scale[channel]));
      } else {
        const Wide product = Wide{biased} * scales[channel].multiplier;
        values_.push_back(clamped(rounded_quotient(product, Wide{1} << scales[channel].shift),
                                  layer.relu ? 0 : -128, layer.high));
      }
    });
  }

  std::int64_t sum_at(const GemmLayer& layer, int channel, int y, int x) const {
    const int channels = layer.input.channels / layer.groups;
    const int group = channel / (layer.output.channels / layer.groups);
    std::int64_t sum = 0;
    for (int c = 0; c < channels; ++c) {
      for_each_tap(layer.window, y, x, [&](int ky, int kx, int row, int column) {
        if (!inputs_[0].inside(row, column)) return;
        const int place = ((channel * channels + c) * layer.window.kernel_height + ky) *
                              layer.window.kernel_width +
                          kx;
        sum += layer.weights[static_cast<std::size_t>(place)] *
               inputs_[0].at(group * channels + c, row, column);
      });
    }
    return sum;
  }

  void compute(const MaxPool& pool) {
    for_each_position(pool.output, [&](int c, int y, int x) {
      int largest = -128;
      for_each_tap(pool.window, y, x, [&](int, int, int row, int column) {
        if (inputs_[0].inside(row, column)) {
          largest = std::max(largest, inputs_[0].at(c, row, column));
        }
      });
      values_.push_back(static_cast<std::int8_t>(largest));
    });
  }

  void compute(const AveragePool& pool) {
    for_each_position(pool.output, [&](int c, int y, int x) {
      int sum = 0;
      int count = 0;
      for_each_tap(pool.window, y, x, [&](int, int, int row, int column) {
        if (inputs_[0].inside(row, column)) sum += inputs_[0].at(c, row, column);
        if (inputs_[0].inside(row, column) || pool.count_padding) ++count;
      });
      const FixedPointScale scale = fixed_point_scale(
          static_cast<double>(pool.input_scale) / (count * static_cast<double>(pool.output_scale)));
      values_.push_back(clamped(
          rounded_quotient(Wide{sum} * scale.multiplier, Wide{1} << scale.shift), -128, 127));
    });
  }

  void compute(const Add& add) {
    const CommonScale scale =
        common_scale({add.input_scales[0], add.input_scales[1]}, add.output_scale);
    for_each_position(add.output, [&](int c, int y, int x) {
      const Wide sum = Wide{inputs_[0].at(c, y, x)} * scale.multipliers[0] +
                       Wide{inputs_[1].at(c, y, x)} * scale.multipliers[1];
      values_.push_back(
          clamped(rounded_quotient(sum, Wide{1} << scale.shift), add.relu ? 0 : -128, add.high));
    });
  }

  void compute(const Concat& concat) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const CommonScale scale = common_scale({concat.input_scales[i]}, concat.output_scale);
      for (const std::int8_t value : inputs_[i].values) {
        values_.push_back(
            clamped(rounded_quotient(Wide{value} * scale.multipliers[0], Wide{1} << scale.shift),
                    -128, 127));
      }
    }
  }

  void compute(const Slice& slice) {
    for_each_position(slice.output, [&](int c, int y, int x) {
      values_.push_back(static_cast<std::int8_t>(
          inputs_[0].at(slice.begin[0] + c * slice.step[0], slice.begin[1] + y * slice.step[1],
                        slice.begin[2] + x * slice.step[2])));
    });
  }

  void compute(const Pad& pad) {
    for_each_position(pad.output, [&](int c, int y, int x) {
      const int channel = c - pad.before[0];
      const int row = y - pad.before[1];
      const int column = x - pad.before[2];
      const bool inside =
          channel >= 0 && channel < pad.input.channels && inputs_[0].inside(row, column);
      values_.push_back(static_cast<std::int8_t>(inside ? inputs_[0].at(channel, row, column) : 0));
    });
  }

  void compute(const Clamp& clamp) {
    for (const std::int8_t value : inputs_[0].values) {
      values_.push_back(clamped(value, clamp.low, clamp.high));
    }
  }

  void compute(const Flatten& /*flatten*/) { values_ = inputs_[0].values; }

  const QuantizedNetwork& network_;
  std::vector<std::int8_t> input_;
  std::vector<ReferenceMap> inputs_;  // of the current node
  std::vector<std::int8_t> values_;   // of the current node
  ReferenceInference result_;
};

inline ReferenceInference reference_inference(const QuantizedNetwork& network,
                                              const std::uint8_t* pixels) {
  return ReferenceRun(network, pixels).run();
}

}  // namespace togglewise::network
