#include "sim/network/gemm_inference.h"

#include <algorithm>

#include "sim/network/gemm_kernel.h"
#include "sim/network/im2col.h"

namespace togglewise::network {
namespace {

std::size_t size(int value) { return static_cast<std::size_t>(value); }

std::size_t rounded_up(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

// Output pixels are computed in pieces of about this many, so that the part of the image that they
// see stays in the cache while all output channels pass over it.
constexpr std::size_t pixels_per_piece = 480;

// Neighbours as pairs; an odd last value is paired with zero.
void fill_pairs(const std::int8_t* values, std::size_t count, std::int32_t* pairs) {
  for (std::size_t i = 0; i < count; i += 2) {
    pairs[i / 2] = kernel::pair_of(values[i], i + 1 < count ? values[i + 1] : std::int8_t{0});
  }
}

}  // namespace

PreparedGemm::PreparedGemm(const GemmLayer& layer)
    : layer_(&layer), gemm_(layer.gemm()), requantization_(layer.requantization()) {
  one_pixel_ = gemm_.output_pixels == 1 && layer.groups == 1;
  if (one_pixel_) {
    prepare_dot_products();
  } else {
    prepare_convolution();
  }
}

void PreparedGemm::prepare_dot_products() {
  const std::size_t reduction = size(gemm_.reduction);
  const std::size_t channels = size(gemm_.output_channels);
  reduction_pairs_ = rounded_up((reduction + 1) / 2, kernel::padding);
  pair_weights_.resize(channels * reduction_pairs_);
  for (std::size_t c = 0; c < channels; ++c) {
    fill_pairs(layer_->weights.data() + c * reduction, reduction,
               pair_weights_.data() + c * reduction_pairs_);
  }
}

std::size_t PreparedGemm::phase_index(Phase phase) {
  const auto same = [&](const Phase& other) { return other.y == phase.y && other.x == phase.x; };
  const auto found = std::find_if(phases_.begin(), phases_.end(), same);
  const auto index = static_cast<std::size_t>(found - phases_.begin());
  if (found == phases_.end()) phases_.push_back(phase);
  return index;
}

void PreparedGemm::prepare_convolution() {
  const Window& window = layer_->window;
  struct Tap {
    std::size_t phase, row, column;
  };
  std::vector<Tap> taps;
  for (int ky = 0; ky < window.kernel_height; ++ky) {
    for (int kx = 0; kx < window.kernel_width; ++kx) {
      const int y = ky * window.dilation_height;
      const int x = kx * window.dilation_width;
      taps.push_back({phase_index({y % window.stride_height, x % window.stride_width}),
                      size(y / window.stride_height), size(x / window.stride_width)});
      plane_rows_ = std::max(plane_rows_, taps.back().row + size(layer_->output.height));
      plane_columns_ = std::max(plane_columns_, taps.back().column + size(layer_->output.width));
    }
  }
  pairs_ = size(layer_->input.channels / layer_->groups + 1) / 2;
  for (std::size_t pair = 0; pair < pairs_; ++pair) {
    for (const Tap& tap : taps) {
      const std::size_t plane = pair * phases_.size() + tap.phase;
      tap_offsets_.push_back((plane * plane_rows_ + tap.row) * plane_columns_ + tap.column);
    }
  }
  pack_weights();
}

void PreparedGemm::pack_weights() {
  const std::size_t in_channels = size(layer_->input.channels / layer_->groups);
  const std::size_t out_channels = size(gemm_.output_channels);
  const std::size_t area = size(layer_->window.kernel_height) * size(layer_->window.kernel_width);
  const std::size_t blocks =
      rounded_up(out_channels, kernel::channel_block) / kernel::channel_block;
  const std::size_t taps = tap_offsets_.size();
  pair_weights_.resize(size(layer_->groups) * blocks * taps * kernel::channel_block);
  for (std::size_t group = 0; group < size(layer_->groups); ++group) {
    for (std::size_t channel = 0; channel < out_channels; ++channel) {
      const std::int8_t* from =
          layer_->weights.data() + (group * out_channels + channel) * size(gemm_.reduction);
      std::int32_t* to =
          pair_weights_.data() +
          (group * blocks + channel / kernel::channel_block) * taps * kernel::channel_block +
          channel % kernel::channel_block;
      for (std::size_t tap = 0; tap < taps; ++tap) {
        const std::size_t low = tap / area * 2 * area + tap % area;  // (channel, row, column)
        const bool alone = tap / area * 2 + 1 >= in_channels;
        to[tap * kernel::channel_block] =
            kernel::pair_of(from[low], alone ? std::int8_t{0} : from[low + area]);
      }
    }
  }
}

void PreparedGemm::accumulate(const std::int8_t* ifmap, LayerSums& sums) const {
  if (one_pixel_) {
    accumulate_dot_products(ifmap, sums);
    return;
  }
  const std::size_t channels = size(gemm_.output_channels);
  const std::size_t pixels =
      size(layer_->output.height - 1) * plane_columns_ + size(layer_->output.width);
  sums.row_stride = plane_columns_;
  sums.channel_stride = rounded_up(pixels, kernel::padding) + kernel::padding;
  sums.values.resize(size(layer_->output.channels) * sums.channel_stride + 2 * kernel::padding);
  std::vector<std::int32_t> image;
  const std::size_t block_weights = tap_offsets_.size() * kernel::channel_block;
  const std::int32_t* weights = pair_weights_.data();
  for (int group = 0; group < layer_->groups; ++group) {
    fill_image(ifmap, group, image);
    for (std::size_t begin = 0; begin < pixels; begin += pixels_per_piece) {
      const std::size_t count = std::min(pixels_per_piece, pixels - begin);
      for (std::size_t c = 0; c < channels; c += kernel::channel_block) {
        kernel::convolve(
            image.data() + begin, tap_offsets_.data(), tap_offsets_.size(),
            weights + c / kernel::channel_block * block_weights,
            std::min(kernel::channel_block, channels - c), count,
            sums.values.data() + (size(group) * channels + c) * sums.channel_stride + begin,
            sums.channel_stride);
      }
    }
    weights += rounded_up(channels, kernel::channel_block) / kernel::channel_block * block_weights;
  }
}

void PreparedGemm::accumulate_dot_products(const std::int8_t* ifmap, LayerSums& sums) const {
  const std::vector<std::int8_t> row = im2col(*layer_, ifmap);
  std::vector<std::int32_t> operands(reduction_pairs_);
  fill_pairs(row.data(), row.size(), operands.data());
  sums.row_stride = 1;
  sums.channel_stride = 1;
  sums.values.resize(size(gemm_.output_channels) + kernel::padding);
  kernel::dot_products(operands.data(), pair_weights_.data(), reduction_pairs_,
                       size(gemm_.output_channels), sums.values.data());
}

void PreparedGemm::fill_image(const std::int8_t* ifmap, int group,
                              std::vector<std::int32_t>& image) const {
  const std::size_t plane_size = plane_rows_ * plane_columns_;
  const std::size_t channel_size = size(layer_->input.height) * size(layer_->input.width);
  const int channels = layer_->input.channels / layer_->groups;
  image.assign(pairs_ * phases_.size() * plane_size + 8 * kernel::padding, 0);
  // An odd last channel is paired with zeros.
  const std::vector<std::int8_t> zeros(channels % 2 == 1 ? channel_size : 0);
  std::int32_t* plane = image.data();
  for (int channel = 0; channel < channels; channel += 2) {
    const std::int8_t* low = ifmap + size(group * channels + channel) * channel_size;
    const std::int8_t* high = channel + 1 < channels ? low + channel_size : zeros.data();
    for (const Phase& phase : phases_) {
      fill_plane(low, high, phase, plane);
      plane += plane_size;
    }
  }
}

void PreparedGemm::fill_plane(const std::int8_t* low, const std::int8_t* high, Phase phase,
                              std::int32_t* plane) const {
  const Window& window = layer_->window;
  const FeatureMapShape& in = layer_->input;
  const int stride = window.stride_width;
  const int left = phase.x - window.pad_left;  // input column under column 0
  const int first = left >= 0 ? 0 : (-left + stride - 1) / stride;
  const int last = std::min(static_cast<int>(plane_columns_),
                            in.width > left ? (in.width - 1 - left) / stride + 1 : 0);
  for (std::size_t row = 0; row < plane_rows_; ++row, plane += plane_columns_) {
    const int y = static_cast<int>(row) * window.stride_height + phase.y - window.pad_top;
    if (y < 0 || y >= in.height || first >= last) continue;
    const std::size_t start = size(y) * size(in.width) + size(left + first * stride);
    if (stride == 1) {
      kernel::interleave(low + start, high + start, size(last - first), plane + first);
      continue;
    }
    for (int column = first; column < last; ++column) {
      const std::size_t at = start + size((column - first) * stride);
      plane[column] = kernel::pair_of(low[at], high[at]);
    }
  }
}

std::vector<std::int8_t> PreparedGemm::requantized(const LayerSums& sums) const {
  const FeatureMapShape& out = layer_->output;
  std::vector<std::int8_t> output(out.size());
  std::int8_t* next = output.data();
  for (std::size_t channel = 0; channel < size(out.channels); ++channel) {
    const FixedPointScale scale = requantization_[channel];
    for (std::size_t y = 0; y < size(out.height); ++y, next += out.width) {
      kernel::requantize(sums.row(channel, y), size(out.width), layer_->bias[channel],
                         scale.multiplier, scale.shift, layer_->relu ? 0 : -128, layer_->high,
                         next);
    }
  }
  return output;
}

std::vector<std::int32_t> PreparedGemm::dense(const LayerSums& sums) const {
  const FeatureMapShape& out = layer_->output;
  std::vector<std::int32_t> values;
  values.reserve(out.size());
  for (std::size_t channel = 0; channel < size(out.channels); ++channel) {
    for (std::size_t y = 0; y < size(out.height); ++y) {
      const std::int32_t* row = sums.row(channel, y);
      values.insert(values.end(), row, row + out.width);
    }
  }
  return values;
}

}  // namespace togglewise::network
