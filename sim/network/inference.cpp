#include "sim/network/inference.h"

#include <algorithm>

#include "sim/base/parallel.h"

namespace togglewise::network {
namespace {

// Reductions are padded with zeros to this length, so that the compiler's vector loops need no
// remainder.
constexpr std::size_t reduction_step = 16;
constexpr std::size_t images_per_task = 64;

std::vector<std::int8_t> pool(const MaxPool& pool, const std::vector<std::int8_t>& input) {
  std::vector<std::int8_t> output(pool.output.size());
  std::size_t written = 0;
  for (int channel = 0; channel < pool.output.channels; ++channel) {
    for (int row = 0; row < pool.output.height; ++row) {
      for (int column = 0; column < pool.output.width; ++column) {
        int largest = -128;
        for (int y = 0; y < pool.window.kernel_height; ++y) {
          const int input_row = channel * pool.input.height + row * pool.window.stride_height + y;
          const std::size_t start =
              static_cast<std::size_t>(input_row) * static_cast<std::size_t>(pool.input.width) +
              static_cast<std::size_t>(column * pool.window.stride_width);
          for (int x = 0; x < pool.window.kernel_width; ++x) {
            largest = std::max<int>(largest, input[start + static_cast<std::size_t>(x)]);
          }
        }
        output[written++] = static_cast<std::int8_t>(largest);
      }
    }
  }
  return output;
}

// The activations under every output pixel, [output pixel][K padded], as 16-bit numbers: products
// of pairs then add up in 32 bits within one instruction.
std::vector<std::int16_t> patches(const GemmLayer& layer, const std::vector<std::int8_t>& input,
                                  std::size_t padded) {
  const FeatureMapShape& in = layer.input;
  const GemmShape gemm = layer.gemm();
  std::vector<std::int16_t> matrix(static_cast<std::size_t>(gemm.output_pixels) * padded);
  std::int16_t* destination = matrix.data();
  for (int row = 0; row < layer.output.height; ++row) {
    for (int column = 0; column < layer.output.width; ++column, destination += padded) {
      const int top = row * layer.window.stride_height - layer.window.pad_top;
      const int left = column * layer.window.stride_width - layer.window.pad_left;
      const int first = std::max(0, -left);
      const int last = std::min(layer.window.kernel_width, in.width - left);
      std::int16_t* run = destination;
      for (int channel = 0; channel < in.channels; ++channel) {
        for (int y = 0; y < layer.window.kernel_height; ++y, run += layer.window.kernel_width) {
          if (top + y < 0 || top + y >= in.height) continue;
          const std::int8_t* source =
              input.data() +
              (static_cast<std::ptrdiff_t>(channel) * in.height + top + y) * in.width + left;
          for (int x = first; x < last; ++x) run[x] = source[x];
        }
      }
    }
  }
  return matrix;
}

std::int32_t dot(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) {
    sum += static_cast<std::int32_t>(a[i]) * static_cast<std::int32_t>(b[i]);
  }
  return sum;
}

}  // namespace

struct IntegerInference::Prepared {
  const GemmLayer* layer = nullptr;
  std::size_t padded = 0;             // K rounded up to reduction_step
  std::vector<std::int16_t> weights;  // [output channel][padded]
  std::vector<FixedPointScale> requantization;

