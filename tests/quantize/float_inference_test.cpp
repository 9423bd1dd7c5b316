// Float inference against the definition of each operation, written out pixel by pixel.
#include "sim/quantize/float_inference.h"

#include <gtest/gtest.h>

#include "tests/quantize/random_float_network.h"

namespace togglewise::quantize {
namespace {

using network::FeatureMapShape;
using network::GemmLayer;

// The convolution by its definition, in double.
std::vector<double> convolve(const GemmLayer& layer, const graph::FloatParameters& parameters,
                             const std::vector<float>& input) {
  const network::Window& w = layer.window;
  const int inputs = layer.input.channels / layer.groups;
  const int outputs = layer.output.channels / layer.groups;
  std::vector<double> result;
  for (int c = 0; c < layer.output.channels; ++c) {
    for (int row = 0; row < layer.output.height; ++row) {
      for (int column = 0; column < layer.output.width; ++column) {
        double sum = double{parameters.bias[static_cast<std::size_t>(c)]};
        for (int i = 0; i < inputs * w.kernel_height * w.kernel_width; ++i) {
          const int channel = c / outputs * inputs + i / (w.kernel_height * w.kernel_width);
          const int y = row * w.stride_height - w.pad_top +
                        i / w.kernel_width % w.kernel_height * w.dilation_height;
          const int x =
              column * w.stride_width - w.pad_left + i % w.kernel_width * w.dilation_width;
          if (y < 0 || y >= layer.input.height || x < 0 || x >= layer.input.width) continue;
          const int pixel = (channel * layer.input.height + y) * layer.input.width + x;
          sum += double{parameters.weights[static_cast<std::size_t>(
                     c * inputs * w.kernel_height * w.kernel_width + i)]} *
                 double{input[static_cast<std::size_t>(pixel)]};
        }
        result.push_back(sum);
      }
    }
  }
  return result;
}

TEST(FloatGemm, EqualsTheDefinition_ForRandomWindowsAndGroups) {
  Random random(3);
  for (int trial = 0; trial < 60; ++trial) {
    GemmLayer layer;
    layer.groups = random.between(1, 3);
    layer.input = {layer.groups * random.between(1, 9), random.between(5, 12),
                   random.between(5, 12)};
    layer.window = {random.between(1, 3), random.between(1, 3), random.between(1, 3),
                    random.between(1, 2), random.between(0, 2), random.between(0, 1),
                    random.between(0, 1), random.between(0, 2), random.between(1, 2),
                    random.between(1, 2)};
    layer.output = {layer.groups * random.between(1, 20),
                    layer.window.output_height(layer.input.height),
                    layer.window.output_width(layer.input.width)};
    const graph::FloatParameters parameters = random_parameters(layer, random);
    std::vector<float> input(2 * layer.input.size());
    for (float& value : input) value = normal(random);
    std::vector<float> output(2 * layer.output.size());
    FloatGemm(layer, parameters, 2).run(input.data(), output.data());
    for (std::size_t image = 0; image < 2; ++image) {
      const auto first = input.begin() + static_cast<std::ptrdiff_t>(image * layer.input.size());
      const std::vector<double> expected = convolve(
          layer, parameters, {first, first + static_cast<std::ptrdiff_t>(layer.input.size())});
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(double{output[image * expected.size() + i]}, expected[i], 1e-4)
            << "trial " << trial << ", image " << image << ", output " << i;
      }
    }
  }
}

// One image of 1 channel with pixels 0, 1, 2, …, through one operation, then to the observer.
std::vector<float> result_of(network::Operation operation, FeatureMapShape shape,
                             graph::FloatParameters parameters = {}) {
  FloatNetworkBuilder build(shape, 1);
  build.append(std::move(operation), {network::network_input}, std::move(parameters));
  graph::FloatNetwork& network = build.network();
  network.geometry.classes = static_cast<int>(build.shape(0).size());
  for (int c = 0; c < shape.channels; ++c) {
    network.geometry.normalization.mean.push_back(0);
    network.geometry.normalization.deviation.push_back(1.0F / 255.0F);
  }
  network::Dataset dataset;
  dataset.shape = shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    dataset.pixels.push_back(static_cast<std::uint8_t>(i));
  }
  dataset.labels.push_back(0);
  const std::size_t image = 0;
  std::vector<float> rounded = FloatInference(network).logits(dataset, &image, 1);
  for (float& value : rounded) value = std::round(value * 1000) / 1000;  // pixels are /255·255
  return rounded;
}

