#include "compress/select/layerwise_paper.h"

#include "compress/select/magnitude.h"
#include "compress/select/network_selection.h"

namespace togglewise::compress {

std::unique_ptr<const Selection> LayerwisePaper::prepare(const NetworkView& network,
                                                         double /*limit_points*/) const {
  return std::make_unique<PrunedSelection>(
      MagnitudeThresholds{std::vector<float>(network.size(), 0.0F), false});
}

std::vector<std::vector<int>> LayerwisePaper::permitted_sets(const NetworkView& network,
                                                             double /*limit_points*/,
                                                             int largest_set,
                                                             int /*threads*/) const {
  std::vector<std::vector<int>> sets;
  for (const LayerView& layer : network) {
    std::vector<std::int8_t> chosen(layer.weight_count());
    select_nearest(layer, chosen.data());
    sets.push_back(largest_useful_set(layer, chosen.data(), largest_set));
  }
  return sets;
}

}  // namespace togglewise::compress
