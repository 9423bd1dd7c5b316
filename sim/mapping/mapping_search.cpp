#include "sim/mapping/mapping_search.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/parallel.h"
#include "sim/mapping/layer_search.h"
#include "sim/mapping/offset_choice.h"
#include "sim/mapping/shared_pixel_orders.h"

namespace togglewise::mapping {
namespace {

void require_images(const network::Traces& traces, const SearchParams& params) {
  const int wanted = params.proposing_images + params.judging_images;
  for (const network::TracedLayer& traced : traces.layers) {
    if (traced.images >= wanted) continue;
    throw Error::input("TW-MAP-010", fmt::format("the traces hold {} images of layer '{}'",
                                                 traced.images, traced.layer.name))
        .expected(fmt::format("at least {}: {} to propose mappings and {} to judge them", wanted,
                              params.proposing_images, params.judging_images));
  }
}

// One for each layer; raster where tables are not allowed.
std::vector<network::PixelOrder> proposed_pixel_tables(const energy::MacHardware& hardware,
                                                       const network::Traces& traces,
                                                       const energy::EnergyTables& tables,
                                                       const SearchParams& params) {
  if (!params.allow.pixel_table) return std::vector<network::PixelOrder>(traces.layers.size());
  std::vector<int> images(static_cast<std::size_t>(params.proposing_images));
  std::iota(images.begin(), images.end(), 0);
  PixelDistanceParams distance;
  distance.array_rows = hardware.shape().rows;
  distance.array_columns = hardware.shape().columns;
  distance.idle_columns = !hardware.config().gating.idle_columns;
  distance.seed = params.seed;
  PathImprovementParams improvement;
  improvement.seed = params.seed;
  return shared_table_orders(traces, images, energy_costs(tables), distance, improvement,
                             params.threads);
}

bool negates(const network::LayerMapping& mapping) {
  return std::any_of(mapping.tiles.begin(), mapping.tiles.end(), [](const auto& tile) {
    return std::any_of(tile.negated.begin(), tile.negated.end(),
                       [](std::uint8_t one) { return one != 0; });
  });
}

// What a trick saves over all layers in which it was kept.
double saved_fj(const SearchResult& result, const std::string& trick) {
  double sum = 0;
  for (const LayerSearchResult& layer : result.layers) {
    for (const TrickResult& tried : layer.tricks) {
      if (tried.trick == trick && tried.kept) {
        sum += tried.before.total_fj() - tried.after.total_fj();
      }
    }
  }
  return sum;
}

// In an array that subtracts anywhere, the layers without negated columns have the same
// accumulators. Returns what that costs them.
double complete_signs(const LayerSearch& search, const network::Traces& traces,
                      const SearchParams& params, const array::ArrayShape& shape,
                      SearchResult& result) {
  double cost_fj = 0;
  for (std::size_t l = 0; l < result.layers.size(); ++l) {
    LayerSearchResult& layer = result.layers[l];
    const auto ranges = network::tiles_of(traces.layers[l].layer.gemm(), shape.rows, shape.columns);
    const bool had_signs = negates(layer.mapping);
    layer.mapping.tiles.resize(ranges.size());
    for (std::size_t t = 0; t < ranges.size(); ++t) {
      layer.mapping.tiles[t].negated.resize(static_cast<std::size_t>(ranges[t].columns()), 0);
    }
    if (had_signs) continue;
    const energy::EnergyBreakdown before = layer.mapped;
    layer.mapped = search.measure(
        images_of(traces.layers[l], params.proposing_images, params.judging_images), layer.mapping);
    cost_fj += layer.mapped.total_fj() - before.total_fj();
  }
  return cost_fj;
}

}  // namespace

SearchResult search_mapping(const energy::MacHardware& hardware, const network::Traces& traces,
                            const energy::EnergyTables& tables, const SearchParams& params,
                            const SearchMemory& memory, const ProgressFunction& progress) {
  require_images(traces, params);
  const energy::TableLookup lookup(tables);
  const array::ArrayShape shape = hardware.shape();
  SearchResult result;
  if (params.allow.partial_sum_offset) {
    result.partial_sum_offset = choose_offset(
        hardware, lookup, traces,
        {params.allow.column_sign, params.proposing_images, params.seed, params.threads});
  }
  result.layers.resize(traces.layers.size());
  const std::vector<network::PixelOrder> pixel_tables =
      proposed_pixel_tables(hardware, traces, tables, params);
  const LayerSearch search(hardware, lookup, params);
  std::mutex mutex;
  std::size_t done = 0;
  parallel_for(traces.layers.size(), params.threads, [&](std::size_t l) {
    LayerSearchResult layer;
    const auto recalled = [&] {
      const std::lock_guard<std::mutex> lock(mutex);
      return memory.recall && memory.recall(l, layer);
    };
    const bool known = recalled();
    if (!known) layer = search.search(traces.layers[l], result.partial_sum_offset, pixel_tables[l]);
    const std::lock_guard<std::mutex> lock(mutex);
    if (!known && memory.keep) memory.keep(l, layer);
    result.layers[l] = std::move(layer);
    progress("mapping of the layers", ++done, traces.layers.size());
  });

  // What only pays for the network as a whole: without it, if it does not.
  SearchParams less = params;
  if (result.partial_sum_offset != 0 && saved_fj(result, "partial_sum_offset") <= 0) {
    less.allow.partial_sum_offset = false;
  }
  result.negates = std::any_of(result.layers.begin(), result.layers.end(),
                               [](const auto& layer) { return negates(layer.mapping); });
  if (result.negates) {
    const double cost_fj = complete_signs(search, traces, params, shape, result);
    if (saved_fj(result, "column_sign") <= cost_fj) less.allow.column_sign = false;
  }
  if (less.allow.partial_sum_offset == params.allow.partial_sum_offset &&
      less.allow.column_sign == params.allow.column_sign) {
    return result;
  }
  return search_mapping(hardware, traces, tables, less, {}, progress);
}

}  // namespace togglewise::mapping
