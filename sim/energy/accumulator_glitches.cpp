#include "sim/energy/accumulator_glitches.h"

#include <algorithm>
#include <set>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/image_chunks.h"

namespace togglewise::energy {
namespace {

constexpr std::size_t kSampledCycles = 128;

std::vector<std::int32_t> column_sums(const array::TileStreams& tile, int column,
                                      std::size_t cycles) {
  std::vector<std::int32_t> sums(cycles, tile.partial_sum_offset);
  for (int r = 0; r < tile.used_rows; ++r) {
    const std::int32_t weight = tile.weight(r, column);
    for (std::size_t t = 0; t < cycles; ++t) sums[t] += weight * tile.row(r)[t];
  }
  return sums;
}

}  // namespace

double accumulator_glitch_factor(const MacHardware& hardware, const network::TracedLayer& layer,
                                 int batch_size) {
  if (!hardware.counts_glitches()) return 1;
  const array::ArrayShape shape = hardware.shape();
  const array::LayerActivations activations = lower_chunk(layer, {0, batch_size}, batch_size);
  AccumulatorEnergies sum;
  std::set<int> columns;
  std::vector<std::vector<std::int32_t>> addends;
  for (const network::MappedTile& mapped :
       network::mapped_tiles(layer.layer.gemm(), layer.mapping, shape.rows, shape.columns)) {
    if (mapped.range.column_begin != 0) break;
    const array::TileStreams tile = array::tile_streams(layer.layer, activations, mapped);
    const std::size_t cycles = std::min(tile.cycles, kSampledCycles);
    columns = {0, tile.used_columns / 2};
    addends.resize(columns.size(), std::vector<std::int32_t>(cycles, 0));
    std::size_t i = 0;
    for (const int column : columns) {
      std::vector<std::int32_t>& addend = addends[i++];
      const std::vector<std::int32_t> sums = column_sums(tile, column, cycles);
      const bool negated = tile.is_negated(column);
      const AccumulatorEnergies energies =
          hardware.accumulator_of(tile).energies(sums, addend, negated);
      sum.settled_fj += energies.settled_fj;
      sum.with_glitches_fj += energies.with_glitches_fj;
      for (std::size_t t = 0; t < cycles; ++t) addend[t] += negated ? -sums[t] : sums[t];
    }
  }
  return sum.settled_fj > 0 ? sum.with_glitches_fj / sum.settled_fj : 1;
}

}  // namespace togglewise::energy
