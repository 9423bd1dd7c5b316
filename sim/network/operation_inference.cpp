#include "sim/network/operation_inference.h"

#include <algorithm>
#include <map>

#include "sim/network/gemm_kernel.h"

namespace togglewise::network {
namespace {

std::size_t size(int value) { return static_cast<std::size_t>(value); }

// The positions k in [begin, end) of a window of `kernel` that lie on the input.
struct Span {
  int begin = 0;
  int end = 0;
  int origin = 0;  // input coordinate of k = 0
};

Span span_of(int position, int input, int kernel, int stride, int pad, int dilation) {
  Span span;
  span.origin = position * stride - pad;
  span.begin = span.origin >= 0 ? 0 : (-span.origin + dilation - 1) / dilation;
  const int room = input - span.origin;  // k · dilation < room
  span.end = room <= 0 ? 0 : std::min(kernel, (room - 1) / dilation + 1);
  return span;
}

// Calls visit(row span, column span, channel's pixels) for every output value in order.
template <typename Visit>
void for_each_window(const Window& window, const FeatureMapShape& in, const FeatureMapShape& out,
                     const std::int8_t* input, const Visit& visit) {
  std::vector<Span> columns;
  for (int x = 0; x < out.width; ++x) {
    columns.push_back(span_of(x, in.width, window.kernel_width, window.stride_width,
                              window.pad_left, window.dilation_width));
  }
  for (int channel = 0; channel < out.channels; ++channel) {
    const std::int8_t* pixels = input + size(channel) * size(in.height) * size(in.width);
    for (int y = 0; y < out.height; ++y) {
      const Span rows = span_of(y, in.height, window.kernel_height, window.stride_height,
                                window.pad_top, window.dilation_height);
      for (const Span& span : columns) visit(rows, span, pixels);
    }
  }
}

// Calls visit(value) for every input pixel that the window covers.
template <typename Visit>
void for_each_pixel(const Window& window, int width, const Span& rows, const Span& columns,
                    const std::int8_t* pixels, const Visit& visit) {
  for (int ky = rows.begin; ky < rows.end; ++ky) {
    const std::int8_t* row = pixels + size(rows.origin + ky * window.dilation_height) * size(width);
    for (int kx = columns.begin; kx < columns.end; ++kx) {
      visit(row[columns.origin + kx * window.dilation_width]);
    }
  }
}

}  // namespace

FeatureMap compute(const MaxPool& pool, const FeatureMap& input) {
  FeatureMap output;
  output.reserve(pool.output.size());
  for_each_window(pool.window, pool.input, pool.output, input.data(),
                  [&](const Span& rows, const Span& columns, const std::int8_t* pixels) {
                    std::int8_t largest = -128;
                    for_each_pixel(pool.window, pool.input.width, rows, columns, pixels,
                                   [&](std::int8_t value) { largest = std::max(largest, value); });
                    output.push_back(largest);
                  });
  return output;
}

FeatureMap compute(const AveragePool& pool, const FeatureMap& input) {
  FeatureMap output;
  output.reserve(pool.output.size());
  std::map<int, FixedPointScale> scales;  // by number of pixels
  for_each_window(pool.window, pool.input, pool.output, input.data(),
                  [&](const Span& rows, const Span& columns, const std::int8_t* pixels) {
                    std::int32_t sum = 0;
                    for_each_pixel(pool.window, pool.input.width, rows, columns, pixels,
                                   [&](std::int8_t value) { sum += value; });
                    const int count = pool.count_padding
                                          ? pool.window.kernel_height * pool.window.kernel_width
                                          : (rows.end - rows.begin) * (columns.end - columns.begin);
                    auto scale = scales.find(count);
                    if (scale == scales.end()) {
                      scale = scales.emplace(count, pool.requantization(count)).first;
                    }
                    output.push_back(requantize(sum, scale->second, -128, 127));
                  });
  return output;
}

FeatureMap compute(const Add& add, const FeatureMap& a, const FeatureMap& b) {
  FeatureMap output(a.size());
  const CommonScale scale = add.rescaling();
  kernel::rescale_sum(a.data(), b.data(), a.size(), scale.multipliers[0], scale.multipliers[1],
                      scale.shift, add.relu ? 0 : -128, add.high, output.data());
  return output;
}

FeatureMap compute(const Concat& concat, const std::vector<const FeatureMap*>& inputs) {
  FeatureMap output;
  output.reserve(concat.output.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const CommonScale scale = concat.rescaling(i);
    for (const std::int8_t value : *inputs[i]) output.push_back(rescale(value, scale, -128, 127));
  }
  return output;
}

FeatureMap compute(const Slice& slice, const FeatureMap& input) {
  FeatureMap output;
  output.reserve(slice.output.size());
  for (int c = 0; c < slice.output.channels; ++c) {
    const int channel = slice.begin[0] + c * slice.step[0];
    for (int y = 0; y < slice.output.height; ++y) {
      const int row = slice.begin[1] + y * slice.step[1];
      const std::int8_t* pixels =
          input.data() +
          (size(channel) * size(slice.input.height) + size(row)) * size(slice.input.width);
      for (int x = 0; x < slice.output.width; ++x) {
        output.push_back(pixels[slice.begin[2] + x * slice.step[2]]);
      }
    }
  }
  return output;
}

FeatureMap compute(const Pad& pad, const FeatureMap& input) {
  FeatureMap output(pad.output.size());
  const std::int8_t* row = input.data();
  for (int c = 0; c < pad.input.channels; ++c) {
    for (int y = 0; y < pad.input.height; ++y, row += pad.input.width) {
      const std::size_t to =
          (size(c + pad.before[0]) * size(pad.output.height) + size(y + pad.before[1])) *
              size(pad.output.width) +
          size(pad.before[2]);
      std::copy_n(row, pad.input.width, output.begin() + static_cast<std::ptrdiff_t>(to));
    }
  }
  return output;
}

FeatureMap compute(const Clamp& clamp, const FeatureMap& input) {
  FeatureMap output(input.size());
  std::transform(input.begin(), input.end(), output.begin(), [&](std::int8_t value) {
    return static_cast<std::int8_t>(std::clamp<int>(value, clamp.low, clamp.high));
  });
  return output;
}

}  // namespace togglewise::network
