#include "compress/select/network_selection.h"

#include <algorithm>

#include "sim/base/parallel.h"

namespace togglewise::compress {

namespace {

// Small enough for a few threads to share a layer, large enough to be worth a task.
constexpr std::size_t weights_per_block = 8192;

struct Block {
  std::size_t layer = 0;
  int first_channel = 0;
  int channels = 0;
};

std::vector<Block> blocks_of(const NetworkView& network) {
  std::vector<Block> blocks;
  for (std::size_t l = 0; l < network.size(); ++l) {
    const int per_channel = std::max(1, network[l].weights_per_channel);
    const int step = std::max(1, static_cast<int>(weights_per_block) / per_channel);
    for (int c = 0; c < network[l].channels; c += step) {
      blocks.push_back({l, c, std::min(step, network[l].channels - c)});
    }
  }
  return blocks;
}

}  // namespace

std::vector<int> symmetric_values() {
  std::vector<int> values;
  for (int v = -127; v <= 127; ++v) values.push_back(v);
  return values;
}

NetworkView view_of(const SelectionContext& context, const std::vector<const float*>& weights,
                    const std::vector<std::size_t>& counts) {
  NetworkView network;
  for (std::size_t l = 0; l < context.layers.size(); ++l) {
    const SelectionContext::Layer& layer = context.layers[l];
    LayerView view;
    view.weights = weights[l];
    view.channels = static_cast<int>(layer.scale.size());
    view.weights_per_channel = static_cast<int>(counts[l] / layer.scale.size());
    view.output_pixels = layer.output_pixels;
    view.scale = layer.scale.data();
    view.curvature = layer.curvature.data();
    view.cost = &layer.cost;
    if (!layer.cost.negated.empty()) view.negated = layer.cost.negated.data();
    view.permitted = &layer.permitted;
    network.push_back(view);
  }
  return network;
}

std::vector<std::vector<std::int8_t>> select_weights(const Selection& selection,
                                                     const NetworkView& network, int threads) {
  std::vector<std::vector<std::int8_t>> values;
  for (const LayerView& layer : network) values.emplace_back(layer.weight_count());
  const std::vector<Block> blocks = blocks_of(network);
  parallel_for(blocks.size(), threads, [&](std::size_t b) {
    const Block& block = blocks[b];
    LayerView part = network[block.layer];
    const std::size_t offset =
        static_cast<std::size_t>(block.first_channel) * part.weights_per_channel;
    part.weights += offset;
    part.scale += block.first_channel;
    part.curvature += block.first_channel;
    if (part.negated != nullptr) part.negated += offset;
    part.channels = block.channels;
    selection.select(part, block.layer, values[block.layer].data() + offset);
  });
  return values;
}

double selection_energy_fj(const NetworkView& network,
                           const std::vector<std::vector<std::int8_t>>& values) {
  double energy_fj = 0;
  for (std::size_t l = 0; l < values.size(); ++l) {
    energy_fj += energy::layer_energy_fj(*network[l].cost, values[l]);
  }
  return energy_fj;
}

void select_nearest(const LayerView& layer, std::int8_t* values) {
  const std::vector<int>& permitted = *layer.permitted;
  for (int c = 0; c < layer.channels; ++c) {
    const float inverse = 1.0F / layer.scale[c];
    const std::size_t first = static_cast<std::size_t>(c) * layer.weights_per_channel;
    for (std::size_t i = first; i < first + layer.weights_per_channel; ++i) {
      const float x = layer.weights[i] * inverse;
      auto above = std::lower_bound(permitted.begin(), permitted.end(), x);
      if (above == permitted.end()) --above;
      const bool lower = above != permitted.begin() &&
                         x - static_cast<float>(*(above - 1)) <= static_cast<float>(*above) - x;
      values[i] = static_cast<std::int8_t>(lower ? *(above - 1) : *above);
    }
  }
}

}  // namespace togglewise::compress
