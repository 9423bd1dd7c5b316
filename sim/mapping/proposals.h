// What the tables propose for one layer, trick by trick. Nothing here decides: mapping_search.h
// lets the gates do that, on other images.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"
#include "sim/energy/table_lookup.h"
#include "sim/network/traces.h"

namespace togglewise::mapping {

// What proposals are made from.
struct ProposalInput {
  const energy::TableLookup& lookup;
  array::ArrayShape shape;
  // The layer with the mapping so far; its images are the proposing ones.
  const network::TracedLayer& layer;
};

// Enough of the first images for a tile's model, streamed one by one in the layer's pixel order.
array::LayerActivations proposing_activations(const network::TracedLayer& layer);

// Every column of every tile with the sign that costs less; all tiles say of each column whether it
// is negated. Row orders stay.
std::vector<network::TileMapping> proposed_signs(const ProposalInput& input);

// Row orders of every tile: rows by activity times weight, the quiet ones on top, then neighbours
// exchanged while that saves energy. Signs stay.
std::vector<network::TileMapping> proposed_row_orders(const ProposalInput& input);

// Output channels of every column block by the toggles of what leaves them, quiet ones on the left,
// where a column passes the most deskew registers. Negated columns move along.
network::LayerMapping with_column_order(const ProposalInput& input);

}  // namespace togglewise::mapping
