// A small traced network and hardware for tests: one convolution and one fully connected layer.
#pragma once

#include <string>

#include "sim/base/random.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

inline config::HardwareConfig small_hardware_config() {
  return config::read_hardware_config(std::string(TOGGLEWISE_SOURCE_DIR) +
                                      "/hw_configs/ws16x16_osu018.yaml");
}

inline network::TracedLayer random_layer(const std::string& name, network::FeatureMapShape input,
                                         network::FeatureMapShape output, int kernel, int images,
                                         Random& random) {
  network::TracedLayer traced;
  network::GemmLayer& layer = traced.layer;
  layer.name = name;
  layer.fully_connected = output.height * output.width == 1;
  layer.input = input;
  layer.output = output;
  layer.window.kernel_height = kernel;
  layer.window.kernel_width = kernel;
  const int count = output.channels * layer.gemm().reduction;
  for (int i = 0; i < count; ++i) {
    // Roughly bell-shaped, as trained weights are.
    const int weight = (random.between(-128, 127) + random.between(-128, 127)) / 3;
    layer.weights.push_back(static_cast<std::int8_t>(weight));
  }
  layer.bias.assign(static_cast<std::size_t>(output.channels), 0);
  layer.weight_scale.assign(static_cast<std::size_t>(output.channels), 0.01F);
  traced.images = images;
  int value = 0;
  for (std::size_t i = 0; i < input.size() * static_cast<std::size_t>(images); ++i) {
    // Neighbouring pixels are alike, and half of them are zero, as after a ReLU.
    value = std::max(0, std::min(127, value + random.between(-24, 24)));
    traced.ifmaps.push_back(
        static_cast<std::int8_t>(random.below(3) == 0 ? 0 : std::max(0, value - 40)));
  }
  return traced;
}

inline network::Traces small_traces(int images, std::uint64_t seed = 5) {
  Random random(seed);
  network::Traces traces;
  traces.network_name = "small";
  traces.model_hash = "test";
  traces.image_source = "random images";
  traces.layers.push_back(random_layer("conv", {2, 9, 9}, {5, 7, 7}, 3, images, random));
  traces.layers.push_back(random_layer("fc", {40, 1, 1}, {20, 1, 1}, 1, images, random));
  return traces;
}

}  // namespace togglewise::energy