  explicit Prepared(const GemmLayer& source) : layer(&source) {
    const auto reduction = static_cast<std::size_t>(source.gemm().reduction);
    const auto channels = static_cast<std::size_t>(source.output.channels);
    padded = (reduction + reduction_step - 1) / reduction_step * reduction_step;
    weights.resize(channels * padded);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      std::copy_n(source.weights.begin() + static_cast<std::ptrdiff_t>(channel * reduction),
                  reduction, weights.begin() + static_cast<std::ptrdiff_t>(channel * padded));
    }
    requantization = source.requantization();
  }

  // [output channel][output pixel], without bias.
  std::vector<std::int32_t> accumulate(const std::vector<std::int8_t>& input) const {
    const auto pixels = static_cast<std::size_t>(layer->gemm().output_pixels);
    const auto channels = static_cast<std::size_t>(layer->output.channels);
    const std::vector<std::int16_t> matrix = patches(*layer, input, padded);
    std::vector<std::int32_t> sums(channels * pixels);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      const std::int16_t* patch = matrix.data() + pixel * padded;
      for (std::size_t channel = 0; channel < channels; ++channel) {
        sums[channel * pixels + pixel] = dot(patch, weights.data() + channel * padded, padded);
      }
    }
    return sums;
  }

  std::vector<std::int8_t> requantized(const std::vector<std::int32_t>& sums) const {
    const auto pixels = static_cast<std::size_t>(layer->gemm().output_pixels);
    const int low = layer->relu ? 0 : -128;
    std::vector<std::int8_t> output(sums.size());
    for (std::size_t channel = 0; channel < requantization.size(); ++channel) {
      const std::int32_t bias = layer->bias[channel];
      const FixedPointScale scale = requantization[channel];
      for (std::size_t i = channel * pixels; i < (channel + 1) * pixels; ++i) {
        output[i] = requantize(sums[i] + bias, scale, low, 127);
      }
    }
    return output;
  }
};

IntegerInference::IntegerInference(const QuantizedNetwork& network) : network_(&network) {
  for (const GemmLayer* layer : network.gemm_layers()) layers_.emplace_back(*layer);
}

IntegerInference::~IntegerInference() = default;
IntegerInference::IntegerInference(IntegerInference&&) noexcept = default;
IntegerInference& IntegerInference::operator=(IntegerInference&&) noexcept = default;

std::vector<double> IntegerInference::logits(const std::uint8_t* pixels,
                                             const LayerObserver& observe) const {
  std::vector<std::int8_t> activations(network_->input.size());
  std::transform(pixels, pixels + activations.size(), activations.begin(), quantize_pixel);

  std::vector<double> logits;
  auto prepared = layers_.begin();
  for (const Node& node : network_->nodes) {
    if (const auto* max_pool = std::get_if<MaxPool>(&node.operation)) {
      activations = pool(*max_pool, activations);
    } else if (const auto* layer = std::get_if<GemmLayer>(&node.operation)) {
      std::vector<std::int32_t> sums = prepared->accumulate(activations);
      std::vector<std::int8_t> output;
      if (layer->output_scale == 0) {
        for (std::size_t channel = 0; channel < sums.size(); ++channel) {
          logits.push_back(static_cast<double>(sums[channel] + layer->bias[channel]) *
                           static_cast<double>(layer->input_scale) *
                           static_cast<double>(layer->weight_scale[channel]));
        }
      } else {
        output = prepared->requantized(sums);
      }
      if (observe) observe({layer, std::move(activations), std::move(sums)});
      activations = std::move(output);
      ++prepared;
    }
  }
  return logits;
}

int IntegerInference::classify(const std::uint8_t* pixels) const {
  const std::vector<double> values = logits(pixels);
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

std::vector<double> infer(const QuantizedNetwork& network, const std::uint8_t* pixels,
                          const LayerObserver& observe) {
  return IntegerInference(network).logits(pixels, observe);
}

int classify(const QuantizedNetwork& network, const std::uint8_t* pixels) {
  return IntegerInference(network).classify(pixels);
}

std::size_t count_correct(const QuantizedNetwork& network, const Dataset& dataset,
                          const std::vector<std::size_t>& indices, int threads) {
  const IntegerInference inference(network);
  const std::size_t tasks = (indices.size() + images_per_task - 1) / images_per_task;
  std::vector<std::size_t> correct(tasks);
  parallel_for(tasks, threads, [&](std::size_t task) {
    const std::size_t end = std::min(indices.size(), (task + 1) * images_per_task);
    for (std::size_t i = task * images_per_task; i < end; ++i) {
      const std::size_t image = indices[i];
      if (inference.classify(dataset.image(image)) == dataset.labels[image]) ++correct[task];
    }
  });
  std::size_t sum = 0;
  for (const std::size_t count : correct) sum += count;
  return sum;
}

}  // namespace togglewise::network
