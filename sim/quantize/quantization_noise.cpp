#include "sim/quantize/quantization_noise.h"

#include <algorithm>
#include <cmath>

#include "sim/base/parallel.h"
#include "sim/network/inference.h"
#include "sim/quantize/float_inference.h"

namespace togglewise::quantize {
namespace {

struct Power {
  double signal = 0;
  double noise = 0;

  void add(double real, double approximation) {
    signal += real * real;
    noise += (real - approximation) * (real - approximation);
  }
  Power& operator+=(const Power& other) {
    signal += other.signal;
    noise += other.noise;
    return *this;
  }
  double decibels() const { return 10 * std::log10(signal / noise); }
};

struct LayerPower {
  Power input;
  Power output;
};

// The float inputs and outputs of all layers for one image.
struct LayerValues {
  std::vector<float> input;
  std::vector<float> output;
};

std::vector<std::size_t> layer_nodes(const network::QuantizedNetwork& geometry) {
  std::vector<std::size_t> nodes;
  for (std::size_t node = 0; node < geometry.nodes.size(); ++node) {
    if (std::holds_alternative<network::GemmLayer>(geometry.nodes[node].operation)) {
      nodes.push_back(node);
    }
  }
  return nodes;
}

std::vector<LayerValues> float_values(const FloatInference& inference,
                                      const network::QuantizedNetwork& geometry,
                                      const std::vector<std::size_t>& layers,
                                      const network::Dataset& dataset, std::size_t image) {
  std::vector<LayerValues> values(layers.size());
  inference.logits(dataset, &image, 1, [&](const TensorView& view) {
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      if (geometry.nodes[layers[layer]].inputs[0] == view.tensor) {
        values[layer].input.assign(view.values, view.values + view.size);
      }
      if (static_cast<int>(layers[layer]) == view.tensor) {
        values[layer].output.assign(view.values, view.values + view.size);
      }
    }
  });
  return values;
}

void compare(const network::LayerTrace& trace, const LayerValues& real,
             const graph::FloatParameters& parameters, LayerPower& power) {
  const network::GemmLayer& layer = *trace.layer;
  const double input_scale = double{layer.input_scale};
  for (std::size_t i = 0; i < real.input.size(); ++i) {
    power.input.add(double{real.input[i]}, input_scale * trace.ifmap[i]);
  }
  const auto pixels = static_cast<std::size_t>(layer.gemm().output_pixels);
  for (std::size_t i = 0; i < real.output.size(); ++i) {
    const std::size_t channel = i / pixels;
    const double sum = double(trace.accumulators[i]) + layer.bias[channel];
    const double value = sum * input_scale * double{layer.weight_scale[channel]};
    power.output.add(double{real.output[i]},
                     std::clamp(value, double{parameters.low}, double{parameters.high}));
  }
}

Power weight_power(const network::GemmLayer& layer, const std::vector<float>& weights) {
  Power power;
  const std::size_t reduction = weights.size() / layer.weight_scale.size();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    power.add(double{weights[i]}, double{layer.weight_scale[i / reduction]} * layer.weights[i]);
  }
  return power;
}

}  // namespace

std::vector<LayerNoise> measure_noise(const graph::FloatNetwork& network,
                                      const network::QuantizedNetwork& quantized,
                                      const network::Dataset& dataset,
                                      const std::vector<std::size_t>& indices, int threads) {
  const FloatInference float_inference(network);
  const network::IntegerInference integer_inference(quantized);
  const std::vector<std::size_t> nodes = layer_nodes(network.geometry);
  std::vector<std::vector<LayerPower>> powers(indices.size(),
                                              std::vector<LayerPower>(nodes.size()));
  parallel_for(indices.size(), threads, [&](std::size_t i) {
    const std::vector<LayerValues> real =
        float_values(float_inference, network.geometry, nodes, dataset, indices[i]);
    std::size_t layer = 0;
    integer_inference.logits(dataset.image(indices[i]), [&](const network::LayerTrace& trace) {
      compare(trace, real[layer], network.parameters[nodes[layer]], powers[i][layer]);
      ++layer;
    });
  });

  std::vector<LayerNoise> noise;
  const std::vector<const network::GemmLayer*> layers = quantized.gemm_layers();
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    LayerPower sum;
    for (const std::vector<LayerPower>& image : powers) {
      sum.input += image[layer].input;
      sum.output += image[layer].output;
    }
    noise.push_back(
        {layers[layer]->name,
         weight_power(*layers[layer], network.parameters[nodes[layer]].weights).decibels(),
         sum.input.decibels(), sum.output.decibels()});
  }
  return noise;
}

}  // namespace togglewise::quantize
