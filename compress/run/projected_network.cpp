#include "compress/run/projected_network.h"

#include <algorithm>
#include <set>

#include "compress/quantize/export_network.h"
#include "compress/run/logits.h"
#include "compress/run/state_file.h"

namespace togglewise::compress {

namespace {

constexpr std::size_t statistics_images = 8192;  // training images, batch norm at the end

}  // namespace

ProjectedNetwork::ProjectedNetwork(const StartingPoint& start, SelectionContext given,
                                   const SgdParams& sgd, int threads)
    : network(start.scaled),
      state{start.trainable.parameters.clone(), start.trainable.statistics},
      optimizer(state.parameters.all(), sgd),
      context(std::move(given)),
      start_(start),
      threads_(threads) {
  for (std::size_t l = 0; l < context.layers.size(); ++l) {
    quantized.scale.push_back(context.layers[l].scale);
    quantized.values.emplace_back(static_cast<std::size_t>(state.parameters.weights[l].numel()));
  }
}

void ProjectedNetwork::choose_scales(const SelectionMethod& method, double strength) {
  const NetworkView network_view = view();
  for (std::size_t l = 0; l < context.layers.size(); ++l) {
    std::vector<float> scale = context.layers[l].scale;
    method.choose_scales(network_view[l], strength, scale);
    context.layers[l].scale = scale;
    quantized.scale[l] = std::move(scale);
  }
}

NetworkView ProjectedNetwork::view() const {
  std::vector<const float*> weights;
  std::vector<std::size_t> counts;
  for (const torch::Tensor& w : state.parameters.weights) {
    weights.push_back(w.data_ptr<float>());
    counts.push_back(static_cast<std::size_t>(w.numel()));
  }
  return view_of(context, weights, counts);
}

void ProjectedNetwork::select(const Selection& selection) {
  quantized.values = select_weights(selection, view(), threads_);
}

void ProjectedNetwork::select(const SelectionMethod& method, double strength) {
  select(*method.prepare(view(), strength));
}

StepWeights ProjectedNetwork::step_weights() const {
  return {value_tensors(quantized, state.parameters.weights), &quantized.scale};
}

network::QuantizedNetwork ProjectedNetwork::exported(const BatchStatistics& statistics) const {
  return export_network(start_.scaled, quantized, state.parameters, statistics);
}

network::QuantizedNetwork ProjectedNetwork::finished(const CompressImages& images,
                                                     const EpochParams& epochs) const {
  const StepWeights weights = step_weights();
  const ForwardInput input = step_input(weights, state.parameters, epochs.precision, epochs.device);
  std::vector<std::size_t> used = images.train;
  used.resize(std::min(used.size(), statistics_images));
  network::QuantizedNetwork result = exported(estimate_statistics(
      network, input, images.training, used, static_cast<std::size_t>(epochs.batch_size),
      {epochs.augmentation, epochs.seed, epochs.epochs}, epochs.plan.threads));
  result.metadata.clear();
  const std::vector<network::GemmLayer*> layers = result.gemm_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    layers[l]->permitted_values = context.layers[l].permitted;
  }
  return result;
}

void ProjectedNetwork::set_costs(const std::vector<energy::LayerCost>& costs) {
  for (std::size_t l = 0; l < context.layers.size(); ++l) context.layers[l].cost = costs[l];
}

nlohmann::json ProjectedNetwork::layer_log() const {
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t l = 0; l < quantized.values.size(); ++l) {
    const SelectionContext::Layer& layer = context.layers[l];
    const std::vector<std::int8_t>& values = quantized.values[l];
    layers.push_back(
        {{"name", layer.name},
         {"weights", values.size()},
         {"zero_weights", std::count(values.begin(), values.end(), std::int8_t{0})},
         {"distinct_values", std::set<std::int8_t>(values.begin(), values.end()).size()},
         {"permitted_values", layer.permitted.size()}});
  }
  return layers;
}

void ProjectedNetwork::add_to(TensorFile& content) const {
  for (const SelectionContext::Layer& layer : context.layers) {
    content.record["permitted"].push_back(layer.permitted);
    content.record["costs"].push_back({layer.cost.energy_fj, layer.cost.of_sign_fj});
  }
  add_state(state, &optimizer, content);
}

void ProjectedNetwork::restore(const TensorFile& content, const std::string& source) {
  restore_state(content, source, state, &optimizer);
  for (std::size_t l = 0; l < context.layers.size(); ++l) {
    SelectionContext::Layer& layer = context.layers[l];
    layer.permitted = content.record.at("permitted").at(l).get<std::vector<int>>();
    content.record.at("costs").at(l).at(0).get_to(layer.cost.energy_fj);
    content.record.at("costs").at(l).at(1).get_to(layer.cost.of_sign_fj);
  }
}

}  // namespace togglewise::compress
