// How a layer lies on the array: everything that may be chosen without changing what it computes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/shape.h"

namespace togglewise::network {

// One tile, at the place that it has in tiles_of().
struct TileMapping {
  // Which reduction index, counted from the tile's row_begin, sits in its i-th used row from the
  // top; empty: in order.
  std::vector<std::uint16_t> row_order;
  // Per used column: 1 where the array holds the negated weights and the accumulator subtracts;
  // empty: nowhere.
  std::vector<std::uint8_t> negated;

  friend bool operator==(const TileMapping& a, const TileMapping& b) {
    return a.row_order == b.row_order && a.negated == b.negated;
  }
};

// The order in which an image's output pixels are streamed through every tile of a layer.
struct PixelOrder {
  enum class Kind {
    raster,      // line by line
    serpentine,  // every other line backwards
    tiled,       // serpentine within blocks of block_height × block_width, blocks in serpentine
    table        // as an address table says
  };
  Kind kind = Kind::raster;
  int block_height = 0;
  int block_width = 0;
  std::vector<std::uint32_t> table;  // the m-th pixel streamed, as its number in raster order

  // [height · width]: the m-th pixel streamed.
  std::vector<std::uint32_t> pixels(int height, int width) const;

  friend bool operator==(const PixelOrder& a, const PixelOrder& b) {
    return a.kind == b.kind && a.block_height == b.block_height && a.block_width == b.block_width &&
           a.table == b.table;
  }
};
std::string to_string(PixelOrder::Kind kind);

// The order of a group's tiles. The reduction is innermost in both, so that a column block's
// accumulators are finished before the next ones are started.
enum class TileOrder {
  forward,     // every column block from its first reduction tile on
  alternating  // every other column block backwards: its first tile needs the activations that the
               // tile before had
};

struct LayerMapping {
  bool unused_rows_on_top = false;  // the used rows lie at the array's bottom
  PixelOrder pixel_order;
  // Which output channel of the group is the j-th: [groups · N]; empty: in order.
  std::vector<std::uint16_t> column_order;
  TileOrder tile_order = TileOrder::forward;
  // What enters every column at the top in place of zero, and what accumulators take off again:
  // partial sums that stay above zero keep their upper bits still. A constant of the array: the
  // same for all layers of a network.
  std::int32_t partial_sum_offset = 0;
  std::vector<TileMapping> tiles;  // as tiles_of() has them; empty: all natural

  friend bool operator==(const LayerMapping& a, const LayerMapping& b) {
    return a.unused_rows_on_top == b.unused_rows_on_top && a.pixel_order == b.pixel_order &&
           a.column_order == b.column_order && a.tile_order == b.tile_order &&
           a.partial_sum_offset == b.partial_sum_offset && a.tiles == b.tiles;
  }
  friend bool operator!=(const LayerMapping& a, const LayerMapping& b) { return !(a == b); }
};

}  // namespace togglewise::network
