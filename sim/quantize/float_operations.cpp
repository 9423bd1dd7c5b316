#include "sim/quantize/float_operations.h"

#include <algorithm>
#include <limits>

namespace togglewise::quantize {
namespace {

using network::FeatureMapShape;
using network::Window;

std::size_t at(const FeatureMapShape& shape, int channel, int row, int column) {
  return (static_cast<std::size_t>(channel) * static_cast<std::size_t>(shape.height) +
          static_cast<std::size_t>(row)) *
             static_cast<std::size_t>(shape.width) +
         static_cast<std::size_t>(column);
}

// Calls visit(value) for every pixel of the window at (row, column) that lies on the input.
template <typename Visit>
void for_window(const Window& window, const FeatureMapShape& input, const float* plane, int row,
                int column, const Visit& visit) {
  for (int y = 0; y < window.kernel_height; ++y) {
    const int in_y = row * window.stride_height + y * window.dilation_height - window.pad_top;
    if (in_y < 0 || in_y >= input.height) continue;
    for (int x = 0; x < window.kernel_width; ++x) {
      const int in_x = column * window.stride_width + x * window.dilation_width - window.pad_left;
      if (in_x < 0 || in_x >= input.width) continue;
      visit(plane[at(input, 0, in_y, in_x)]);
    }
  }
}

// Calls pixel(plane of the input, row, column) for every output pixel and stores what it returns.
template <typename Pool, typename Pixel>
FloatMaps pooled(const Pool& pool, const FloatMaps& input, int images, const Pixel& pixel) {
  const int planes = images * pool.input.channels;
  const std::size_t plane_size = at(pool.input, 1, 0, 0);
  FloatMaps output;
  output.reserve(static_cast<std::size_t>(images) * pool.output.size());
  for (int plane = 0; plane < planes; ++plane) {
    const float* source = input.data() + static_cast<std::size_t>(plane) * plane_size;
    for (int row = 0; row < pool.output.height; ++row) {
      for (int column = 0; column < pool.output.width; ++column) {
        output.push_back(pixel(source, row, column));
      }
    }
  }
  return output;
}

class Apply {
 public:
  Apply(const std::vector<const FloatMaps*>& inputs, int images)
      : inputs_(inputs), images_(images) {}

  FloatMaps operator()(const network::GemmLayer&) const { return {}; }  // FloatGemm does these

  FloatMaps operator()(const network::MaxPool& pool) const {
    return pooled(pool, *inputs_[0], images_, [&](const float* plane, int row, int column) {
      float largest = -std::numeric_limits<float>::infinity();
      for_window(pool.window, pool.input, plane, row, column,
                 [&](float value) { largest = std::max(largest, value); });
      return largest;
    });
  }

  FloatMaps operator()(const network::AveragePool& pool) const {
    const int area = pool.window.kernel_height * pool.window.kernel_width;
    return pooled(pool, *inputs_[0], images_, [&](const float* plane, int row, int column) {
      float sum = 0;
      int count = 0;
      for_window(pool.window, pool.input, plane, row, column, [&](float value) {
        sum += value;
        ++count;
      });
      return sum / static_cast<float>(pool.count_padding ? area : std::max(count, 1));
    });
  }

  FloatMaps operator()(const network::Add&) const {
    FloatMaps output(inputs_[0]->size());
    std::transform(inputs_[0]->begin(), inputs_[0]->end(), inputs_[1]->begin(), output.begin(),
                   [](float a, float b) { return a + b; });
    return output;
  }

  FloatMaps operator()(const network::Concat& concat) const {
    FloatMaps output;
    output.reserve(static_cast<std::size_t>(images_) * concat.output.size());
    for (int image = 0; image < images_; ++image) {
      for (std::size_t i = 0; i < inputs_.size(); ++i) {
        const std::size_t size = concat.inputs[i].size();
        const auto first = inputs_[i]->begin() +
                           static_cast<std::ptrdiff_t>(static_cast<std::size_t>(image) * size);
        output.insert(output.end(), first, first + static_cast<std::ptrdiff_t>(size));
      }
    }
    return output;
  }

  FloatMaps operator()(const network::Slice& slice) const {
    FloatMaps output;
    output.reserve(static_cast<std::size_t>(images_) * slice.output.size());
    for (int image = 0; image < images_; ++image) {
      const float* source =
          inputs_[0]->data() + static_cast<std::size_t>(image) * slice.input.size();
      for (int channel = 0; channel < slice.output.channels; ++channel) {
        for (int row = 0; row < slice.output.height; ++row) {
          for (int column = 0; column < slice.output.width; ++column) {
            output.push_back(source[at(slice.input, slice.begin[0] + channel * slice.step[0],
                                       slice.begin[1] + row * slice.step[1],
                                       slice.begin[2] + column * slice.step[2])]);
          }
        }
      }
    }
    return output;
  }

  FloatMaps operator()(const network::Pad& pad) const {
    FloatMaps output(static_cast<std::size_t>(images_) * pad.output.size());
    const float* source = inputs_[0]->data();
    for (int image = 0; image < images_; ++image) {
      float* target = output.data() + static_cast<std::size_t>(image) * pad.output.size();
      for (int channel = 0; channel < pad.input.channels; ++channel) {
        for (int row = 0; row < pad.input.height; ++row, source += pad.input.width) {
          std::copy_n(
              source, pad.input.width,
              target + at(pad.output, channel + pad.before[0], row + pad.before[1], pad.before[2]));
        }
      }
    }
    return output;
  }

  FloatMaps operator()(const network::Clamp&) const { return *inputs_[0]; }
  FloatMaps operator()(const network::Flatten&) const { return *inputs_[0]; }

 private:
  const std::vector<const FloatMaps*>& inputs_;
  int images_;
};

}  // namespace

FloatMaps apply(const network::Operation& operation, const std::vector<const FloatMaps*>& inputs,
                int images) {
  return std::visit(Apply(inputs, images), operation);
}

void clamp(FloatMaps& values, float low, float high) {
  for (float& value : values) value = std::min(std::max(value, low), high);
}

}  // namespace togglewise::quantize
