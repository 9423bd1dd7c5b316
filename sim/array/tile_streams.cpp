#include "sim/array/tile_streams.h"

#include <algorithm>
#include <utility>

namespace togglewise::array {
namespace {

std::size_t stream_cycles(int batches, int stream_length) {
  return static_cast<std::size_t>(batches) * (static_cast<std::size_t>(stream_length) + 1) + 1;
}

TileStreams empty_streams(int rows, int columns, int batches, int stream_length,
                          std::vector<std::int8_t> weights) {
  TileStreams streams;
  streams.used_rows = rows;
  streams.used_columns = columns;
  streams.batches = batches;
  streams.stream_length = stream_length;
  streams.cycles = stream_cycles(batches, stream_length);
  streams.weights = std::move(weights);
  return streams;
}

// One position of the window: which input pixel each output pixel multiplies with its weight.
class WindowTap {
 public:
  WindowTap(const network::GemmLayer& layer, int kernel_y, int kernel_x)
      : input_(layer.input),
        output_(layer.output),
        step_y_(layer.window.stride_height),
        step_x_(layer.window.stride_width),
        first_y_(kernel_y * layer.window.dilation_height - layer.window.pad_top),
        first_x_(kernel_x * layer.window.dilation_width - layer.window.pad_left),
        begin_y_(begin_of(first_y_, step_y_, output_.height)),
        end_y_(end_of(first_y_, step_y_, input_.height, output_.height)),
        begin_x_(begin_of(first_x_, step_x_, output_.width)),
        end_x_(end_of(first_x_, step_x_, input_.width, output_.width)) {}

  // Output pixels in raster order, from one channel of an input feature map; those whose window
  // position lies in the padding are left alone: `to` holds zeros.
  void copy(const std::int8_t* from, std::int8_t* to) const {
    if (step_x_ == 1 && step_y_ == 1 && input_.width == output_.width) {
      copy_shifted(from, to);
      return;
    }
    for (int y = begin_y_; y < end_y_; ++y) {
      const std::int8_t* source = from + (y * step_y_ + first_y_) * input_.width + first_x_;
      std::int8_t* line = to + y * output_.width;
      if (step_x_ == 1) {
        std::copy(source + begin_x_, source + end_x_, line + begin_x_);
      } else {
        for (int x = begin_x_; x < end_x_; ++x) line[x] = source[x * step_x_];
      }
    }
  }

 private:
  // Output positions i in [0, outputs) with 0 <= i·step + first < inputs are [begin, end).
  static int begin_of(int first, int step, int outputs) {
    return first >= 0 ? 0 : std::min(outputs, (-first + step - 1) / step);
  }
  static int end_of(int first, int step, int inputs, int outputs) {
    return first >= inputs ? 0 : std::min(outputs, (inputs - 1 - first) / step + 1);
  }

  // Where both feature maps are equally wide, a tap is the input shifted: one copy, in which what
  // came from beyond a line's end is zeroed again.
  void copy_shifted(const std::int8_t* from, std::int8_t* to) const {
    if (begin_y_ >= end_y_ || begin_x_ >= end_x_) return;
    const int width = input_.width;
    const std::ptrdiff_t shift = std::ptrdiff_t{first_y_} * width + first_x_;
    const std::ptrdiff_t begin = std::ptrdiff_t{begin_y_} * width + begin_x_;
    const std::ptrdiff_t end = std::ptrdiff_t{end_y_ - 1} * width + end_x_;
    std::copy(from + begin + shift, from + end + shift, to + begin);
    if (begin_x_ == 0 && end_x_ == width) return;
    for (int y = begin_y_; y < end_y_; ++y) {
      std::int8_t* line = to + std::ptrdiff_t{y} * width;
      for (int x = 0; x < begin_x_; ++x) line[x] = 0;
      for (int x = end_x_; x < width; ++x) line[x] = 0;
    }
  }

