#include "sim/energy/cell_major_table.h"

namespace togglewise::energy {

CellMajorTable::CellMajorTable(const std::int32_t* units, std::size_t cell_count)
    : cells(cell_count) {
  const std::size_t pairs = (cells + 1) / 2;
  high.assign(pairs * kWeightValues * 2, 0);
  low.assign(pairs * kWeightValues * 2, 0);
  by_block.resize(cells * kWeightValues);
  // Squares of cells and weights: rows of both forms stay in the caches.
  constexpr std::size_t kCells = 64;
  for (std::size_t first = 0; first < cells; first += kCells) {
    const std::size_t last = first + kCells < cells ? first + kCells : cells;
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      std::int32_t* block = by_block.data() + (w / kBlockWeights) * cells * kBlockWeights;
      for (std::size_t k = first; k < last; ++k) {
        const std::int32_t value = units[w * cells + k];
        const std::size_t at = (k / 2 * kWeightValues + w) * 2 + k % 2;
        high[at] = static_cast<std::int16_t>(value >> 15);
        low[at] = static_cast<std::int16_t>(value & 0x7FFF);
        block[k * kBlockWeights + w % kBlockWeights] = value;
      }
    }
  }
}

}  // namespace togglewise::energy
