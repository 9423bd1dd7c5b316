#include "sim/network/tiling.h"

#include <algorithm>
#include <numeric>

namespace togglewise::network {
namespace {

std::vector<int> numbers(int begin, int end) {
  std::vector<int> result(static_cast<std::size_t>(end - begin));
  std::iota(result.begin(), result.end(), begin);
  return result;
}

MappedTile mapped_tile(const GemmShape& gemm, const LayerMapping& mapping, const TileRange& range,
                       std::size_t index, int array_rows) {
  MappedTile tile = natural_tile(range);
  tile.index = index;
  tile.partial_sum_offset = mapping.partial_sum_offset;
  if (mapping.unused_rows_on_top) tile.first_row = array_rows - range.rows();
  if (!mapping.column_order.empty()) {
    const auto first = static_cast<std::size_t>(range.group * gemm.output_channels);
    for (int& channel : tile.channels) {
      channel = mapping.column_order[first + static_cast<std::size_t>(channel)];
    }
  }
  if (mapping.tiles.empty()) return tile;
  const TileMapping& chosen = mapping.tiles[index];
  for (std::size_t r = 0; r < chosen.row_order.size(); ++r) {
    tile.reduction[r] = range.row_begin + chosen.row_order[r];
  }
  tile.negated = chosen.negated;
  return tile;
}

// Of a column block's tiles.
void start_accumulators(MappedTile* tiles, std::size_t count) {
  std::vector<std::int32_t> start(tiles->channels.size(), 0);
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t c = 0; c < start.size(); ++c) {
      const bool negated = !tiles[t].negated.empty() && tiles[t].negated[c] != 0;
      start[c] += negated ? tiles[t].partial_sum_offset : -tiles[t].partial_sum_offset;
    }
  }
  for (std::size_t t = 0; t < count; ++t) tiles[t].accumulator_start = start;
}

}  // namespace

std::vector<TileRange> tiles_of(const GemmShape& gemm, int array_rows, int array_columns) {
  std::vector<TileRange> tiles;
  for (int group = 0; group < gemm.groups; ++group) {
    for (int column = 0; column < gemm.output_channels; column += array_columns) {
      for (int row = 0; row < gemm.reduction; row += array_rows) {
        tiles.push_back({group, row, std::min(row + array_rows, gemm.reduction), column,
                         std::min(column + array_columns, gemm.output_channels)});
      }
    }
  }
  return tiles;
}

MappedTile natural_tile(const TileRange& range) {
  MappedTile tile;
  tile.range = range;
  tile.reduction = numbers(range.row_begin, range.row_end);
  tile.channels = numbers(range.column_begin, range.column_end);
  tile.starts_block = range.row_begin == 0;
  tile.accumulator_start.assign(tile.channels.size(), 0);
  return tile;
}

std::vector<MappedTile> mapped_tiles(const GemmShape& gemm, const LayerMapping& mapping,
                                     int array_rows, int array_columns) {
  std::vector<MappedTile> tiles;
  for (const TileRange& range : tiles_of(gemm, array_rows, array_columns)) {
    tiles.push_back(mapped_tile(gemm, mapping, range, tiles.size(), array_rows));
  }
  const auto block = static_cast<std::size_t>((gemm.reduction + array_rows - 1) / array_rows);
  for (std::size_t first = 0; first < tiles.size(); first += block) {
    start_accumulators(tiles.data() + first, block);
  }
  if (mapping.tile_order == TileOrder::forward) return tiles;
  for (std::size_t first = block; first < tiles.size(); first += 2 * block) {
    const auto begin = tiles.begin() + static_cast<std::ptrdiff_t>(first);
    begin->starts_block = false;
    std::reverse(begin, begin + static_cast<std::ptrdiff_t>(block));
    begin->starts_block = true;
  }
  return tiles;
}

std::vector<std::uint8_t> negated_weights(const GemmShape& gemm, const LayerMapping& mapping,
                                          int array_rows, int array_columns) {
  std::vector<std::uint8_t> result;
  for (const MappedTile& tile : mapped_tiles(gemm, mapping, array_rows, array_columns)) {
    if (tile.negated.empty()) continue;
    if (result.empty()) {
      result.assign(static_cast<std::size_t>(gemm.groups) *
                        static_cast<std::size_t>(gemm.output_channels) *
                        static_cast<std::size_t>(gemm.reduction),
                    0);
    }
    for (std::size_t c = 0; c < tile.channels.size(); ++c) {
      const int channel = tile.range.group * gemm.output_channels + tile.channels[c];
      for (const int k : tile.reduction) {
        result[static_cast<std::size_t>(channel * gemm.reduction + k)] = tile.negated[c];
      }
    }
  }
  return result;
}

std::int32_t largest_partial_sum_offset(int rows, int weight_bits, int activation_bits,
                                        int partial_sum_bits) {
  const std::int64_t product = std::int64_t{1} << (weight_bits + activation_bits - 2);
  const std::int64_t highest = (std::int64_t{1} << (partial_sum_bits - 1)) - 1;
  return static_cast<std::int32_t>(std::max<std::int64_t>(0, highest - rows * product));
}

}  // namespace togglewise::network
