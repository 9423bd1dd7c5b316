// Toggles of partial sums bit by bit. See toggle_kernels.h for why falling edges are enough.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <hwy/aligned_allocator.h>

#include "sim/array/stream_block.h"

namespace togglewise::array {

// Falling edges of the partial sums of all PEs with a weight, bit by bit. A carry-save counter:
// vectors of binary digits, one digit of the count of every bit and lane in each.
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

}  // namespace togglewise::array
