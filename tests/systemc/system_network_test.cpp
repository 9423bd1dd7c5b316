// A whole network, layer by layer, on the system model with the shipped memories: what each layer
// leaves in DRAM is what integer inference computes.
#include <gtest/gtest.h>

#include "sim/network/inference.h"
#include "sim/systemc/system_model.h"
#include "tests/systemc/random_system.h"

namespace togglewise::systemc {
namespace {

using namespace testing;

// LeNet-5's shapes on 28×28 pixels, with random weights and scales that keep activations alive.
network::QuantizedNetwork lenet(Random& random) {
  network::QuantizedNetwork network;
  network.name = "lenet";
  network.input = {1, 28, 28};
  network.input_scale = network::pixel_scale;
  network.classes = 10;
  network::FeatureMapShape shape = network.input;
  float scale = network.input_scale;
  const auto add_layer = [&](const std::string& name, network::FeatureMapShape output, int kernel) {
    network::GemmLayer layer;
    layer.name = name;
    layer.fully_connected = output.height == 1;
    layer.input = shape;
    layer.output = output;
    layer.window = network::square_window(kernel, 1, 0);
    layer.input_scale = scale;
    layer.output_scale = name == "fc3" ? 0.0F : 1.0F;
    layer.relu = name != "fc3";
    fill(layer, random);
    shape = output;
    scale = layer.output_scale;
    network.append(std::move(layer));
  };
  const auto add_pool = [&](const std::string& name) {
    const network::FeatureMapShape half{shape.channels, shape.height / 2, shape.width / 2};
    network.append(network::MaxPool{name, shape, half, network::square_window(2, 2, 0)});
    shape = half;
  };
  add_layer("conv1", {6, 24, 24}, 5);
  add_pool("pool1");
  add_layer("conv2", {16, 8, 8}, 5);
  add_pool("pool2");
  network.append(network::Flatten{"flatten", shape});
  shape = {static_cast<int>(shape.size()), 1, 1};
  add_layer("fc1", {120, 1, 1}, 1);
  add_layer("fc2", {84, 1, 1}, 1);
  add_layer("fc3", {10, 1, 1}, 1);
  return network;
}

TEST(SystemModel, LeavesInDram_WhatIntegerInferenceComputes) {
  const config::HardwareConfig hardware = config::read_hardware_config(
      std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "hw_configs/ws64x64_osu018_memories.yaml");
  Random random(5);
  const network::QuantizedNetwork network = lenet(random);
  std::vector<std::uint8_t> image(28 * 28);
  for (std::uint8_t& pixel : image) pixel = static_cast<std::uint8_t>(random.between(0, 255));

  int layers = 0;
  std::size_t alive = 0;
  network::infer(network, image.data(), [&](const network::LayerTrace& trace) {
    const network::GemmLayer& layer = *trace.layer;
    SCOPED_TRACE(layer.name);
    const SystemRun run = system_model().run_layer(hardware, layer, trace.ifmap.data(), 1);
    EXPECT_EQ(described(run.cycles),
              described(array::layer_cycles(hardware, array::shape_of(layer, 1))));
    const auto scales = layer.requantization();
    std::vector<std::int32_t> expected;
    for (std::size_t i = 0; i < trace.accumulators.size(); ++i) {
      const std::size_t channel = i / static_cast<std::size_t>(layer.gemm().output_pixels);
      const std::int32_t sum = trace.accumulators[i] + layer.bias[channel];
      expected.push_back(scales.empty() ? sum
                                        : network::requantize(sum, scales[channel], 0, layer.high));
      alive += expected.back() != 0;
    }
    EXPECT_EQ(outputs_of(run), expected);
    ++layers;
  });
  EXPECT_EQ(layers, 5);
  EXPECT_GT(alive, 1000U);  // not all of it is zero
}

}  // namespace
}  // namespace togglewise::systemc
