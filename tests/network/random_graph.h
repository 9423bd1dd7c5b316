// Random networks with branches: residual blocks with identity, convolved and sliced shortcuts,
// concatenations, grouped, depthwise and dilated convolutions, padding that differs on every side,
// both kinds of pooling, means and deviations of the input, and every way to end.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tests/network/random_network.h"

namespace togglewise::network {

class RandomGraph {
 public:
  explicit RandomGraph(std::uint64_t seed) : random_(seed * 7919 + 1) {
    network_.name = "graph" + std::to_string(seed);
    network_.input = {random_.between(1, 4), random_.between(5, 14), random_.between(5, 14)};
    network_.input_scale = real(0.01, 0.05);
    network_.classes = random_.between(2, 6);
    for (int c = 0; c < network_.input.channels && seed % 3 != 0; ++c) {
      network_.normalization.mean.push_back(real(0.3, 0.6));
      if (seed % 3 == 1) network_.normalization.deviation.push_back(real(0.2, 0.4));
    }
  }

  QuantizedNetwork make() {
    Value value{network_input, network_.input, network_.input_scale};
    const int steps = random_.between(2, 5);
    for (int i = 0; i < steps; ++i) value = step(value);
    finish(value);
    return std::move(network_);
  }

 private:
  struct Value {
    int node = network_input;
    FeatureMapShape shape;
    float scale = 0;
  };

  float real(double low, double high) {
    return static_cast<float>(low + (high - low) * random_.unit());
  }
  bool chance(int one_in) { return random_.below(static_cast<std::uint64_t>(one_in)) == 0; }

  template <typename Typed>
  Value add(Typed operation, const char* kind, const std::vector<Value>& inputs) {
    operation.name = kind + std::to_string(network_.nodes.size());
    std::vector<int> indices;
    for (const Value& input : inputs) indices.push_back(input.node);
    network_.nodes.push_back({std::move(operation), std::move(indices)});
    const Operation& added = network_.nodes.back().operation;
    return {static_cast<int>(network_.nodes.size()) - 1, output_shape(added),
            output_scale(added, inputs[0].scale)};
  }

  Value step(const Value& value) {
    const bool roomy = value.shape.height >= 3 && value.shape.width >= 3;
    switch (random_.below(10)) {
      case 0:
        return pool<MaxPool>(value);
      case 1: {
        return pool<AveragePool>(value);
      }
      case 2:
        return sliced(value);
      case 3:
        return padded(value);
      case 4:
        return clamped(value);
      case 5:
        return concatenated(value);
      case 6:
      case 7:
        return residual(value);
      default:
        return convolution(value, random_.between(1, 9), random_window(value.shape, roomy), true);
    }
  }

  Window random_window(const FeatureMapShape& in, bool roomy) {
    Window window;
    window.dilation_height = chance(3) && roomy ? 2 : 1;
    window.dilation_width = chance(3) && roomy ? 2 : 1;
    window.kernel_height = random_.between(1, (in.height - 1) / window.dilation_height + 1);
    window.kernel_width = random_.between(1, (in.width - 1) / window.dilation_width + 1);
    window.kernel_height = std::min(window.kernel_height, random_.between(1, 4));
    window.kernel_width = std::min(window.kernel_width, random_.between(1, 4));
    window.stride_height = random_.between(1, chance(3) ? 3 : 1);
    window.stride_width = random_.between(1, chance(3) ? 3 : 1);
    // Less than the window reaches, so that pools always see a pixel.
    const auto pad = [&](int kernel) { return random_.between(0, kernel - 1); };
    window.pad_top = pad(window.kernel_height);
    window.pad_left = pad(window.kernel_width);
    window.pad_bottom = pad(window.kernel_height);
    window.pad_right = pad(window.kernel_width);
    return window;
  }

  // Scales that spread the sums over the range of int8.
  Value convolution(const Value& value, int channels, const Window& window, bool may_group) {
    GemmLayer layer;
    layer.input = value.shape;
    layer.window = window;
    if (may_group && chance(3)) {  // depthwise, with one or two outputs per channel
      layer.groups = value.shape.channels;
      channels = value.shape.channels * random_.between(1, 2);
    } else if (may_group && value.shape.channels % 2 == 0 && chance(2)) {
      layer.groups = 2;
      channels = 2 * ((channels + 1) / 2);
    }
    layer.output = {channels, window.output_height(value.shape.height),
                    window.output_width(value.shape.width)};
    layer.relu = chance(2);
    layer.high = chance(4) ? random_.between(40, 126) : 127;
    return gemm(std::move(layer), value, "conv");
  }

  Value gemm(GemmLayer layer, const Value& value, const char* kind, bool logits = false) {
    layer.input_scale = value.scale;
    fill_layer(layer, random_);
    for (std::int32_t& bias : layer.bias) bias = random_.between(-5000, 5000);
    // Products of two numbers of magnitude 40..70 each add up like a random walk.
    const double typical = 3000 * std::sqrt(layer.gemm().reduction) * value.scale * 0.01;
    if (!logits) layer.output_scale = static_cast<float>(typical / 40 * real(0.5, 2));
    return add(std::move(layer), kind, {value});
  }

