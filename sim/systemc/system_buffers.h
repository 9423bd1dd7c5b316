// The three double-buffered SRAMs between DRAM and array. Each knows where its operand lies, moves
// it from or to DRAM, and counts what has arrived.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "sim/systemc/system_job.h"
#include "sim/systemc/system_memory.h"

namespace togglewise::systemc {

// Cycles that a port to the array takes for so many bytes; 1 when it has no limit.
int port_cycles(int bytes, int bytes_per_cycle);

// Which output pixel a vector is: from a generator, or from an address table that is read each
// time.
class PixelAddresses {
 public:
  void reset(const SystemJob& job);
  int pixel(int m);  // of vector m
  const CountedBytes& bytes() const { return table_; }

 private:
  const SystemJob* job_ = nullptr;
  CountedBytes table_;
};

// Weights: tile f in half f mod 2, [column][row].
class FilterBuffer : public sc_core::sc_module {
 public:
  sc_core::sc_port<DramInterface> dram_port{"dram_port"};

  FilterBuffer(const sc_core::sc_module_name& name, Dram& dram) : sc_module(name), dram_(dram) {}

  void reset(const SystemJob& job);
  void fetch(int tile);
  bool has(int tile) const { return arrived_ > tile; }
  // The weights of array row `row`, zero in idle columns.
  void read_row(int tile, int row, std::int8_t* weights);
  int cycles_per_row(int tile) const;
  const CountedBytes& bytes() const { return bytes_; }

 private:
  void arrive(int tile);
  std::size_t half(int tile) const { return static_cast<std::size_t>(tile % 2) * half_bytes_; }

  Dram& dram_;
  const SystemJob* job_ = nullptr;
  CountedBytes bytes_;
  std::size_t half_bytes_ = 0;
  int arrived_ = 0;
};

// Activations as whole feature maps, gathered into im2col vectors on their way to the array.
class IfmapBuffer : public sc_core::sc_module {
 public:
  sc_core::sc_port<DramInterface> dram_port{"dram_port"};

  IfmapBuffer(const sc_core::sc_module_name& name, Dram& dram, PixelAddresses& pixels)
      : sc_module(name), dram_(dram), pixels_(pixels) {}

  void reset(const SystemJob& job);
  void fetch(int tile);  // what of the tile's channels is not there or on its way
  bool has(int tile) const { return arrived_ >= transfers_needed_[tile]; }
  // Vector m of the tile, zero in idle rows and under padding.
  void read_vector(int tile, int m, std::int8_t* activations);
  int cycles_per_vector(int tile) const;
  const CountedBytes& bytes() const { return bytes_; }

 private:
  struct Place {  // of a tile's channels
    std::size_t address = 0;
    std::size_t image_stride = 0;
    int first_channel = 0;
  };
  void issue(int first_channel, int channels, const Place& place);

  Dram& dram_;
  PixelAddresses& pixels_;
  const SystemJob* job_ = nullptr;
  CountedBytes bytes_;
  std::size_t half_bytes_ = 0;
  int next_half_ = 0;
  std::vector<bool> channel_fetched_;  // when all of them stay
  std::vector<Place> places_;          // [tile]
  std::vector<int> transfers_needed_;  // [tile]: so many transfers must have arrived
  int issued_ = 0;
  int arrived_ = 0;
};

// 32-bit accumulators, [vector][column] of a column block, requantized on their way to DRAM.
class OfmapBuffer : public sc_core::sc_module {
 public:
  sc_core::sc_port<DramInterface> dram_port{"dram_port"};

  OfmapBuffer(const sc_core::sc_module_name& name, Dram& dram, PixelAddresses& pixels)
      : sc_module(name), dram_(dram), pixels_(pixels) {}

  void reset(const SystemJob& job);
  void accumulate(int tile, int m, const std::int32_t* sums);
  void write_block(int tile);  // the block whose last tile this is
  bool has_room_for(int block) const { return unlimited_ || blocks_written_ >= block - 1; }
  int blocks_written() const { return blocks_written_; }
  int cycles_per_vector(int tile) const;
  const CountedBytes& bytes() const { return bytes_; }

 private:
  void store_block(int tile);
  std::size_t address(const SystemTile& tile, int m) const;

  Dram& dram_;
  PixelAddresses& pixels_;
  const SystemJob* job_ = nullptr;
  CountedBytes bytes_;
  bool unlimited_ = false;
  std::size_t half_bytes_ = 0;
  int blocks_written_ = 0;
  std::vector<network::FixedPointScale> requantization_;
};

}  // namespace togglewise::systemc
