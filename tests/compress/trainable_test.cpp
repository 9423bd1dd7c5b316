// Which networks `compress` takes, and that its forward pass slides windows as inference does.
#include "compress/model/trainable.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "compress/model/architecture.h"
#include "compress/model/float_network.h"
#include "sim/network/inference.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

using network::GemmLayer;
using network::QuantizedNetwork;

class RequireTrainable : public testing::Test {
 protected:
  RequireTrainable() {
    for (GemmLayer* layer : network.gemm_layers()) layer->output_scale = 1;
    network.gemm_layers().back()->output_scale = 0;
  }
  void expect_refused(const std::vector<std::string>& words) {
    expect_error([&] { require_trainable(network, "model.onnx"); }, {"TW-COMPRESS-002", words});
  }

  QuantizedNetwork network = make_architecture("lenet5", {1, 28, 28}, 10);
};

TEST_F(RequireTrainable, TrainedArchitecture_IsAccepted) {
  EXPECT_NO_THROW(require_trainable(network, "model.onnx"));
}

TEST_F(RequireTrainable, Branches_AreRefused) {
  network.nodes[1].inputs = {network::network_input};
  expect_refused({"model.onnx", "layer 'pool1' does not follow the one before it"});
  network.nodes[1].inputs = {0, 0};
  expect_refused({"layer 'pool1' does not follow"});
}

TEST_F(RequireTrainable, OtherOperations_AreRefused) {
  network.nodes[1].operation = network::AveragePool{"mean", {}, {}, {}, false, 1, 1};
  expect_refused({"layer 'mean' is neither a convolution"});
}

TEST_F(RequireTrainable, PoolsOfOtherKinds_AreRefused) {
  auto& pool = std::get<network::MaxPool>(network.nodes[1].operation);
  pool.window.kernel_width = 3;
  expect_refused({"layer 'pool1' pools with padding, dilation or a window that is not square"});
  pool.window = network::square_window(2, 2, 1);
  expect_refused({"layer 'pool1' pools"});
}

TEST_F(RequireTrainable, UpperLimits_AreRefused) {
  network.gemm_layers()[1]->high = 6;
  expect_refused({"layer 'conv2' clamps to an upper limit of 6"});
}

TEST_F(RequireTrainable, OtherInputs_AreRefused) {
  network.input_scale = 0.02F;
  expect_refused({"its input is scaled in a way of its own"});
  network.input_scale = network::pixel_scale;
  network.normalization.mean = {0.5F};
  expect_refused({"its input is scaled"});
}

TEST_F(RequireTrainable, RequantizedLogits_AreRefused) {
  network.gemm_layers().back()->output_scale = 1;
  expect_refused({"layer 'fc3' requantizes the logits"});
  network.nodes.pop_back();
  network.append(network::Flatten{"end", {10, 1, 1}});
  expect_refused({"layer 'end' gives the logits by Flatten"});
}

TEST(Forward, WindowsAndGroups_AreThoseOfInference) {
  // Two groups, dilation 2, padding above and to the right only: one output pixel.
  Random random(3);
  QuantizedNetwork network;
  network.name = "window";
  network.input = {4, 4, 4};
  network.input_scale = network::pixel_scale;
  network.classes = 6;
  GemmLayer layer;
  layer.name = "conv";
  layer.input = network.input;
  layer.output = {6, 1, 1};
  layer.window = {3, 3, 3, 2, 1, 0, 0, 1, 2, 2};
  layer.groups = 2;
  layer.input_scale = network.input_scale;
  network::fill_layer(layer, random);
  network.append(layer);
  ASSERT_NO_THROW(network::check_network(network, 8, "window"));

  const network::Dataset images = network::random_images(network, 1, 5);
  torch::Tensor real = torch::empty({1, 4, 4, 4});
  for (std::size_t i = 0; i < network.input.size(); ++i) {
    real.data_ptr<float>()[i] =
        static_cast<float>(network::quantize_pixel(images.pixels[i])) * network.input_scale;
  }
  const torch::Tensor logits = forward(network, dequantized_parameters(network), real, {});
  const std::vector<double> expected = network::infer(network, images.image(0));
  ASSERT_EQ(logits.numel(), 6);
  for (std::size_t c = 0; c < 6; ++c) {
    EXPECT_NEAR(static_cast<double>(logits.data_ptr<float>()[c]), expected[c], 1e-3);
    EXPECT_GT(std::abs(expected[c]), 0.01);
  }
}

}  // namespace
}  // namespace togglewise::compress
