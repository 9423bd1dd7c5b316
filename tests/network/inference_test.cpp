#include "sim/network/inference.h"

#include <cmath>

#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::network {
namespace {

// The definition, value by value: no reordering, no padding, 64-bit sums.
struct Reference {
  std::vector<std::vector<std::int8_t>> ifmaps;
  std::vector<std::vector<std::int64_t>> sums;  // without bias
  std::vector<double> logits;
};

std::int64_t sum_at(const GemmLayer& layer, const std::vector<std::int8_t>& input, int channel,
                    int row, int column) {
  std::int64_t sum = 0;
  for (int c = 0; c < layer.input.channels; ++c) {
    for (int ky = 0; ky < layer.window.kernel_height; ++ky) {
      for (int kx = 0; kx < layer.window.kernel_width; ++kx) {
        const int y = row * layer.window.stride_height + ky - layer.window.pad_top;
        const int x = column * layer.window.stride_width + kx - layer.window.pad_left;
        if (y < 0 || x < 0 || y >= layer.input.height || x >= layer.input.width) continue;
        const int weight = layer.weights[static_cast<std::size_t>(
            ((channel * layer.input.channels + c) * layer.window.kernel_height + ky) *
                layer.window.kernel_width +
            kx)];
        sum +=
            weight *
            input[static_cast<std::size_t>((c * layer.input.height + y) * layer.input.width + x)];
      }
    }
  }
  return sum;
}

Reference reference_inference(const QuantizedNetwork& network, const std::uint8_t* pixels) {
  Reference result;
  std::vector<std::int8_t> values;
  for (std::size_t i = 0; i < network.input.size(); ++i) {
    values.push_back(static_cast<std::int8_t>(std::lround(pixels[i] * 127.0 / 255.0)));
  }
  for (const Node& node : network.nodes) {
    std::vector<std::int8_t> next;
    if (const auto* pool = std::get_if<MaxPool>(&node.operation)) {
      for (int c = 0; c < pool->output.channels; ++c) {
        for (int y = 0; y < pool->output.height; ++y) {
          for (int x = 0; x < pool->output.width; ++x) {
            std::int8_t largest = -128;
            for (int i = 0; i < pool->window.kernel_width * pool->window.kernel_width; ++i) {
              const int from_y = y * pool->window.stride_height + i / pool->window.kernel_width;
              const int from_x = x * pool->window.stride_width + i % pool->window.kernel_width;
              largest = std::max(
                  largest, values[static_cast<std::size_t>(
                               (c * pool->input.height + from_y) * pool->input.width + from_x)]);
            }
            next.push_back(largest);
          }
        }
      }
      values = next;
    } else if (const auto* layer = std::get_if<GemmLayer>(&node.operation)) {
      result.ifmaps.push_back(values);
      result.sums.emplace_back();
      for (int c = 0; c < layer->output.channels; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        for (int y = 0; y < layer->output.height; ++y) {
          for (int x = 0; x < layer->output.width; ++x) {
            const std::int64_t sum = sum_at(*layer, values, c, y, x);
            result.sums.back().push_back(sum);
            const std::int64_t biased = sum + layer->bias[channel];
            if (layer->output_scale == 0) {
              result.logits.push_back(static_cast<double>(biased) *
                                      static_cast<double>(layer->input_scale) *
                                      static_cast<double>(layer->weight_scale[channel]));
            } else {
              next.push_back(requantize(static_cast<std::int32_t>(biased),
                                        layer->requantization()[channel], layer->relu ? 0 : -128,
                                        127));
            }
          }
        }
      }
      values = next;
    }
  }
  return result;
}

TEST(IntegerInference, RandomNetworks_MatchTheDefinition) {
  int saturated = 0;
  int inside = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_network(seed);
    ASSERT_NO_THROW(check_network(network, 8, "random"));
    const Dataset images = random_images(network, 3, seed + 1000);
    for (std::size_t i = 0; i < images.size(); ++i) {
      const Reference expected = reference_inference(network, images.image(i));
      std::size_t layer = 0;
      const std::vector<double> logits =
          infer(network, images.image(i), [&](const LayerTrace& seen) {
            ASSERT_LT(layer, expected.ifmaps.size());
            EXPECT_EQ(seen.layer, network.gemm_layers()[layer]);
            EXPECT_EQ(seen.ifmap, expected.ifmaps[layer]);
            EXPECT_TRUE(std::equal(seen.accumulators.begin(), seen.accumulators.end(),
                                   expected.sums[layer].begin(), expected.sums[layer].end()));
            for (const std::int8_t value : seen.ifmap) {
              ++(value == 127 || value == -128 ? saturated : inside);
            }
            ++layer;
          });
      EXPECT_EQ(layer, expected.ifmaps.size());
      EXPECT_EQ(logits, expected.logits);
      const auto largest = std::max_element(expected.logits.begin(), expected.logits.end());
      EXPECT_EQ(classify(network, images.image(i)), largest - expected.logits.begin());
    }
  }
  // The random scales must exercise both the clamp and the rounding.
  EXPECT_GT(saturated, 1000);
  EXPECT_GT(inside, 10000);
}

TEST(IntegerInference, EqualLogits_GiveTheLowestClass) {
  QuantizedNetwork network = random_network(3);
  GemmLayer& last = *network.gemm_layers().back();
  std::fill(last.weights.begin(), last.weights.end(), std::int8_t{0});
  std::fill(last.bias.begin(), last.bias.end(), 5);
  std::fill(last.weight_scale.begin(), last.weight_scale.end(), 0.5F);
  const Dataset images = random_images(network, 1, 1);
  EXPECT_EQ(classify(network, images.image(0)), 0);
}

TEST(CountCorrect, AnyNumberOfThreads_CountsTheSameImages) {
  const QuantizedNetwork network = random_network(11);
  const Dataset images = random_images(network, 300, 12);
  std::vector<std::size_t> indices;
  std::size_t expected = 0;
  for (std::size_t i = 0; i < images.size(); i += 2) {
    indices.push_back(i);
    if (classify(network, images.image(i)) == images.labels[i]) ++expected;
  }
  EXPECT_GT(expected, 0U);
  EXPECT_LT(expected, indices.size());
  for (const int threads : {1, 2, 5}) {
    EXPECT_EQ(count_correct(network, images, indices, threads), expected);
  }
  EXPECT_EQ(count_correct(network, images, {}, 2), 0U);
}

TEST(QuantizePixel, AllPixels_AreTheNearestActivation) {
  for (int pixel = 0; pixel < 256; ++pixel) {
    EXPECT_EQ(quantize_pixel(static_cast<std::uint8_t>(pixel)), std::lround(pixel * 127.0 / 255.0));
  }
}

}  // namespace
}  // namespace togglewise::network
