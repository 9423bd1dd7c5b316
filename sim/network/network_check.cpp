// check_network(): what a network must be for the array and the integer inference to compute it.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/network/quantized_network.h"

namespace togglewise::network {
namespace {

std::string shape_text(const FeatureMapShape& shape) {
  return fmt::format("{}×{}×{}", shape.channels, shape.height, shape.width);
}

class NetworkCheck {
 public:
  NetworkCheck(const QuantizedNetwork& network, int weight_bits, const std::string& source)
      : network_(network), weight_bits_(weight_bits), source_(source) {}

  void run() {
    shape_ = network_.input;
    scale_ = network_.input_scale;
    if (shape_.channels < 1 || shape_.height < 1 || shape_.width < 1) {
      throw error("TW-MODEL-002", fmt::format("the input is {}", shape_text(shape_)))
          .expected("at least one channel, row and column");
    }
    if (!(std::abs(scale_ - pixel_scale) <= pixel_scale * 1e-5F)) {
      throw error("TW-MODEL-003", fmt::format("the scale of the input is {}", scale_))
          .expected(
              fmt::format("{} (1/127: pixels 0..255 become activations 0..127)", pixel_scale));
    }
    for (const Node& node : network_.nodes) {
      std::visit([this](const auto& typed) { check(typed); }, node.operation);
    }
    check_last();
  }

 private:
  Error error(const char* id, const std::string& message) const {
    return Error::input(id, message).at(source_);
  }
  Error layer_error(const char* id, const GemmLayer& layer, const std::string& message) const {
    return error(id, fmt::format("layer '{}': {}", layer.name, message));
  }

  // Names become keys of metadata and file content: one alphabet for all of them.
  void check_name(const std::string& name) {
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.' || c == '-';
    });
    if (name.empty() || !plain) {
      throw error("TW-MODEL-006", fmt::format("a layer is named '{}'", name))
          .expected("letters, digits, '_', '.' and '-'");
    }
    if (!names_.insert(name).second) {
      throw error("TW-MODEL-006", fmt::format("two layers are named '{}'", name))
          .expected("every name once");
    }
  }

  void check_input(const std::string& name, const FeatureMapShape& input) const {
    if (!(input == shape_)) {
      throw error("TW-MODEL-002", fmt::format("layer '{}' takes {}, but the one before it gives {}",
                                              name, shape_text(input), shape_text(shape_)))
          .expected("sizes that chain");
    }
  }

  void check_window(const std::string& name, const FeatureMapShape& input,
                    const FeatureMapShape& output, int kernel_height, int kernel_width, int stride,
                    int padding) const {
    const bool sane = kernel_height >= 1 && kernel_width >= 1 && stride >= 1 && padding >= 0 &&
                      kernel_height <= input.height + 2 * padding &&
                      kernel_width <= input.width + 2 * padding && padding <= kernel_height &&
                      padding <= kernel_width;
    if (!sane) {
      throw error(
          "TW-MODEL-002",
          fmt::format("layer '{}' has kernel {}×{}, stride {}, padding {} on an input of {}", name,
                      kernel_height, kernel_width, stride, padding, shape_text(input)))
          .expected("a kernel that fits the padded input, padding at most as large as the kernel");
    }
    const int height = (input.height + 2 * padding - kernel_height) / stride + 1;
    const int width = (input.width + 2 * padding - kernel_width) / stride + 1;
    if (output.height != height || output.width != width || output.channels < 1) {
      throw error("TW-MODEL-002", fmt::format("layer '{}' gives {}", name, shape_text(output)))
          .expected(fmt::format("{} rows and {} columns", height, width));
    }
  }

  void check(const MaxPool& pool) {
    check_name(pool.name);
    check_input(pool.name, pool.input);
    check_window(pool.name, pool.input, pool.output, pool.window.kernel_height,
                 pool.window.kernel_width, pool.window.stride_height, 0);
    if (flat_ || pool.output.channels != pool.input.channels) {
      throw error("TW-MODEL-002", fmt::format("layer '{}' gives {} after {}", pool.name,
                                              shape_text(pool.output), shape_text(pool.input)))
          .expected("pooling before Flatten that keeps the channels");
    }
    shape_ = pool.output;
  }

  template <typename Other>
  void check(const Other& operation) {
    throw error("TW-MODEL-006",
                fmt::format("layer '{}' has a kind not computed yet", operation.name));
  }

  void check(const Flatten& flatten) {
    check_name(flatten.name);
    check_input(flatten.name, flatten.input);
    shape_ = {static_cast<int>(shape_.size()), 1, 1};
    flat_ = true;
  }

  void check(const GemmLayer& layer) {
    check_name(layer.name);
    if (finished_) {
      throw layer_error("TW-MODEL-006", layer, "follows a layer without output scale")
          .expected("an output scale of 0 in the last layer only");
    }
    check_input(layer.name, layer.input);
    check_window(layer.name, layer.input, layer.output, layer.window.kernel_height,
                 layer.window.kernel_width, layer.window.stride_height, layer.window.pad_top);
    if (layer.fully_connected != flat_) {
      throw layer_error("TW-MODEL-006", layer,
                        flat_ ? "is a convolution after Flatten"
                              : "is fully connected but no Flatten comes before it")
          .expected("convolutions before and fully connected layers after Flatten");
    }
    check_lengths(layer);
    check_scales(layer);
    check_weights(layer);
    check_permitted_values(layer);
    check_sums(layer);
    shape_ = layer.output;
    scale_ = layer.output_scale;
    finished_ = layer.output_scale == 0;
    last_ = &layer;
  }

