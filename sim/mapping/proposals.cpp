#include "sim/mapping/proposals.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "sim/array/tile_streams.h"
#include "sim/array/toggle_engine.h"
#include "sim/mapping/tile_model.h"
#include "sim/network/tiling.h"

namespace togglewise::mapping {
namespace {

// A tile's model looks at least at so many transitions, where there are as many.
constexpr int kTransitions = 1024;
constexpr int kMostPasses = 24;

std::vector<network::MappedTile> tiles_of_layer(const ProposalInput& input) {
  return network::mapped_tiles(input.layer.layer.gemm(), input.layer.mapping, input.shape.rows,
                               input.shape.columns);
}

// The mapping's tiles, one for each tile of the layer.
std::vector<network::TileMapping> all_tiles(const ProposalInput& input, std::size_t count) {
  std::vector<network::TileMapping> tiles = input.layer.mapping.tiles;
  tiles.resize(count);
  return tiles;
}

std::vector<std::uint16_t> in_order(int count) {
  std::vector<std::uint16_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  return order;
}

// Σ over the stream of |Δa|, times Σ over the columns of |w|.
std::vector<double> activities(const array::TileStreams& streams) {
  std::vector<double> result;
  for (int r = 0; r < streams.used_rows; ++r) {
    const std::int8_t* a = streams.row(r);
    std::int64_t changes = 0;
    for (std::size_t t = 0; t + 1 < streams.cycles; ++t) changes += std::abs(a[t + 1] - a[t]);
    std::int64_t weights = 0;
    for (int c = 0; c < streams.used_columns; ++c) weights += std::abs(streams.weight(r, c));
    result.push_back(static_cast<double>(changes) * static_cast<double>(weights));
  }
  return result;
}

}  // namespace

array::LayerActivations proposing_activations(const network::TracedLayer& layer) {
  const int of_image = layer.layer.gemm().output_pixels + 1;
  const int images = std::clamp((kTransitions + of_image - 1) / of_image, 1, layer.images);
  return array::lower_activations(layer.layer, layer.ifmaps.data(), images, 1,
                                  layer.mapping.pixel_order);
}

std::vector<network::TileMapping> proposed_signs(const ProposalInput& input) {
  const array::LayerActivations activations = proposing_activations(input.layer);
  const std::vector<network::MappedTile> tiles = tiles_of_layer(input);
  std::vector<network::TileMapping> result = all_tiles(input, tiles.size());
  for (const network::MappedTile& tile : tiles) {
    const array::TileStreams streams = array::tile_streams(input.layer.layer, activations, tile);
    const TileModel model(input.lookup, streams);
    const std::vector<std::uint16_t> order = in_order(streams.used_rows);
    std::vector<std::uint8_t>& negated = result[tile.index].negated;
    negated.resize(static_cast<std::size_t>(streams.used_columns), 0);
    for (int c = 0; c < streams.used_columns; ++c) {
      if (!model.can_negate(c)) continue;
      if (model.column_units(order, c, -1) < model.column_units(order, c, 1)) {
        negated[static_cast<std::size_t>(c)] ^= 1U;
      }
    }
  }
  return result;
}

std::vector<network::TileMapping> proposed_row_orders(const ProposalInput& input) {
  const array::LayerActivations activations = proposing_activations(input.layer);
  const std::vector<network::MappedTile> tiles = tiles_of_layer(input);
  std::vector<network::TileMapping> result = all_tiles(input, tiles.size());
  for (const network::MappedTile& tile : tiles) {
    const array::TileStreams streams = array::tile_streams(input.layer.layer, activations, tile);
    const std::vector<double> activity = activities(streams);
    std::vector<std::uint16_t> order = in_order(streams.used_rows);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint16_t a, std::uint16_t b) { return activity[a] < activity[b]; });
    const TileModel model(input.lookup, streams);
    const std::vector<int> as_they_are(static_cast<std::size_t>(streams.used_columns), 1);
    model.exchange_neighbours(as_they_are, kMostPasses, order);
    // The model's rows are those of the mapping so far.
    std::vector<std::uint16_t>& rows = result[tile.index].row_order;
    rows.clear();
    for (const std::uint16_t row : order) {
      rows.push_back(static_cast<std::uint16_t>(tile.reduction[row] - tile.range.row_begin));
    }
  }
  return result;
}

network::LayerMapping with_column_order(const ProposalInput& input) {
  const network::GemmShape gemm = input.layer.layer.gemm();
  const array::LayerActivations activations = proposing_activations(input.layer);
  const std::vector<network::MappedTile> tiles = tiles_of_layer(input);
  // Toggles of what leaves every output channel's column, over its reduction tiles.
  std::vector<std::uint64_t> toggles(
      static_cast<std::size_t>(gemm.groups) * static_cast<std::size_t>(gemm.output_channels), 0);
  for (const network::MappedTile& tile : tiles) {
    const array::TileStreams streams = array::tile_streams(input.layer.layer, activations, tile);
    const array::PeToggleMap map = array::count_pe_toggles(input.shape, streams);
    for (std::size_t c = 0; c < tile.channels.size(); ++c) {
      const int channel = tile.range.group * gemm.output_channels + tile.channels[c];
      toggles[static_cast<std::size_t>(channel)] +=
          map.partial_sum[static_cast<std::size_t>(input.shape.rows - 1) *
                              static_cast<std::size_t>(input.shape.columns) +
                          c];
    }
  }
  network::LayerMapping mapping = input.layer.mapping;
  mapping.column_order.resize(toggles.size());
  for (const network::MappedTile& tile : tiles) {
    const int first = tile.range.group * gemm.output_channels;
    std::vector<std::size_t> places(tile.channels.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
      return toggles[static_cast<std::size_t>(first + tile.channels[a])] <
             toggles[static_cast<std::size_t>(first + tile.channels[b])];
    });
    for (std::size_t c = 0; c < places.size(); ++c) {
      const auto place = static_cast<std::size_t>(first + tile.range.column_begin) + c;
      mapping.column_order[place] = static_cast<std::uint16_t>(tile.channels[places[c]]);
      if (!tile.negated.empty()) mapping.tiles[tile.index].negated[c] = tile.negated[places[c]];
    }
  }
  return mapping;
}

}  // namespace togglewise::mapping