using Values = std::vector<float>;

TEST(FloatOperations, MaxPoolIgnoresItsPadding) {
  network::MaxPool pool{"pool", {1, 2, 3}, {1, 1, 2}, network::square_window(2, 2, 0)};
  pool.window.pad_right = 1;
  EXPECT_EQ(result_of(pool, {1, 2, 3}), (Values{4, 5}));
}

TEST(FloatOperations, AveragePoolCountsItsPaddingWhenAsked) {
  network::AveragePool pool;
  pool.input = {1, 2, 3};
  pool.output = {1, 1, 2};
  pool.window = network::square_window(2, 2, 0);
  pool.window.pad_right = 1;
  EXPECT_EQ(result_of(pool, {1, 2, 3}), (Values{2, 3.5F}));
  pool.count_padding = true;
  EXPECT_EQ(result_of(pool, {1, 2, 3}), (Values{2, 1.75F}));
}

TEST(FloatOperations, SliceStepsThroughEveryDimension) {
  network::Slice slice{"slice", {2, 2, 4}, {1, 1, 2}, {1, 1, 0}, {1, 1, 3}};
  EXPECT_EQ(result_of(slice, {2, 2, 4}), (Values{12, 15}));
}

TEST(FloatOperations, PadPutsZerosAround) {
  network::Pad pad{"pad", {1, 1, 2}, {2, 2, 4}, {1, 0, 1}};
  EXPECT_EQ(result_of(pad, {1, 1, 2}), (Values{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}));
}

TEST(FloatOperations, ClampKeepsValuesInItsRange) {
  graph::FloatParameters parameters;
  parameters.low = 1;
  parameters.high = 2;
  EXPECT_EQ(result_of(network::Clamp{"clamp", {1, 1, 4}}, {1, 1, 4}, parameters),
            (Values{1, 1, 2, 2}));
}

TEST(FloatInference, IsTheSameToTheLastBit_WhateverTheBatch) {
  const graph::FloatNetwork network = random_float_network(5);
  const network::Dataset dataset = random_images({3, 10, 10}, 5, 11, 1);
  const FloatInference inference(network);
  const std::vector<std::size_t> indices{10, 3, 7, 0, 1};
  const std::vector<float> together = inference.logits(dataset, indices.data(), 5);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::vector<float> alone = inference.logits(dataset, &indices[i], 1);
    for (std::size_t c = 0; c < 5; ++c) EXPECT_EQ(alone[c], together[i * 5 + c]);
  }
}

TEST(FloatInference, ObserverSeesPixelsAndEveryNode) {
  const graph::FloatNetwork network = random_float_network(5);
  const network::Dataset dataset = random_images({3, 10, 10}, 5, 3, 1);
  const std::vector<std::size_t> indices = first_images(3);
  int next = network::network_input;
  FloatInference(network).logits(dataset, indices.data(), 3, [&](const TensorView& view) {
    EXPECT_EQ(view.tensor, next++);
    EXPECT_EQ(view.images, 3U);
    if (view.tensor < 0) {
      const double expected = (dataset.pixels[0] / 255.0 - double{0.4F}) / double{0.2F};
      EXPECT_EQ(view.values[0], static_cast<float>(expected));
    }
  });
  EXPECT_EQ(next, static_cast<int>(network.geometry.nodes.size()));
}

TEST(FloatInference, CountsTheSameImages_ForAnyNumberOfThreads) {
  const graph::FloatNetwork network = random_float_network(6);
  const network::Dataset dataset = random_images({3, 10, 10}, 5, 101, 2);
  const std::size_t correct = count_correct(network, dataset, first_images(101), 1);
  EXPECT_GT(correct, 0U);
  EXPECT_LT(correct, 101U);
  EXPECT_EQ(count_correct(network, dataset, first_images(101), 2), correct);
}

}  // namespace
}  // namespace togglewise::quantize