  network::FeatureMapShape input_;
  network::FeatureMapShape output_;
  int step_y_, step_x_;
  int first_y_, first_x_;  // input pixel of output pixel (0, 0); may lie in the padding
  int begin_y_, end_y_;    // output lines whose input line exists
  int begin_x_, end_x_;
};

// The row of LayerActivations that the tile's r-th used row sees.
std::size_t row_of(const network::GemmLayer& layer, const network::MappedTile& tile,
                   std::size_t r) {
  return static_cast<std::size_t>(tile.range.group * layer.gemm().reduction + tile.reduction[r]);
}

// The same pixels of every image in another order.
void reorder(const std::vector<std::uint32_t>& pixels, int images, int batch_size,
             LayerActivations& activations) {
  const std::size_t count = pixels.size();
  std::vector<std::int8_t> raster(count);
  for (std::size_t row = 0; row * activations.cycles < activations.values.size(); ++row) {
    std::int8_t* values = activations.values.data() + row * activations.cycles;
    for (int image = 0; image < images; ++image) {
      std::int8_t* of_image = values + 1 + static_cast<std::size_t>(image / batch_size) +
                              static_cast<std::size_t>(image) * count;
      std::copy_n(of_image, count, raster.begin());
      for (std::size_t m = 0; m < count; ++m) of_image[m] = raster[pixels[m]];
    }
  }
}

}  // namespace

std::vector<std::int8_t> tile_weights(const network::GemmLayer& layer,
                                      const network::MappedTile& tile) {
  const network::GemmShape gemm = layer.gemm();
  const int first_channel = tile.range.group * gemm.output_channels;
  std::vector<std::int8_t> weights;
  weights.reserve(tile.reduction.size() * tile.channels.size());
  for (const int k : tile.reduction) {
    for (std::size_t c = 0; c < tile.channels.size(); ++c) {
      const std::int8_t weight =
          layer.weights[static_cast<std::size_t>(first_channel + tile.channels[c]) *
                            static_cast<std::size_t>(gemm.reduction) +
                        static_cast<std::size_t>(k)];
      const bool negated = !tile.negated.empty() && tile.negated[c] != 0;
      weights.push_back(negated ? static_cast<std::int8_t>(-weight) : weight);
    }
  }
  return weights;
}

LayerActivations lower_activations(const network::GemmLayer& layer, const std::int8_t* ifmaps,
                                   int images, int batch_size, const network::PixelOrder& order) {
  const network::GemmShape gemm = layer.gemm();
  const auto pixels = static_cast<std::size_t>(gemm.output_pixels);
  LayerActivations result;
  result.batches = images / batch_size;
  result.stream_length = batch_size * gemm.output_pixels;
  result.cycles = stream_cycles(result.batches, result.stream_length);
  result.values.assign(static_cast<std::size_t>(gemm.groups) *
                           static_cast<std::size_t>(gemm.reduction) * result.cycles,
                       0);
  std::int8_t* row = result.values.data();
  for (int channel = 0; channel < layer.input.channels; ++channel) {
    for (int kernel_y = 0; kernel_y < layer.window.kernel_height; ++kernel_y) {
      for (int kernel_x = 0; kernel_x < layer.window.kernel_width; ++kernel_x) {
        const WindowTap tap(layer, kernel_y, kernel_x);
        for (int image = 0; image < images; ++image) {
          const auto first = 1 + static_cast<std::size_t>(image / batch_size) +
                             static_cast<std::size_t>(image) * pixels;
          tap.copy(
              ifmaps + static_cast<std::size_t>(image) * layer.input.size() +
                  static_cast<std::ptrdiff_t>(channel) * layer.input.height * layer.input.width,
              row + first);
        }
        row += result.cycles;
      }
    }
  }
  if (order.kind != network::PixelOrder::Kind::raster) {
    reorder(order.pixels(layer.output.height, layer.output.width), images, batch_size, result);
  }
  return result;
}

TileStreams tile_streams(const network::GemmLayer& layer, const LayerActivations& activations,
                         const network::MappedTile& tile) {
  TileStreams streams = empty_streams(tile.range.rows(), tile.range.columns(), activations.batches,
                                      activations.stream_length, tile_weights(layer, tile));
  streams.first_row = tile.first_row;
  streams.partial_sum_offset = tile.partial_sum_offset;
  streams.negated = tile.negated;
  streams.activations.reserve(tile.reduction.size() * streams.cycles);
  for (std::size_t r = 0; r < tile.reduction.size(); ++r) {
    const std::int8_t* row = activations.row(row_of(layer, tile, r));
    streams.activations.insert(streams.activations.end(), row, row + streams.cycles);
  }
  return streams;
}

TileStreams tile_streams(const network::GemmLayer& layer, const LayerActivations& activations,
                         const network::TileRange& range) {
  return tile_streams(layer, activations, network::natural_tile(range));
}

TileOperands tile_operands(const network::GemmLayer& layer, const LayerActivations& activations,
                           int batch, const network::MappedTile& tile) {
  TileOperands operands;
  operands.used_rows = tile.range.rows();
  operands.used_columns = tile.range.columns();
  operands.first_row = tile.first_row;
  operands.partial_sum_offset = tile.partial_sum_offset;
  operands.negated = tile.negated;
  operands.stream_length = activations.stream_length;
  operands.weights = tile_weights(layer, tile);
  const std::size_t rows = tile.reduction.size();
  const auto length = static_cast<std::size_t>(activations.stream_length);
  operands.activations.resize(length * rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::int8_t* stream = activations.row(row_of(layer, tile, r)) + 1 +
                                static_cast<std::size_t>(batch) * (length + 1);
    for (std::size_t m = 0; m < length; ++m) operands.activations[m * rows + r] = stream[m];
  }
  return operands;
}

TileOperands tile_operands(const network::GemmLayer& layer, const LayerActivations& activations,
                           int batch, const network::TileRange& range) {
  return tile_operands(layer, activations, batch, network::natural_tile(range));
}

TileStreams to_streams(const std::vector<TileOperands>& batches) {
  const TileOperands& first = batches.at(0);
  TileStreams streams =
      empty_streams(first.used_rows, first.used_columns, static_cast<int>(batches.size()),
                    first.stream_length, first.weights);
  streams.first_row = first.first_row;
  streams.partial_sum_offset = first.partial_sum_offset;
  streams.negated = first.negated;
  streams.activations.assign(static_cast<std::size_t>(first.used_rows) * streams.cycles, 0);
  const auto rows = static_cast<std::size_t>(first.used_rows);
  const auto length = static_cast<std::size_t>(first.stream_length);
  for (std::size_t batch = 0; batch < batches.size(); ++batch) {
    const std::size_t first_cycle = batch * (length + 1) + 1;
    for (std::size_t m = 0; m < length; ++m) {
      for (std::size_t r = 0; r < rows; ++r) {
        streams.activations[r * streams.cycles + first_cycle + m] =
            batches[batch].activations[m * rows + r];
      }
    }
  }
  return streams;
}

}  // namespace togglewise::array
