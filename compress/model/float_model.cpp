#include "compress/model/float_model.h"

#include <algorithm>

#include "sim/base/hash.h"

namespace togglewise::compress {

namespace {

using network::GemmLayer;

torch::Tensor weight_tensor(const GemmLayer& layer) {
  return torch::empty({layer.output.channels, layer.input.channels / layer.groups,
                       layer.window.kernel_height, layer.window.kernel_width});
}

}  // namespace

FloatModel float_model(const graph::FloatNetwork& network, Precision precision) {
  FloatModel model{TrainableNetwork(network), {}, {}, precision, torch::kCPU, "float network"};
  for (std::size_t n = 0; n < network.geometry.nodes.size(); ++n) {
    const auto* layer = std::get_if<GemmLayer>(&network.geometry.nodes[n].operation);
    if (layer == nullptr) continue;
    const graph::FloatParameters& parameters = network.parameters[n];
    torch::Tensor weight = weight_tensor(*layer);
    std::copy(parameters.weights.begin(), parameters.weights.end(), weight.data_ptr<float>());
    torch::Tensor bias = torch::zeros({layer->output.channels});
    std::copy(parameters.bias.begin(), parameters.bias.end(), bias.data_ptr<float>());
    model.parameters.weights.push_back(weight);
    model.parameters.gains.push_back(torch::empty({0}));
    model.parameters.biases.push_back(bias);
  }
  model.statistics = unit_statistics(model.parameters);
  return model;
}

FloatModel float_model(const network::QuantizedNetwork& network, Precision precision) {
  FloatModel model{TrainableNetwork(network), {}, {}, precision, torch::kCPU, "int8 network"};
  for (const GemmLayer* layer : network.gemm_layers()) {
    torch::Tensor weight = weight_tensor(*layer);
    torch::Tensor bias = torch::empty({layer->output.channels});
    const std::size_t channels = layer->weight_scale.size();
    const std::size_t per_channel = layer->weights.size() / channels;
    for (std::size_t i = 0; i < layer->weights.size(); ++i) {
      weight.data_ptr<float>()[i] = layer->weight_scale[i / per_channel] * layer->weights[i];
    }
    for (std::size_t c = 0; c < channels; ++c) {
      bias.data_ptr<float>()[c] = static_cast<float>(static_cast<double>(layer->input_scale) *
                                                     layer->weight_scale[c] * layer->bias[c]);
    }
    model.parameters.weights.push_back(weight);
    model.parameters.gains.push_back(torch::empty({0}));
    model.parameters.biases.push_back(bias);
  }
  model.statistics = unit_statistics(model.parameters);
  return model;
}

std::string parameter_hash(const FloatModel& model) {
  std::string hashes;
  for (const torch::Tensor& tensor : model.parameters.all()) {
    const torch::Tensor values = tensor.detach().contiguous();
    hashes += hash_bytes(values.data_ptr<float>(),
                         static_cast<std::size_t>(values.numel()) * sizeof(float));
  }
  for (const auto* statistics : {&model.statistics.mean, &model.statistics.variance}) {
    for (const std::vector<float>& layer : *statistics) {
      hashes += hash_bytes(layer.data(), layer.size() * sizeof(float));
    }
  }
  return hash_bytes(hashes);
}

graph::FloatNetwork folded(const FloatModel& model) {
  graph::FloatNetwork network{model.network.network(), {}};
  std::size_t l = 0;
  for (std::size_t n = 0; n < network.geometry.nodes.size(); ++n) {
    graph::FloatParameters parameters;
    parameters.low = static_cast<float>(model.network.clamp(n).low);
    parameters.high = static_cast<float>(model.network.clamp(n).high);
    if (std::holds_alternative<GemmLayer>(network.geometry.nodes[n].operation)) {
      const torch::Tensor weight = model.parameters.weights[l].contiguous();
      const std::int64_t channels = weight.size(0);
      const std::int64_t per_channel = weight.numel() / channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const ChannelAffine affine =
            channel_affine(model.parameters, model.statistics, l, static_cast<std::size_t>(c));
        const float* w = weight.data_ptr<float>() + c * per_channel;
        for (std::int64_t i = 0; i < per_channel; ++i) {
          parameters.weights.push_back(static_cast<float>(affine.scale * w[i]));
        }
        parameters.bias.push_back(static_cast<float>(affine.shift));
      }
      ++l;
    }
    network.parameters.push_back(std::move(parameters));
  }
  return network;
}

}  // namespace togglewise::compress
