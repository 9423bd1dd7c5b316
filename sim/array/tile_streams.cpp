#include "sim/array/tile_streams.h"

#include <algorithm>

#include "sim/network/im2col.h"

namespace togglewise::array {
namespace {

TileStreams empty_streams(int rows, int columns, int images, int stream_length,
                          std::vector<std::int8_t> weights) {
  TileStreams streams;
  streams.used_rows = rows;
  streams.used_columns = columns;
  streams.images = images;
  streams.stream_length = stream_length;
  streams.cycles =
      static_cast<std::size_t>(images) * (static_cast<std::size_t>(stream_length) + 1) + 1;
  streams.weights = std::move(weights);
  streams.activations.assign(static_cast<std::size_t>(rows) * streams.cycles, 0);
  return streams;
}

}  // namespace

std::vector<std::int8_t> tile_weights(const network::GemmLayer& layer,
                                      const network::TileRange& range) {
  const int reduction = layer.gemm().reduction;
  std::vector<std::int8_t> weights;
  weights.reserve(static_cast<std::size_t>(range.rows()) *
                  static_cast<std::size_t>(range.columns()));
  for (int k = range.row_begin; k < range.row_end; ++k) {
    for (int n = range.column_begin; n < range.column_end; ++n) {
      weights.push_back(
          layer.weights[static_cast<std::size_t>(n) * static_cast<std::size_t>(reduction) +
                        static_cast<std::size_t>(k)]);
    }
  }
  return weights;
}

LayerActivations lower_activations(const network::GemmLayer& layer, const std::int8_t* ifmaps,
                                   int images) {
  LayerActivations result;
  result.images = images;
  result.output_pixels = layer.gemm().output_pixels;
  result.reduction = layer.gemm().reduction;
  for (int image = 0; image < images; ++image) {
    const std::vector<std::int8_t> matrix =
        network::im2col(layer, ifmaps + static_cast<std::size_t>(image) * layer.input.size());
    result.values.insert(result.values.end(), matrix.begin(), matrix.end());
  }
  return result;
}

TileStreams tile_streams(const network::GemmLayer& layer, const LayerActivations& activations,
                         const network::TileRange& range) {
  TileStreams streams = empty_streams(range.rows(), range.columns(), activations.images,
                                      activations.output_pixels, tile_weights(layer, range));
  const auto reduction = static_cast<std::size_t>(activations.reduction);
  const auto pixels = static_cast<std::size_t>(activations.output_pixels);
  for (int image = 0; image < activations.images; ++image) {
    const std::size_t first_pixel = static_cast<std::size_t>(image) * pixels;
    const std::size_t first_cycle = static_cast<std::size_t>(image) * (pixels + 1) + 1;
    for (std::size_t m = 0; m < pixels; ++m) {
      const std::int8_t* vector = activations.values.data() + (first_pixel + m) * reduction +
                                  static_cast<std::size_t>(range.row_begin);
      for (std::size_t r = 0; r < static_cast<std::size_t>(range.rows()); ++r) {
        streams.activations[r * streams.cycles + first_cycle + m] = vector[r];
      }
    }
  }
  return streams;
}

TileOperands tile_operands(const network::GemmLayer& layer, const LayerActivations& activations,
                           int image, const network::TileRange& range) {
  TileOperands operands;
  operands.used_rows = range.rows();
  operands.used_columns = range.columns();
  operands.stream_length = activations.output_pixels;
  operands.weights = tile_weights(layer, range);
  const auto reduction = static_cast<std::size_t>(activations.reduction);
  const auto pixels = static_cast<std::size_t>(activations.output_pixels);
  for (std::size_t m = 0; m < pixels; ++m) {
    const std::int8_t* vector =
        activations.values.data() + (static_cast<std::size_t>(image) * pixels + m) * reduction;
    operands.activations.insert(operands.activations.end(), vector + range.row_begin,
                                vector + range.row_end);
  }
  return operands;
}

TileStreams to_streams(const std::vector<TileOperands>& images) {
  const TileOperands& first = images.at(0);
  TileStreams streams =
      empty_streams(first.used_rows, first.used_columns, static_cast<int>(images.size()),
                    first.stream_length, first.weights);
  const auto rows = static_cast<std::size_t>(first.used_rows);
  const auto pixels = static_cast<std::size_t>(first.stream_length);
  for (std::size_t image = 0; image < images.size(); ++image) {
    const std::size_t first_cycle = image * (pixels + 1) + 1;
    for (std::size_t m = 0; m < pixels; ++m) {
      for (std::size_t r = 0; r < rows; ++r) {
        streams.activations[r * streams.cycles + first_cycle + m] =
            images[image].activations[m * rows + r];
      }
    }
  }
  return streams;
}

}  // namespace togglewise::array
