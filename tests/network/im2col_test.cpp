// The rows of a layer's GEMM, against the definition of a convolution and against their product
// with the weights.
#include "sim/network/im2col.h"

#include <gtest/gtest.h>

#include "tests/network/random_graph.h"
#include "tests/network/reference_inference.h"

namespace togglewise::network {
namespace {

GemmLayer layer_of(FeatureMapShape input, int output_channels, const Window& window, int groups) {
  GemmLayer layer;
  layer.name = "layer";
  layer.input = input;
  layer.window = window;
  layer.groups = groups;
  layer.output = {output_channels, window.output_height(input.height),
                  window.output_width(input.width)};
  return layer;
}

std::vector<std::int8_t> counted(const FeatureMapShape& shape) {
  std::vector<std::int8_t> values;
  for (std::size_t i = 0; i < shape.size(); ++i) values.push_back(static_cast<std::int8_t>(i + 1));
  return values;
}

using Row = std::vector<int>;

Row row(const std::vector<std::int8_t>& matrix, std::size_t index, std::size_t length) {
  const auto begin = matrix.begin() + static_cast<std::ptrdiff_t>(index * length);
  return {begin, begin + static_cast<std::ptrdiff_t>(length)};
}

TEST(Im2col, PaddingOnTwoSides_LeavesZerosThere) {
  // 1 2 3 / 4 5 6 with a row of zeros above and a column of zeros to the right.
  Window window;
  window.kernel_height = window.kernel_width = 2;
  window.pad_top = window.pad_right = 1;
  const GemmLayer layer = layer_of({1, 2, 3}, 1, window, 1);
  const auto matrix = im2col(layer, counted(layer.input).data());
  ASSERT_EQ(matrix.size(), 6U * 4U);
  EXPECT_EQ(row(matrix, 0, 4), (Row{0, 0, 1, 2}));
  EXPECT_EQ(row(matrix, 2, 4), (Row{0, 0, 3, 0}));
  EXPECT_EQ(row(matrix, 3, 4), (Row{1, 2, 4, 5}));
  EXPECT_EQ(row(matrix, 5, 4), (Row{3, 0, 6, 0}));
}

TEST(Im2col, Dilation_SkipsPixels) {
  Window window;
  window.kernel_width = 2;
  window.dilation_width = 3;
  const GemmLayer layer = layer_of({1, 1, 5}, 1, window, 1);
  const auto matrix = im2col(layer, counted(layer.input).data());
  ASSERT_EQ(matrix.size(), 2U * 2U);
  EXPECT_EQ(row(matrix, 0, 2), (Row{1, 4}));
  EXPECT_EQ(row(matrix, 1, 2), (Row{2, 5}));
}

TEST(Im2col, StridesThatDiffer_StepEachDirectionByItsOwn) {
  Window window;
  window.stride_height = 2;
  window.stride_width = 3;
  const GemmLayer layer = layer_of({1, 3, 4}, 1, window, 1);
  const auto matrix = im2col(layer, counted(layer.input).data());
  EXPECT_EQ(row(matrix, 0, 4), (Row{1, 4, 9, 12}));
}

TEST(Im2col, Groups_StandBesideOneAnotherInARow) {
  const GemmLayer layer = layer_of({4, 1, 2}, 6, square_window(1, 1, 0), 2);
  const auto matrix = im2col(layer, counted(layer.input).data());
  // Row = pixel; the first group's channels 0 and 1, then the second's 2 and 3.
  EXPECT_EQ(row(matrix, 0, 4), (Row{1, 3, 5, 7}));
  EXPECT_EQ(row(matrix, 1, 4), (Row{2, 4, 6, 8}));
  EXPECT_EQ(layer.gemm().reduction, 2);
  EXPECT_EQ(layer.gemm().output_channels, 3);
  EXPECT_EQ(layer.gemm().groups, 2);
}

TEST(Im2col, RandomGraphs_GiveTheSumsOfTheDefinition) {
  int grouped = 0;
  int dilated = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_graph(seed);
    const Dataset image = random_images(network, 1, seed);
    const ReferenceInference expected = reference_inference(network, image.image(0));
    for (std::size_t l = 0; l < expected.ifmaps.size(); ++l) {
      const GemmLayer& layer = *network.gemm_layers()[l];
      grouped += layer.groups > 1 ? 1 : 0;
      dilated += layer.window.dilation_width > 1 && layer.window.kernel_width > 1 ? 1 : 0;
      const GemmShape gemm = layer.gemm();
      const auto matrix = im2col(layer, expected.ifmaps[l].data());
      ASSERT_EQ(matrix.size(),
                static_cast<std::size_t>(gemm.output_pixels * gemm.groups * gemm.reduction));
      for (int channel = 0; channel < layer.output.channels; ++channel) {
        const int group = channel / gemm.output_channels;
        for (int m = 0; m < gemm.output_pixels; ++m) {
          std::int64_t sum = 0;
          for (int k = 0; k < gemm.reduction; ++k) {
            const int at = (m * gemm.groups + group) * gemm.reduction + k;
            sum += layer.weights[static_cast<std::size_t>(channel * gemm.reduction + k)] *
                   matrix[static_cast<std::size_t>(at)];
          }
          const int place = channel * gemm.output_pixels + m;
          ASSERT_EQ(sum, expected.sums[l][static_cast<std::size_t>(place)]);
        }
      }
    }
  }
  EXPECT_GT(grouped, 20);
  EXPECT_GT(dilated, 5);
}

}  // namespace
}  // namespace togglewise::network
