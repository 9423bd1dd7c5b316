#include "sim/array/tile_streams.h"

#include <algorithm>

#include "sim/network/im2col.h"

namespace togglewise::array {
namespace {

TileStreams empty_streams(int rows, int columns, int batches, int stream_length,
                          std::vector<std::int8_t> weights) {
  TileStreams streams;
  streams.used_rows = rows;
  streams.used_columns = columns;
  streams.batches = batches;
  streams.stream_length = stream_length;
  streams.cycles =
      static_cast<std::size_t>(batches) * (static_cast<std::size_t>(stream_length) + 1) + 1;
  streams.weights = std::move(weights);
  streams.activations.assign(static_cast<std::size_t>(rows) * streams.cycles, 0);
  return streams;
}

// Where the tile's first row stands in a vector of LayerActivations.
std::size_t first_row_of(const network::GemmLayer& layer, const network::TileRange& range) {
  return static_cast<std::size_t>(range.group * layer.gemm().reduction + range.row_begin);
}

}  // namespace

std::vector<std::int8_t> tile_weights(const network::GemmLayer& layer,
                                      const network::TileRange& range) {
  const network::GemmShape gemm = layer.gemm();
  const int first_channel = range.group * gemm.output_channels;
  std::vector<std::int8_t> weights;
  weights.reserve(static_cast<std::size_t>(range.rows()) *
                  static_cast<std::size_t>(range.columns()));
  for (int k = range.row_begin; k < range.row_end; ++k) {
    for (int n = range.column_begin; n < range.column_end; ++n) {
      weights.push_back(
          layer.weights[static_cast<std::size_t>(first_channel + n) *
                            static_cast<std::size_t>(gemm.reduction) +
                        static_cast<std::size_t>(k)]);
    }
  }
  return weights;
}

LayerActivations lower_activations(const network::GemmLayer& layer, const std::int8_t* ifmaps,
                                   int images, int batch_size) {
  const network::GemmShape gemm = layer.gemm();
  LayerActivations result;
  result.batches = images / batch_size;
  result.stream_length = batch_size * gemm.output_pixels;
  result.row_length = gemm.groups * gemm.reduction;
  for (int image = 0; image < images; ++image) {
    const std::vector<std::int8_t> matrix =
        network::im2col(layer, ifmaps + static_cast<std::size_t>(image) * layer.input.size());
    result.values.insert(result.values.end(), matrix.begin(), matrix.end());
  }
  return result;
}

TileStreams tile_streams(const network::GemmLayer& layer, const LayerActivations& activations,
                         const network::TileRange& range) {
  TileStreams streams = empty_streams(range.rows(), range.columns(), activations.batches,
                                      activations.stream_length, tile_weights(layer, range));
  const auto row_length = static_cast<std::size_t>(activations.row_length);
  const auto length = static_cast<std::size_t>(activations.stream_length);
  const std::size_t first_row = first_row_of(layer, range);
  for (int batch = 0; batch < activations.batches; ++batch) {
    const std::size_t first_vector = static_cast<std::size_t>(batch) * length;
    const std::size_t first_cycle = static_cast<std::size_t>(batch) * (length + 1) + 1;
    for (std::size_t m = 0; m < length; ++m) {
      const std::int8_t* vector =
          activations.values.data() + (first_vector + m) * row_length + first_row;
      for (std::size_t r = 0; r < static_cast<std::size_t>(range.rows()); ++r) {
        streams.activations[r * streams.cycles + first_cycle + m] = vector[r];
      }
    }
  }
  return streams;
}

TileOperands tile_operands(const network::GemmLayer& layer, const LayerActivations& activations,
                           int batch, const network::TileRange& range) {
  TileOperands operands;
  operands.used_rows = range.rows();
  operands.used_columns = range.columns();
  operands.stream_length = activations.stream_length;
  operands.weights = tile_weights(layer, range);
  const auto row_length = static_cast<std::size_t>(activations.row_length);
  const auto length = static_cast<std::size_t>(activations.stream_length);
  const std::size_t first_row = first_row_of(layer, range);
  for (std::size_t m = 0; m < length; ++m) {
    const std::int8_t* vector = activations.values.data() +
                                (static_cast<std::size_t>(batch) * length + m) * row_length +
                                first_row;
    operands.activations.insert(operands.activations.end(), vector, vector + range.rows());
  }
  return operands;
}

TileStreams to_streams(const std::vector<TileOperands>& batches) {
  const TileOperands& first = batches.at(0);
  TileStreams streams =
      empty_streams(first.used_rows, first.used_columns, static_cast<int>(batches.size()),
                    first.stream_length, first.weights);
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
