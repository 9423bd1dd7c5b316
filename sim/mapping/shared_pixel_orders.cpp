#include "sim/mapping/shared_pixel_orders.h"

#include <cstddef>
#include <map>
#include <utility>

#include "sim/base/parallel.h"

namespace togglewise::mapping {

std::vector<network::PixelOrder> shared_table_orders(
    const network::Traces& traces, const std::vector<int>& images, const ActivationCosts& costs,
    const PixelDistanceParams& distance, const PathImprovementParams& improvement, int threads) {
  using Size = std::pair<int, int>;
  const auto size_of = [](const network::TracedLayer& traced) {
    return Size{traced.layer.output.height, traced.layer.output.width};
  };
  std::map<Size, std::size_t> group_of;
  std::vector<PixelDistances> groups;
  for (const network::TracedLayer& traced : traces.layers) {
    if (traced.layer.gemm().output_pixels <= 2) continue;
    PixelDistances distances = pixel_distances(traced, images, costs, distance, threads);
    const auto [group, is_new] = group_of.try_emplace(size_of(traced), groups.size());
    if (is_new) {
      groups.push_back(std::move(distances));
    } else {
      groups[group->second] += distances;
    }
  }
  std::vector<network::PixelOrder> tables(groups.size());
  parallel_for(groups.size(), threads,
               [&](std::size_t g) { tables[g] = table_order(groups[g], improvement); });
  std::vector<network::PixelOrder> orders;
  for (const network::TracedLayer& traced : traces.layers) {
    const auto group = group_of.find(size_of(traced));
    orders.push_back(group == group_of.end() ? network::PixelOrder{} : tables[group->second]);
  }
  return orders;
}

}  // namespace togglewise::mapping
