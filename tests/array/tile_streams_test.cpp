#include "sim/array/tile_streams.h"

#include <gtest/gtest.h>

#include "sim/array/toggle_engine.h"
#include "sim/network/im2col.h"
#include "tests/array/random_tile.h"

namespace togglewise::array {
namespace {

network::GemmLayer small_convolution(Random& random) {
  network::GemmLayer layer;
  layer.name = "conv";
  layer.input = {2, 6, 5};
  layer.output = {3, 6, 5};
  layer.window.kernel_height = 3;
  layer.window.kernel_width = 3;
  layer.window.pad_top = layer.window.pad_left = layer.window.pad_bottom = layer.window.pad_right =
      1;
  for (int i = 0; i < 3 * 2 * 9; ++i) {
    layer.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
  }
  return layer;
}

std::vector<std::int8_t> random_ifmaps(const network::GemmLayer& layer, int images,
                                       Random& random) {
  std::vector<std::int8_t> values(layer.input.size() * static_cast<std::size_t>(images));
  for (auto& value : values) value = static_cast<std::int8_t>(random.between(0, 127));
  return values;
}

TEST(TileStreams, PartialSumsOverAllTilesAreTheConvolution) {
  Random random(11);
  const network::GemmLayer layer = small_convolution(random);
  const std::vector<std::int8_t> ifmap = random_ifmaps(layer, 1, random);
  const LayerActivations activations = lower_activations(layer, ifmap.data(), 1, 1);
  std::vector<std::int32_t> ofmap(layer.output.size(), 0);
  for (const network::TileRange& range : network::tiles_of(layer.gemm(), 7, 2)) {
    const TileStreams tile = tile_streams(layer, activations, range);
    for (int c = 0; c < tile.used_columns; ++c) {
      for (int m = 0; m < tile.stream_length; ++m) {
        for (int r = 0; r < tile.used_rows; ++r) {
          ofmap[static_cast<std::size_t>((range.column_begin + c) * 30 + m)] +=
              tile.weight(r, c) * tile.row(r)[m + 1];
        }
      }
    }
  }
  for (int n = 0; n < 3; ++n) {
    for (int y = 0; y < 6; ++y) {
      for (int x = 0; x < 5; ++x) {
        std::int32_t sum = 0;
        for (int i = 0; i < 2; ++i) {
          for (int ky = 0; ky < 3; ++ky) {
            for (int kx = 0; kx < 3; ++kx) {
              const int in_y = y + ky - 1;
              const int in_x = x + kx - 1;
              if (in_y < 0 || in_y >= 6 || in_x < 0 || in_x >= 5) continue;
              sum += layer.weights[static_cast<std::size_t>(((n * 2 + i) * 3 + ky) * 3 + kx)] *
                     ifmap[static_cast<std::size_t>((i * 6 + in_y) * 5 + in_x)];
            }
          }
        }
        EXPECT_EQ(ofmap[static_cast<std::size_t>((n * 6 + y) * 5 + x)], sum);
      }
    }
  }
}

network::GemmLayer random_convolution(Random& random) {
  network::GemmLayer layer;
  network::Window& window = layer.window;
  do {
    layer.groups = random.between(1, 3);
    layer.input = {layer.groups * random.between(1, 2), random.between(1, 9), random.between(1, 9)};
    window.kernel_height = random.between(1, 3);
    window.kernel_width = random.between(1, 4);
    window.stride_height = random.between(1, 3);
    window.stride_width = random.between(1, 3);
    window.dilation_height = random.between(1, 2);
    window.dilation_width = random.between(1, 3);
    for (int* pad : {&window.pad_top, &window.pad_left, &window.pad_bottom, &window.pad_right}) {
      *pad = random.between(0, 3);
    }
    layer.output = {layer.groups * random.between(1, 3), window.output_height(layer.input.height),
                    window.output_width(layer.input.width)};
  } while (layer.output.size() == 0);
  for (int i = 0; i < layer.output.channels * layer.gemm().reduction; ++i) {
    layer.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
  }
  return layer;
}

TEST(TileStreams, HoldTheMatrixOfIm2col_ForAnyWindowGroupsAndBatches) {
  Random random(13);
  for (int trial = 0; trial < 200; ++trial) {
    const network::GemmLayer layer = random_convolution(random);
    const network::GemmShape gemm = layer.gemm();
    const int batch_size = random.between(1, 2);
    const int images = batch_size * random.between(1, 2);
    const std::vector<std::int8_t> ifmaps = random_ifmaps(layer, images, random);
    const LayerActivations activations =
        lower_activations(layer, ifmaps.data(), images, batch_size);
    for (const network::TileRange& range : network::tiles_of(gemm, 4, 2)) {
      const TileStreams streams = tile_streams(layer, activations, range);
      std::vector<TileOperands> operands;
      for (int batch = 0; batch < images / batch_size; ++batch) {
        TileOperands expected;
        for (int image = 0; image < batch_size; ++image) {
          const std::vector<std::int8_t> matrix = network::im2col(
              layer, ifmaps.data() +
                         static_cast<std::size_t>(batch * batch_size + image) * layer.input.size());
          for (int m = 0; m < gemm.output_pixels; ++m) {
            const auto row =
                matrix.begin() + m * gemm.groups * gemm.reduction + range.group * gemm.reduction;
            expected.activations.insert(expected.activations.end(), row + range.row_begin,
                                        row + range.row_end);
          }
        }
        operands.push_back(tile_operands(layer, activations, batch, range));
        ASSERT_EQ(operands.back().activations, expected.activations);
      }
      const TileStreams expected = to_streams(operands);
      ASSERT_EQ(streams.activations, expected.activations);
      ASSERT_EQ(streams.weights, expected.weights);
      ASSERT_EQ(streams.cycles, expected.cycles);
    }
  }
}

TEST(TileStreams, OfManyImagesToggleAsTheImagesOneByOne) {
  Random random(12);
  const network::GemmLayer layer = small_convolution(random);
  const int images = 3;
  const std::vector<std::int8_t> ifmaps = random_ifmaps(layer, images, random);
  const LayerActivations activations = lower_activations(layer, ifmaps.data(), images, 1);
  const ArrayShape shape = shape_of(8, 4);
  for (const network::TileRange& range : network::tiles_of(layer.gemm(), 8, 4)) {
    ToggleCounts one_by_one;
    for (int image = 0; image < images; ++image) {
      one_by_one +=
          count_toggles(shape, to_streams(tile_operands(layer, activations, image, range)));
    }
    EXPECT_EQ(count_toggles(shape, tile_streams(layer, activations, range)), one_by_one);
  }
}

}  // namespace
}  // namespace togglewise::array