  void check_lengths(const GemmLayer& layer) const {
    const auto channels = static_cast<std::size_t>(layer.output.channels);
    const std::size_t weights = channels * static_cast<std::size_t>(layer.gemm().reduction);
    if (layer.weights.size() != weights || layer.bias.size() != channels ||
        layer.weight_scale.size() != channels) {
      throw layer_error(
          "TW-MODEL-002", layer,
          fmt::format("has {} weights, {} biases, {} weight scales", layer.weights.size(),
                      layer.bias.size(), layer.weight_scale.size()))
          .expected(fmt::format("{} weights, {} biases and scales", weights, channels));
    }
  }

  void check_scales(const GemmLayer& layer) const {
    if (layer.input_scale != scale_) {
      throw layer_error("TW-MODEL-003", layer, fmt::format("has input scale {}", layer.input_scale))
          .expected(fmt::format("{}, the output scale of the layer before", scale_));
    }
    if (!(layer.output_scale >= 0) || !std::isfinite(layer.output_scale)) {
      throw layer_error("TW-MODEL-003", layer,
                        fmt::format("has output scale {}", layer.output_scale))
          .expected("a positive number, or 0 in the last layer");
    }
    for (const float scale : layer.weight_scale) {
      if (!(scale > 0) || !std::isfinite(scale)) {
        throw layer_error("TW-MODEL-003", layer, fmt::format("has a weight scale of {}", scale))
            .expected("positive numbers");
      }
    }
    try {
      layer.requantization();
    } catch (const Error& failure) {
      throw layer_error("TW-MODEL-003", layer, failure.message()).expected(failure.expected());
    }
  }

  void check_weights(const GemmLayer& layer) const {
    const int high = (1 << (weight_bits_ - 1)) - 1;
    const int low = -high - 1;
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      const std::int8_t weight = layer.weights[i];
      if (weight >= low && weight <= high) continue;
      const auto reduction = static_cast<std::size_t>(layer.gemm().reduction);
      throw layer_error("TW-MODEL-001", layer,
                        fmt::format("weight {} of output channel {} is {}, which does not fit the "
                                    "array's {} weight bits",
                                    i % reduction, i / reduction, weight, weight_bits_))
          .expected(fmt::format("weights from {} to {}", low, high))
          .hint("train for this width, or use an array with wider weights");
    }
  }

  void check_permitted_values(const GemmLayer& layer) const {
    const std::vector<int>& values = layer.permitted_values;
    if (values.empty()) return;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] < -128 || values[i] > 127 || (i > 0 && values[i] <= values[i - 1])) {
        throw layer_error("TW-MODEL-005", layer,
                          fmt::format("has the permitted value {} at place {}", values[i], i))
            .expected("ascending values from -128 to 127");
      }
    }
    for (const std::int8_t weight : layer.weights) {
      if (!std::binary_search(values.begin(), values.end(), static_cast<int>(weight))) {
        throw layer_error("TW-MODEL-005", layer,
                          fmt::format("has the weight {}, which is not permitted", weight))
            .expected(fmt::format("one of the {} permitted values", values.size()));
      }
    }
  }

  // |Σ w·a + bias| ≤ Σ|w|·128 + |bias| must fit int32 for every channel and any activations.
  void check_sums(const GemmLayer& layer) const {
    const auto reduction = static_cast<std::size_t>(layer.gemm().reduction);
    for (std::size_t channel = 0; channel < layer.bias.size(); ++channel) {
      std::int64_t largest = std::abs(std::int64_t{layer.bias[channel]});
      for (std::size_t k = 0; k < reduction; ++k) {
        largest += std::int64_t{128} * std::abs(int{layer.weights[channel * reduction + k]});
      }
      if (largest > std::numeric_limits<std::int32_t>::max()) {
        throw layer_error("TW-MODEL-004", layer,
                          fmt::format("sums of output channel {} may reach {}", channel, largest))
            .expected("sums with bias that fit 32 bits");
      }
    }
  }

  void check_last() const {
    if (last_ == nullptr) {
      throw error("TW-MODEL-006", "the network has no convolution or fully connected layer");
    }
    if (!finished_ || last_->relu || shape_.channels != network_.classes || shape_.height != 1 ||
        shape_.width != 1 || !std::holds_alternative<GemmLayer>(network_.nodes.back().operation)) {
      throw error("TW-MODEL-006",
                  fmt::format("the network ends with {} and not with one logit for each of its {} "
                              "classes",
                              shape_text(shape_), network_.classes))
          .expected("a last layer without ReLU, with output scale 0 and one output per class");
    }
  }

  const QuantizedNetwork& network_;
  int weight_bits_;
  const std::string& source_;
  FeatureMapShape shape_;  // what the next node gets
  float scale_ = 0;        // of what the next node gets
  bool flat_ = false;
  bool finished_ = false;
  const GemmLayer* last_ = nullptr;
  std::set<std::string> names_;
};

}  // namespace

void check_network(const QuantizedNetwork& network, int weight_bits, const std::string& source) {
  NetworkCheck(network, weight_bits, source).run();
}

}  // namespace togglewise::network
