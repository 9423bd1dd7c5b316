#include "compress/run/batch.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <array>

namespace togglewise::compress {

namespace {

// Real value of every pixel of every channel, as quantize::FloatInference has it.
std::vector<std::array<float, 256>> pixel_values(const network::QuantizedNetwork& network,
                                                 bool integer) {
  std::vector<std::array<float, 256>> values(static_cast<std::size_t>(network.input.channels));
  if (integer) {
    const std::vector<std::array<std::int8_t, 256>> table = network::input_table(network);
    for (std::size_t c = 0; c < values.size(); ++c) {
      std::copy(table[c].begin(), table[c].end(), values[c].begin());
    }
    return values;
  }
  const network::InputNormalization& normalization = network.normalization;
  for (std::size_t c = 0; c < values.size(); ++c) {
    const float mean = normalization.mean.empty() ? 0.0F : normalization.mean[c];
    const float deviation = normalization.deviation.empty() ? 1.0F : normalization.deviation[c];
    for (std::size_t p = 0; p < 256; ++p) {
      values[c][p] = (static_cast<float>(p) / 255.0F - mean) / deviation;
    }
  }
  return values;
}

}  // namespace

Batch make_batch(const network::Dataset& dataset, const std::size_t* images, std::size_t count) {
  return make_batch(dataset, images, count, {}, 0);
}

Batch make_batch(const network::Dataset& dataset, const std::size_t* images, std::size_t count,
                 const AugmentedEpoch& augmentation, std::size_t position) {
  const std::size_t size = dataset.shape.size();
  Batch batch{&dataset, {images, images + count}, std::vector<std::uint8_t>(count * size), {}};
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t* out = batch.pixels.data() + i * size;
    if (augmentation.params.any()) {
      augment(dataset.shape, dataset.image(images[i]), augmentation.params, augmentation.seed,
              augmentation.epoch, position + i, out);
    } else {
      std::copy(dataset.image(images[i]), dataset.image(images[i]) + size, out);
    }
  }
  return batch;
}

Batch mirrored(const Batch& batch) {
  Batch result = batch;
  const auto width = static_cast<std::ptrdiff_t>(batch.dataset->shape.width);
  for (auto row = result.pixels.begin(); row != result.pixels.end(); row += width) {
    std::reverse(row, row + width);
  }
  return result;
}

AugmentationParams augmentation_of(const config::WorkloadConfig& workload) {
  return {workload.training.augmentation.flip, workload.training.augmentation.crop_padding, {}};
}

torch::Tensor input_of(const Batch& batch, const network::QuantizedNetwork& network, bool integer) {
  const std::vector<std::array<float, 256>> values = pixel_values(network, integer);
  const network::FeatureMapShape& shape = batch.dataset->shape;
  torch::Tensor input = at::empty(
      {static_cast<std::int64_t>(batch.size()), shape.channels, shape.height, shape.width},
      at::TensorOptions(torch::kFloat), at::MemoryFormat::ChannelsLast);
  const auto plane = static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
  const std::size_t channels = values.size();
  float* out = input.data_ptr<float>();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    for (std::size_t c = 0; c < channels; ++c) {
      const std::uint8_t* pixels = batch.pixels.data() + (i * channels + c) * plane;
      float* to = out + i * plane * channels + c;
      for (std::size_t p = 0; p < plane; ++p) to[p * channels] = values[c][pixels[p]];
    }
  }
  return input;
}

}  // namespace togglewise::compress
