#include "compress/select/network_selection.h"

#include <algorithm>
#include <cmath>

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

std::vector<Block> blocks_of(const SelectionContext& context,
                             const std::vector<std::vector<std::int8_t>>& values) {
  std::vector<Block> blocks;
  for (std::size_t l = 0; l < context.layers.size(); ++l) {
    const auto channels = static_cast<int>(context.layers[l].scale.size());
    const std::size_t per_channel = values[l].size() / context.layers[l].scale.size();
    const int step = std::max(1, static_cast<int>(weights_per_block / per_channel));
    for (int c = 0; c < channels; c += step) blocks.push_back({l, c, std::min(step, channels - c)});
  }
  return blocks;
}

// Decades of μ that are searched; energies in femtojoules and losses of order one lie well inside.
constexpr double smallest_multiplier = 1e-24;
constexpr double largest_multiplier = 1e12;

}  // namespace

std::vector<int> symmetric_values() {
  std::vector<int> values;
  for (int v = -127; v <= 127; ++v) values.push_back(v);
  return values;
}

LayerView view_of(const SelectionContext& context, std::size_t l, const float* weights,
                  std::size_t weight_count) {
  const SelectionContext::Layer& layer = context.layers[l];
  LayerView view;
  view.weights = weights;
  view.channels = static_cast<int>(layer.scale.size());
  view.weights_per_channel = static_cast<int>(weight_count / layer.scale.size());
  view.output_pixels = layer.output_pixels;
  view.scale = layer.scale.data();
  view.curvature = layer.curvature.data();
  view.cost = &layer.cost;
  if (!layer.cost.negated.empty()) view.negated = layer.cost.negated.data();
  view.permitted = &layer.permitted;
  return view;
}

void select_weights(const WeightSelector& selector, const SelectionContext& context,
                    const std::vector<const float*>& weights, double multiplier, int threads,
                    std::vector<std::vector<std::int8_t>>& values) {
  const std::vector<Block> blocks = blocks_of(context, values);
  parallel_for(blocks.size(), threads, [&](std::size_t b) {
    const Block& block = blocks[b];
    std::vector<std::int8_t>& layer_values = values[block.layer];
    LayerView view = view_of(context, block.layer, weights[block.layer], layer_values.size());
    const std::size_t offset =
        static_cast<std::size_t>(block.first_channel) * view.weights_per_channel;
    view.weights += offset;
    view.scale += block.first_channel;
    view.curvature += block.first_channel;
    if (view.negated != nullptr) view.negated += offset;
    view.channels = block.channels;
    selector.select(view, multiplier, layer_values.data() + offset);
  });
}

double selection_energy_fj(const SelectionContext& context,
                           const std::vector<std::vector<std::int8_t>>& values) {
  double energy_fj = 0;
  for (std::size_t l = 0; l < values.size(); ++l) {
    energy_fj += energy::layer_energy_fj(context.layers[l].cost, values[l]);
  }
  return energy_fj;
}

MultiplierBracket multiplier_bracket(const WeightSelector& selector,
                                     const SelectionContext& context,
                                     const std::vector<const float*>& weights,
                                     const std::vector<std::vector<std::int8_t>>& shape,
                                     double keep_at_low, double keep_at_high, int threads) {
  std::vector<std::vector<std::int8_t>> values = shape;
  const auto energy_at = [&](double multiplier) {
    select_weights(selector, context, weights, multiplier, threads, values);
    return selection_energy_fj(context, values);
  };
  const double most = energy_at(0);
  const double least = energy_at(largest_multiplier);
  const auto multiplier_for = [&](double keep) {
    const double wanted = least + keep * (most - least);
    double low = std::log(smallest_multiplier);
    double high = std::log(largest_multiplier);
    for (int step = 0; step < 40; ++step) {
      const double middle = 0.5 * (low + high);
      (energy_at(std::exp(middle)) > wanted ? low : high) = middle;
    }
    return std::exp(0.5 * (low + high));
  };
  return {multiplier_for(keep_at_low), multiplier_for(keep_at_high)};
}

}  // namespace togglewise::compress
