// Values over time, stored bit by bit: what the bit-parallel engines compute on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace togglewise::gate {

// Where a cycle is found in a plane.
enum class TimeOrder {
  consecutive,  // bit t%64 of word t/64 is cycle t: neighbouring cycles are neighbouring bits
  interleaved   // neighbouring cycles are the same bit of neighbouring blocks (see BitPlanes)
};

// Plane b holds bit b of the value in every cycle, in blocks of 512 bits. Cycles that do not exist
// repeat the last one's value, so that they add no toggles, and every function computed plane by
// plane keeps it so.
//
// Interleaved planes are cut into chunks of equally many blocks, at most kChunkBlocks. Of a chunk
// of B blocks, bit j of block i is cycle j·B + i of the chunk: a transition is a block against the
// block before it, without any shift, except from the last block to the first. Neighbouring chunks
// share one cycle, so that every transition lies within a chunk.
class BitPlanes {
 public:
  static constexpr std::size_t kBlockCycles = 512;
  static constexpr std::size_t kBlockWords = kBlockCycles / 64;
  static constexpr std::size_t kChunkBlocks = 6;

  BitPlanes() = default;
  // All zero.
  BitPlanes(int bits, std::size_t cycles, TimeOrder order = TimeOrder::consecutive);

  // The same value in every cycle.
  static BitPlanes constant(std::int32_t value, std::size_t cycles, int bits,
                            TimeOrder order = TimeOrder::consecutive);

  // Two's complement; bits above `bits` are dropped.
  static BitPlanes from_int8(const std::int8_t* values, std::size_t cycles, int bits = 8,
                             TimeOrder order = TimeOrder::consecutive);
  static BitPlanes from_int32(const std::int32_t* values, std::size_t cycles, int bits,
                              TimeOrder order = TimeOrder::consecutive);
  static BitPlanes from_int8(const std::vector<std::int8_t>& values, int bits = 8,
                             TimeOrder order = TimeOrder::consecutive) {
    return from_int8(values.data(), values.size(), bits, order);
  }
  static BitPlanes from_int32(const std::vector<std::int32_t>& values, int bits,
                              TimeOrder order = TimeOrder::consecutive) {
    return from_int32(values.data(), values.size(), bits, order);
  }

  // Sign-extended from the top plane.
  std::vector<std::int32_t> to_int32() const;
  // The same values in another order.
  BitPlanes in_order(TimeOrder order) const;

  // Gives the planes this shape; the content is undefined afterwards where it changes.
  void reshape(int bits, std::size_t cycles, TimeOrder order = TimeOrder::consecutive);

  int bits() const { return bits_; }
  std::size_t cycles() const { return cycles_; }
  TimeOrder order() const { return order_; }
  std::size_t blocks() const { return blocks_; }
  std::size_t chunk_blocks() const { return chunk_blocks_; }  // 0 without cycles
  std::size_t chunks() const { return chunk_blocks_ == 0 ? 0 : blocks_ / chunk_blocks_; }
  std::uint64_t* plane(int bit) { return lines_[static_cast<std::size_t>(bit) * blocks_].words; }
  const std::uint64_t* plane(int bit) const {
    return lines_[static_cast<std::size_t>(bit) * blocks_].words;
  }
  // Whether all planes hold the same in the first and in the last cycle.
  bool ends_as_it_begins() const;

 private:
  struct alignas(64) Line {
    std::uint64_t words[kBlockWords];
  };

  template <typename Value>
  void fill(const Value* values);
  std::size_t cycle_at(std::size_t chunk, std::size_t block, std::size_t bit) const;

  int bits_ = 0;
  std::size_t cycles_ = 0;
  TimeOrder order_ = TimeOrder::consecutive;
  std::size_t blocks_ = 0;
  std::size_t chunk_blocks_ = 0;
  std::size_t chunk_step_ = 0;  // cycles from the first of one chunk to the first of the next
  std::vector<Line> lines_;     // [bit][block]
};

}  // namespace togglewise::gate
