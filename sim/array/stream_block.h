// A tile's operands as the toggle kernels read them: activations in short blocks of time, weights
// column by column.
//
// Operands are scaled by powers of two so that a partial sum's top bit becomes bit 31 of a 32-bit
// lane: bits above its width fall off, and no mask is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"

namespace togglewise::array {

constexpr std::size_t kBlockTransitions = 128;
// Values of one row in a block: kBlockTransitions, the two that follow, and up to whole cache
// lines.
constexpr std::size_t kBlockStride = 160;

struct OperandScale {
  int weight_shift = 0;
  int activation_shift = 0;
  int unused_bits = 0;  // below the partial sum in its lane: weight_shift + activation_shift
  // The partial sum's bits in the lane. All but the unused ones, or, for widths below 16 bits,
  // which the shifts of int8 operands in int16 do not reach, some above them.
  std::uint32_t mask = ~0U;
  bool masked = false;  // the lane holds bits that do not count
};
OperandScale operand_scale(int partial_sum_bits);

// A row whose weight is not zero. Rows of weight zero pass partial sums on unchanged: they repeat
// the toggles of the row above and are not computed. (Above the first one nothing toggles.)
struct LiveRow {
  std::int32_t even_weight = 0;  // the int16 pair (w, 0): selects the even times of a pair
  std::int32_t odd_weight = 0;   // the int16 pair (0, w)
  std::int32_t row = 0;
  std::int32_t repeats = 1;  // itself and the rows of weight zero directly below
};

struct WeightColumns {
  std::vector<LiveRow> rows;         // of all columns
  std::vector<std::uint32_t> begin;  // [used_columns + 1]: where a column's rows begin
  std::int32_t start = 0;            // what enters at the top, scaled as a product is
  int columns() const { return static_cast<int>(begin.size()) - 1; }
};
WeightColumns weight_columns(const TileStreams& streams, const OperandScale& scale);

// kBlockTransitions transitions of all rows of a tile, from time `first` on.
class StreamBlock {
 public:
  StreamBlock(const TileStreams& streams, const OperandScale& scale);

  // The block of times first, first+1, …, first+kBlockTransitions; zero behind the stream's end.
  void fill(std::size_t first);

  const std::int16_t* values() const { return values_.get(); }  // [row][kBlockStride]
  std::size_t transitions() const { return transitions_; }      // within the stream
  std::uint32_t mask() const { return scale_.mask; }
  bool masked() const { return scale_.masked; }
  int unused_bits() const { return scale_.unused_bits; }

 private:
  const TileStreams& streams_;
  OperandScale scale_;
  hwy::AlignedFreeUniquePtr<std::int16_t[]> values_;
  std::size_t transitions_ = 0;
};

}  // namespace togglewise::array
