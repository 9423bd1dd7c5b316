// Tiles one behind the other. With single-buffered weights the data path is zero between them. With
// double-buffered ones a tile's first vector follows the last one of the tile before directly, when
// that tile streams for as long as loading and the swap wave take (2R + C − 1 cycles); otherwise
// zeros enter in between. The weights are swapped by a wave that runs one cycle ahead of the tile's
// first vector, so every PE sees the tiles' streams one behind the other, each with its own weight.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"

namespace togglewise::array {

// What a tile's registers hold while its first and its last vector pass, batch by batch.
struct TileEdges {
  int used_rows = 0;
  int used_columns = 0;
  int first_row = 0;
  std::int32_t partial_sum_offset = 0;  // the same for all tiles of a sequence
  int batches = 0;
  int stream_length = 0;
  std::vector<std::int32_t> first_sums, last_sums;               // [batch][used_rows][used_columns]
  std::vector<std::int8_t> first_activations, last_activations;  // [batch][used_rows]
};
TileEdges tile_edges(const TileStreams& streams);

// Of double-buffered weights: corrects `counts`, to which count_toggles() of both tiles has been
// added, for `after` following `before` in every batch. A toggle from one tile's value to the
// next one's counts for `after`: an active PE of `before` may be an idle one of `after`.
void join_tiles(const ArrayShape& shape, const TileEdges& before, const TileEdges& after,
                ToggleCounts& counts);

// Toggles of the wave's registers for one swap of weights.
std::uint64_t weight_update_toggles(const ArrayShape& shape);

// The same for callers that see a layer's tiles in order but do not hold them: add() puts into
// `counts` what a tile's place behind the one before changes, and the wave of its weights. Nothing
// to add with single-buffered weights.
class TileSequence {
 public:
  TileSequence(const ArrayShape& shape, bool double_buffered)
      : shape_(shape), double_buffered_(double_buffered) {}
  void add(const TileStreams& streams, ToggleCounts& counts);

 private:
  ArrayShape shape_;
  bool double_buffered_;
  std::optional<TileEdges> before_;
};

// All toggles of a layer's tiles, exact to the RTL. Batch by batch the tiles follow one another;
// between batches the data path is zero, and the next batch's first tile is loaded behind the last
// tile's weights. All tiles have the same number of batches. The pieces above are for callers that
// do not hold all tiles at a time or count them on several threads.
ToggleCounts count_sequence_toggles(const ArrayShape& shape, bool double_buffered,
                                    const std::vector<TileStreams>& tiles);

}  // namespace togglewise::array