  template <typename Pool>
  Value pool(const Value& value) {
    Pool pool;
    pool.input = value.shape;
    pool.window = random_window(value.shape, false);
    pool.output = {value.shape.channels, pool.window.output_height(value.shape.height),
                   pool.window.output_width(value.shape.width)};
    if constexpr (std::is_same_v<Pool, AveragePool>) {
      pool.count_padding = chance(2);
      pool.input_scale = value.scale;
      pool.output_scale = value.scale * real(0.4, 1.5);
    }
    return add(pool, std::is_same_v<Pool, AveragePool> ? "mean" : "max", {value});
  }

  Value sliced(const Value& value) {
    Slice slice;
    slice.input = slice.output = value.shape;
    const auto cut = [&](std::size_t d, int size) {
      slice.step[d] = random_.between(1, 2);
      slice.begin[d] = random_.between(0, std::min(1, size - 1));
      return random_.between(1, (size - 1 - slice.begin[d]) / slice.step[d] + 1);
    };
    slice.output.channels = cut(0, value.shape.channels);
    if (chance(2)) slice.output.height = cut(1, value.shape.height);
    if (chance(2)) slice.output.width = cut(2, value.shape.width);
    return add(slice, "slice", {value});
  }

  Value padded(const Value& value) {
    Pad pad;
    pad.input = pad.output = value.shape;
    for (int& before : pad.before) before = random_.between(0, 2);
    pad.output.channels += pad.before[0] + random_.between(0, 2);
    pad.output.height += pad.before[1] + random_.between(0, 2);
    pad.output.width += pad.before[2] + random_.between(0, 2);
    return add(pad, "pad", {value});
  }

  Value clamped(const Value& value) {
    Clamp clamp;
    clamp.output = value.shape;
    clamp.low = chance(2) ? 0 : random_.between(-100, -10);
    clamp.high = random_.between(30, 127);
    return add(clamp, "clamp", {value});
  }

  Value concatenated(const Value& value) {
    std::vector<Value> parts = {value};
    const int count = random_.between(1, 2);
    for (int i = 0; i < count; ++i) {
      parts.push_back(convolution(value, random_.between(1, 4), square_window(1, 1, 0), false));
    }
    if (chance(2)) std::swap(parts.front(), parts.back());
    Concat concat;
    concat.output = {0, value.shape.height, value.shape.width};
    for (const Value& part : parts) {
      concat.inputs.push_back(part.shape);
      concat.input_scales.push_back(part.scale);
      concat.output.channels += part.shape.channels;
    }
    concat.output_scale = value.scale * real(0.5, 2);
    return add(concat, "concat", parts);
  }

  Value residual(const Value& value) {
    const int stride = random_.between(1, 2);
    const int channels = value.shape.channels + (stride == 2 ? 2 : 0);
    Value main = convolution(value, channels, square_window(3, stride, 1), false);
    if (chance(2)) main = convolution(main, channels, square_window(3, 1, 1), false);
    Value shortcut = value;
    if (stride == 2 && chance(2)) {
      shortcut = convolution(value, channels, square_window(1, 2, 0), false);
    } else if (stride == 2) {  // every second pixel, with channels of zeros around
      Slice slice;
      slice.input = value.shape;
      slice.output = {value.shape.channels, main.shape.height, main.shape.width};
      slice.step[1] = slice.step[2] = 2;
      shortcut = add(slice, "slice", {value});
      Pad pad;
      pad.input = shortcut.shape;
      pad.output = main.shape;
      pad.before[0] = 1;
      shortcut = add(pad, "pad", {shortcut});
    }
    Add sum;
    sum.output = main.shape;
    sum.input_scales[0] = main.scale;
    sum.input_scales[1] = shortcut.scale;
    sum.output_scale = std::max(main.scale, shortcut.scale) * real(0.5, 2);
    sum.relu = chance(2);
    sum.high = chance(4) ? random_.between(40, 126) : 127;
    return add(sum, "add", {main, shortcut});
  }

  void finish(Value value) {
    if (chance(4)) {  // a fully convolutional end: the mean of a feature map per class
      value = convolution(value, network_.classes, square_window(1, 1, 0), false);
      mean_of_all(value);
      return;
    }
    if (chance(2)) {
      value = mean_of_all(value);
    } else {
      Flatten flatten;
      flatten.input = value.shape;
      value = add(flatten, "flatten", {value});
    }
    GemmLayer layer;
    layer.fully_connected = true;
    layer.input = value.shape;
    layer.output = {network_.classes, 1, 1};
    gemm(std::move(layer), value, "fc", !chance(4));
  }

  Value mean_of_all(const Value& value) {
    AveragePool pool;
    pool.input = value.shape;
    pool.output = {value.shape.channels, 1, 1};
    pool.window.kernel_height = value.shape.height;
    pool.window.kernel_width = value.shape.width;
    pool.input_scale = value.scale;
    pool.output_scale = value.scale * real(0.2, 1);
    return add(pool, "mean", {value});
  }

  Random random_;
  QuantizedNetwork network_;
};

inline QuantizedNetwork random_graph(std::uint64_t seed) { return RandomGraph(seed).make(); }

}  // namespace togglewise::network
