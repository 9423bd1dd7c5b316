// The inner loops of table look-ups, with the vector instructions that the machine has. All results
// are exact: energies are integers.
//
// Buffers of codes, cells and partial sums are read and written in whole vectors: they need
// kLookupPadding elements behind what is asked for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

constexpr std::size_t kLookupPadding = 64;

// p[t] += weight·a[t] for t in [0, count). No padding.
void add_products(const std::int8_t* a, int weight, std::size_t count, std::int32_t* p);

// Codes of one boundary between PEs, as what leaves the upper and as what enters the lower one. At
// most one mask: distances are those of the same bits.
struct BoundaryRecipes {
  CodeRecipe in;
  CodeRecipe out;
};

// Σ table[cell[t] + code[t] + out(t)] for t in [0, count), below 2^15, where out(t) is what
// recipes.out makes of p[t], p[t+1]; then code[t] becomes what recipes.in makes of them.
std::int64_t look_up_and_advance(const BoundaryRecipes& recipes, const std::int32_t* table,
                                 const std::uint32_t* cell, const std::int32_t* p,
                                 std::size_t count, std::uint16_t* code);

// Σ table[cell[t] + in[t] + out[t]] for t in [0, count), below 2^15.
std::int64_t look_up(const std::int32_t* table, const std::uint32_t* cell, const std::uint16_t* in,
                     const std::uint16_t* out, std::size_t count);

// The elements of dense[0, size) that are not zero: index[i] and value[i], in order; returns how
// many. `size` is a multiple of 64; `index` and `value` have padding.
std::size_t compact(const std::uint32_t* dense, std::size_t size, std::uint32_t* index,
                    std::uint32_t* value);

// Σ table[cell[i]]·count[i] for i in [0, size); counts below 2^31. No padding.
std::int64_t weighted_sum(const std::int32_t* table, const std::uint32_t* cell,
                          const std::uint32_t* count, std::size_t size);

}  // namespace togglewise::energy
