// The vector loops of the toggle engine, with the instructions that the machine has.
//
// Toggles are counted by falling edges: between two zeros a bit falls as often as it rises, so its
// toggles are twice its falling edges, and of two consecutive transitions at most one falls. One
// bit mask therefore covers two transitions.
#pragma once

#include <cstddef>
#include <cstdint>

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

// Counts the transitions below every live row of a whole block (kBlockTransitions) two at a time:
// pairs[second group · 2^kPairGroupBits + first group] += the row's repeats, for groups of at
// most kPairGroupBits bits. Each transition is in one pair; which two make a pair is left open.
constexpr unsigned kPairGroupBits = 8;
void count_group_pairs(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                       std::uint32_t* pairs);

// The vector instructions in use, by Highway's name: "AVX3_DL", "AVX2", …
const char* vector_instructions();

}  // namespace togglewise::array
