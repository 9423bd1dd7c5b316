// The inner loops of layer statistics: sums over all weight values at a time, with the vector
// instructions that the machine has. Exact: energies are integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/energy/cell_major_table.h"
#include "sim/energy/table_kernels.h"

namespace togglewise::energy {

// Counts of cells: of cells 2·pair[i] in the low half of count[i], of 2·pair[i]+1 in the high one.
struct CellCounts {
  std::vector<std::uint32_t> pair;
  std::vector<std::uint32_t> count;

  // Counts of one cell and its neighbour stay below 2^15 in all.
  void add(std::uint32_t cell, std::uint32_t times) {
    const std::uint32_t packed = cell % 2 == 0 ? times : times << 16U;
    if (!pair.empty() && pair.back() == cell / 2) {
      count.back() += packed;
    } else {
      pair.push_back(cell / 2);
      count.push_back(packed);
    }
  }
};

// sums[w] += Σ of both cells' counts[i] · plane[pair[i]][w][cell] for i in [begin, end); `plane` is
// CellMajorTable::high or ::low. The sum of all counts stays below 2^15.
void add_counted_cells(const std::int16_t* plane, const CellCounts& counts, std::size_t begin,
                       std::size_t end, std::int32_t* sums);

// Transitions of a PE, whichever weight it has.
struct PeSamples {
  std::vector<std::int32_t> cell;  // of its activations and of the partial sum that enters
  std::vector<std::int32_t> a0, a1;
  std::vector<std::int32_t> p0, p1;  // that enters

  void clear() {
    for (auto* values : {&cell, &a0, &a1, &p0, &p1}) values->clear();
  }
};

// sums[w] += Σ table[w][cell + out(p + w·a)] over all samples, fewer than 2^15.
void add_samples(const CodeRecipe& out, const CellMajorTable& table, const PeSamples& samples,
                 std::int64_t* sums);

}  // namespace togglewise::energy
