// The vector loops of the toggle engine, with the instructions that the machine has.
//
// Toggles are counted by falling edges: between two zeros a bit falls as often as it rises, so its
// toggles are twice its falling edges, and of two consecutive transitions at most one falls. One
// bit mask therefore covers two transitions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <hwy/aligned_allocator.h>

#include "sim/array/stream_block.h"

namespace togglewise::array {

// to[i] = from[i]·2^shift for i in [0, count).
void widen(const std::int8_t* from, std::size_t count, int shift, std::int16_t* to);

// Σ popcount((values[t] ^ values[t+1]) & mask) for t in [0, count−1).
std::uint64_t byte_toggles(const std::int8_t* values, std::size_t count, std::uint32_t mask);

// Falling edges of a block's partial sums.
struct FallingEdges {
  std::uint64_t active = 0;  // of all PEs with a weight
  std::uint64_t bottom = 0;  // of the lowest of them in every column
  std::uint64_t deskew = 0;  // of column c's bottom times (columns − 1 − c)
};
void add_falling_edges(const StreamBlock& block, const WeightColumns& weights, int array_columns,
                       FallingEdges& sum);

// The same for every live row by itself: falls[i] += falling edges below weights.rows[i].
void add_falling_edges_of_rows(const StreamBlock& block, const WeightColumns& weights,
                               std::uint64_t* falls);

// The same bit by bit, of active PEs. A carry-save counter: vectors of binary digits, one digit of
// the count of every bit and lane in each.
class FallingBits {
 public:
  explicit FallingBits(int rows);  // of the tile
  void add(const StreamBlock& block, const WeightColumns& weights);
  // Falling edges of bit b of the lane (not of the partial sum: see OperandScale).
  std::array<std::uint64_t, 32> totals() const;

  static constexpr std::size_t kLanes = 16;      // of the widest vector
  static constexpr std::size_t kPending = 16;    // carries that are summed at a time
  static constexpr std::size_t kTreeDigits = 4;  // log2(kPending)
  static constexpr std::size_t kDigits = 40;     // above the tree's

  struct alignas(64) State {
    std::uint32_t ones[kLanes] = {};
    std::uint32_t twos[kLanes] = {};
    std::uint32_t tree[kTreeDigits][kLanes] = {};
    std::uint32_t digits[kDigits][kLanes] = {};
    hwy::AlignedFreeUniquePtr<std::uint32_t[]> pending;  // [kPending + rows][kLanes]
    std::size_t pending_count = 0;
    std::uint64_t counted[32] = {};  // without vector instructions
  };

 private:
  State state_;
};

// How a transition p0 → p1 of a partial sum is numbered, with h = popcount(p0 ^ p1) and m the index
// of the highest bit that toggles.
enum class ToggleGroup {
  distance,      // h
  msb_distance,  // 0 if nothing toggles, else m(m+1)/2 + h: every (m, h) that can be
};

// Groups of all transitions of a column: group[k][t], kBlockTransitions each, with k = 0 for the
// zeros that enter at the top and k = i+1 for what leaves the column's i-th live row. Transitions
// behind block.transitions() are numbered too, in whole vectors.
void group_column(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                  int column, std::uint16_t* group);

// The vector instructions in use, by Highway's name: "AVX3_DL", "AVX2", …
const char* vector_instructions();

}  // namespace togglewise::array
