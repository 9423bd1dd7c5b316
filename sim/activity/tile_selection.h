// Which PEs of a tile are exported, what each of them sees, and the circuit that holds them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/activity/pe_waveforms.h"
#include "sim/array/tile_streams.h"
#include "sim/tech/netlist.h"

namespace togglewise::activity {

// Rows and columns of the tile, ends not included. One PE is exported as the MAC's netlist itself;
// several stand in a module `tile` of their own.
struct PeRange {
  int row_begin = 0;
  int row_end = 0;
  int column_begin = 0;
  int column_end = 0;

  int rows() const { return row_end - row_begin; }
  int columns() const { return column_end - column_begin; }
  int count() const { return rows() * columns(); }
  bool single() const { return count() == 1; }
};

// The used PE nearest to the middle of the tile, in reading order behind it, whose weight is not 0;
// the one in the middle where all are.
PeRange middle_pe(const array::TileStreams& streams);

struct TilePe {
  int row = 0;  // in the array
  int column = 0;
  int weight = 0;
  std::uint64_t delay_cycles = 0;  // behind the first PE of the range: the array's skew
};
std::vector<TilePe> pes_of(const array::TileStreams& streams, const PeRange& range);

// Operands of one PE of the tile; partial sums wrap at their width.
PeStimulus stimulus_of(const array::TileStreams& streams, int row, int column,
                       int partial_sum_bits);

// Clock periods that the whole range needs.
std::uint64_t cycles_of(const array::TileStreams& streams, const PeRange& range);

// "pe_3_5".
std::string instance_name(const TilePe& pe);

// A net of one of the PEs; `pe` counts as in pes_of().
struct PeNet {
  std::size_t pe = 0;
  tech::NetIndex net = tech::kNone;
};
// A wire or port of the module `tile`, which is the same as nets of its PEs: bit 0 first.
struct TileWire {
  std::string name;
  std::vector<PeNet> bits;
};
struct TileModule {
  std::string verilog;          // of `tile` alone; it uses the MAC's module
  std::vector<TileWire> wires;  // all but the clock
};
// PE (r, c) hands its activation to (r, c+1) and its partial sum to (r+1, c). Weights are wired to
// constants.
TileModule tile_module(const tech::Netlist& mac, const array::TileStreams& streams,
                       const PeRange& range);

}  // namespace togglewise::activity
