// What cannot be quantized is refused with the place and what is valid.
#include <cmath>

#include <gtest/gtest.h>

#include "sim/quantize/normalization.h"
#include "sim/quantize/quantizer.h"
#include "tests/config/expect_error.h"
#include "tests/quantize/random_float_network.h"

namespace togglewise::quantize {
namespace {

constexpr std::size_t images = 8;

void expect_refused(const graph::FloatNetwork& network, const ExpectedError& expected,
                    const QuantizeParams& params = {}, network::FeatureMapShape shape = {3, 10, 10},
                    int classes = 5) {
  const network::Dataset dataset = random_images(shape, classes, images, 1);
  expect_error(
      [&] { quantize_network(network, dataset, first_images(images), params, "model.onnx"); },
      expected);
}

network::GemmLayer& layer(graph::FloatNetwork& network, std::size_t node) {
  return std::get<network::GemmLayer>(network.geometry.nodes[node].operation);
}

TEST(Quantize, RefusesSizesThatDoNotFitTogether) {
  const auto misfit = [](const std::function<void(graph::FloatNetwork&)>& change,
                         std::vector<std::string> words) {
    graph::FloatNetwork network = random_float_network(1);
    change(network);
    words.push_back("model.onnx");
    expect_refused(network, {"TW-PTQ-001", words});
  };
  misfit([](auto& n) { n.parameters.pop_back(); }, {"11 nodes"});
  misfit([](auto& n) { n.parameters[0].weights.pop_back(); }, {"'conv0'", "215 weights", "216"});
  misfit([](auto& n) { n.parameters[1].bias.clear(); }, {"'conv1'", "0 biases"});
  misfit([](auto& n) { layer(n, 1).groups = 3; }, {"'conv1'", "3 groups"});
  misfit([](auto& n) { layer(n, 0).output.height = 9; }, {"'conv0'", "9×10"});
  misfit([](auto& n) { n.geometry.nodes[3].inputs = {2}; }, {"'add3'", "1 inputs, not 2"});
  misfit([](auto& n) { n.geometry.nodes[3].inputs = {2, 3}; }, {"'add3'", "node 3"});
  misfit([](auto& n) { n.geometry.nodes[3].inputs = {2, -1}; }, {"'add3'", "8×10×10", "3×10×10"});
  misfit([](auto& n) { n.geometry.classes = 6; }, {"5 logits for 6 classes"});
  misfit([](auto& n) { n.geometry.normalization.mean.pop_back(); },
         {"normalization", "3 channels"});
}

TEST(Quantize, RefusesNumbersThatAreNone) {
  graph::FloatNetwork network = random_float_network(1);
  network.parameters[2].weights[5] = NAN;
  expect_refused(network, {"TW-PTQ-002", {"model.onnx", "weight 5 of 'conv2'", "nan"}});
  network = random_float_network(1);
  network.parameters[0].bias[1] = -INFINITY;
  expect_refused(network, {"TW-PTQ-002", {"bias 1 of 'conv0'", "inf"}});
  network = random_float_network(1);
  network.parameters[0].high = -1;
  expect_refused(network, {"TW-PTQ-002", {"'conv0'", "clamped to 0..-1"}});
}

TEST(Quantize, RefusesImagesOfAnotherShapeOrWithOtherClasses) {
  const graph::FloatNetwork network = random_float_network(1);
  expect_refused(network, {"TW-PTQ-003", {"1×10×10", "3×10×10"}}, {}, {1, 10, 10});
  expect_refused(network, {"TW-PTQ-003", {"label", "5 classes", "0 to 4"}}, {}, {3, 10, 10}, 200);
}

TEST(Quantize, RefusesNoImagesAndMoreThanThereAre) {
  expect_error([] { draw_calibration_images(10, 0, 1); }, {"TW-PTQ-004", {"0 ", "1 to 10"}});
  expect_error([] { draw_calibration_images(10, 11, 1); }, {"TW-PTQ-004", {"11 ", "1 to 10"}});
}

TEST(Quantize, RefusesWidthsThatNoArrayHas) {
  const graph::FloatNetwork network = random_float_network(1);
  QuantizeParams params;
  params.weight_bits = 3;
  expect_refused(network, {"TW-PTQ-005", {"weights of 3 bits", "4 to 8"}}, params);
  params = {};
  params.activation_bits = 9;
  expect_refused(network, {"TW-PTQ-005", {"activations of 9 bits", "4 to 8"}}, params);
}

TEST(Quantize, RefusesActivationsThatOverflow) {
  graph::FloatNetwork network = random_float_network(1);
  for (float& weight : network.parameters[2].weights) weight = 3e38F;
  expect_refused(network, {"TW-PTQ-008", {"'conv2'", "not finite"}});
}

TEST(ChooseNormalization, RefusesWhatDoesNotFitTheNetwork) {
  network::QuantizedNetwork geometry;
  geometry.input = {3, 4, 4};
  const auto refused = [&](const std::vector<float>& mean, const std::vector<float>& deviation,
                           const std::vector<std::string>& words) {
    expect_error([&] { choose_normalization(geometry, mean, deviation, "model.onnx"); },
                 {"TW-PTQ-006", words});
  };
  refused({0.5F, 0.5F}, {}, {"2 mean values", "3 channels", "model.onnx"});
  refused({}, {1, 1, 1, 1}, {"4 standard deviation values"});
  refused({NAN}, {}, {"a mean is not a number"});
  refused({}, {1, 0, 1}, {"a standard deviation is 0"});
  geometry.normalization.mean = {0.5F, 0.25F, 0.5F};
  refused({0.5F}, {}, {"normalizes its input by itself (mean 0.5, 0.25, 0.5)"});
}

TEST(ChooseNormalization, TakesOneValueForAllChannels_AndTheGraphsOwn) {
  network::QuantizedNetwork geometry;
  geometry.input = {3, 4, 4};
  const network::InputNormalization given = choose_normalization(geometry, {0.5F}, {}, "m");
  EXPECT_EQ(given.mean, (std::vector<float>{0.5F, 0.5F, 0.5F}));
  EXPECT_TRUE(given.deviation.empty());
  EXPECT_EQ(normalization_text({}), "none (pixels 0..1)");
  geometry.normalization.deviation = {0.25F, 0.25F, 0.25F};
  const network::InputNormalization own = choose_normalization(geometry, {}, {}, "m");
  EXPECT_EQ(own.deviation, geometry.normalization.deviation);
  EXPECT_EQ(normalization_text(own), "deviation 0.25, 0.25, 0.25");
}

}  // namespace
}  // namespace togglewise::quantize
