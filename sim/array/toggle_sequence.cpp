#include "sim/array/toggle_sequence.h"

#include <algorithm>

#include "sim/array/toggle_engine.h"
#include "sim/array/weight_chain.h"

namespace togglewise::array {
namespace {

std::uint64_t set_bits(std::int32_t value, int bits) {
  const std::uint32_t mask = bits >= 32 ? ~0U : (1U << bits) - 1U;
  return static_cast<std::uint64_t>(__builtin_popcount(static_cast<std::uint32_t>(value) & mask));
}

// Partial sums of all PEs while the vector at time `t` of the stream passes.
void append_sums(const TileStreams& streams, std::size_t t, std::vector<std::int32_t>& sums) {
  std::vector<std::int32_t> sum(static_cast<std::size_t>(streams.used_columns),
                                streams.partial_sum_offset);
  for (int r = 0; r < streams.used_rows; ++r) {
    for (int c = 0; c < streams.used_columns; ++c) {
      sum[static_cast<std::size_t>(c)] += streams.weight(r, c) * streams.row(r)[t];
    }
    sums.insert(sums.end(), sum.begin(), sum.end());
  }
}

// One batch's values of a tile at any place of the array, idle ones included. Partial sums are
// given as the bits that differ from those at rest.
struct EdgeView {
  int used_rows;
  int used_columns;
  int first_row;
  std::int32_t at_rest;
  const std::int32_t* sums;
  const std::int8_t* activations;

  EdgeView(const TileEdges& edges, int batch, bool last)
      : used_rows(edges.used_rows),
        used_columns(edges.used_columns),
        first_row(edges.first_row),
        at_rest(edges.partial_sum_offset),
        sums((last ? edges.last_sums : edges.first_sums).data() +
             std::ptrdiff_t{batch} * used_rows * used_columns),
        activations((last ? edges.last_activations : edges.first_activations).data() +
                    std::ptrdiff_t{batch} * used_rows) {}

  std::int32_t sum(int r, int c) const {
    if (c >= used_columns || r < first_row) return 0;
    return sums[std::min(r - first_row, used_rows - 1) * used_columns + c] ^ at_rest;
  }
  bool is_used(int r) const { return r >= first_row && r < first_row + used_rows; }
  std::int32_t activation(int r) const { return is_used(r) ? activations[r - first_row] : 0; }
  std::uint64_t& part(PeToggles& toggles, int r, int c) const {
    return c >= used_columns ? toggles.idle_columns
           : is_used(r)      ? toggles.active
                             : toggles.idle_rows;
  }
};

// Toggles of `last` → `first` instead of those of `last` → 0 and 0 → `first`. Unsigned: a part that
// has become smaller wraps around, and adding it is right again.
std::uint64_t difference(std::int32_t last, std::int32_t first, int bits) {
  return set_bits(last ^ first, bits) - set_bits(last, bits) - set_bits(first, bits);
}

void join_batch(const ArrayShape& shape, const EdgeView& before, const EdgeView& after,
                ToggleCounts& counts) {
  const auto join = [&](PeToggles& kind, int r, int c, std::int32_t last, std::int32_t first,
                        int bits) {
    before.part(kind, r, c) -= set_bits(last, bits);
    after.part(kind, r, c) += set_bits(last ^ first, bits) - set_bits(first, bits);
  };
  for (int r = 0; r < shape.rows; ++r) {
    const std::int32_t last = before.activation(r);
    const std::int32_t first = after.activation(r);
    counts.skew += static_cast<std::uint64_t>(r) * difference(last, first, shape.activation_bits);
    for (int c = 0; c < shape.columns; ++c) {
      join(counts.activation, r, c, last, first, shape.activation_bits);
      join(counts.partial_sum, r, c, before.sum(r, c), after.sum(r, c), shape.partial_sum_bits);
    }
  }
  for (int c = 0; c < shape.columns; ++c) {
    counts.deskew += static_cast<std::uint64_t>(shape.columns - 1 - c) *
                     difference(before.sum(shape.rows - 1, c), after.sum(shape.rows - 1, c),
                                shape.partial_sum_bits);
  }
}

}  // namespace

TileEdges tile_edges(const TileStreams& streams) {
  TileEdges edges;
  edges.used_rows = streams.used_rows;
  edges.used_columns = streams.used_columns;
  edges.first_row = streams.first_row;
  edges.partial_sum_offset = streams.partial_sum_offset;
  edges.batches = streams.batches;
  edges.stream_length = streams.stream_length;
  const auto length = static_cast<std::size_t>(streams.stream_length);
  for (std::size_t batch = 0; batch < static_cast<std::size_t>(streams.batches); ++batch) {
    const std::size_t first = batch * (length + 1) + 1;
    const std::size_t last = first + length - 1;
    append_sums(streams, first, edges.first_sums);
    append_sums(streams, last, edges.last_sums);
    for (int r = 0; r < streams.used_rows; ++r) {
      edges.first_activations.push_back(streams.row(r)[first]);
      edges.last_activations.push_back(streams.row(r)[last]);
    }
  }
  return edges;
}

void join_tiles(const ArrayShape& shape, const TileEdges& before, const TileEdges& after,
                ToggleCounts& counts) {
  if (before.stream_length < 2 * shape.rows + shape.columns - 1) return;
  for (int batch = 0; batch < before.batches; ++batch) {
    join_batch(shape, {before, batch, true}, {after, batch, false}, counts);
  }
}

std::uint64_t weight_update_toggles(const ArrayShape& shape) {
  const auto rows = static_cast<std::uint64_t>(shape.rows);
  return 2 * (rows * static_cast<std::uint64_t>(shape.columns) + rows * (rows - 1) / 2);
}

void TileSequence::add(const TileStreams& streams, ToggleCounts& counts) {
  if (!double_buffered_) return;
  counts.weight_update +=
      static_cast<std::uint64_t>(streams.batches) * weight_update_toggles(shape_);
  TileEdges edges = tile_edges(streams);
  if (before_) join_tiles(shape_, *before_, edges, counts);
  before_ = std::move(edges);
}

ToggleCounts count_sequence_toggles(const ArrayShape& shape, bool double_buffered,
                                    const std::vector<TileStreams>& tiles) {
  ToggleCounts counts;
  if (tiles.empty()) return counts;
  const int batches = tiles.front().batches;
  TileSequence sequence(shape, double_buffered);
  for (const TileStreams& tile : tiles) {
    counts += count_toggles(shape, tile);
    sequence.add(tile, counts);
  }
  // The first batch finds weights of zero; all others find the last tile's.
  WeightChain chain(shape);
  for (int pass = 0; pass < std::min(batches, 2); ++pass) {
    ToggleCounts loading;
    for (const TileStreams& tile : tiles) {
      loading += chain.load(tile.first_row, tile.used_rows, tile.used_columns, tile.weights);
    }
    for (int i = 0; i < (pass == 0 ? 1 : batches - 1); ++i) counts += loading;
  }
  return counts;
}

}  // namespace togglewise::array
