// Waveforms as a value change dump (IEEE 1364), for waveform viewers and power tools.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "sim/activity/pe_waveforms.h"
#include "sim/activity/tile_selection.h"

namespace togglewise::activity {

// What the file holds: a module with wires of its own around some PEs, or one PE as the top module.
struct VcdDesign {
  std::string top;
  std::string clock;            // name of the clock in every module
  std::vector<TileWire> wires;  // of the top module, when it holds several PEs
  std::vector<TilePe> pes;
  bool pes_are_instances = false;  // false: the only PE is the top module
};

// Upper bound of the file's size for this many toggles of each PE's nets.
std::uint64_t estimate_vcd_bytes(const tech::Netlist& mac, const VcdDesign& design,
                                 const Timeline& timeline,
                                 const std::vector<std::uint64_t>& toggles_of_net);

// `waveforms[i]` are those of design.pes[i]. All changes of a cycle must come within its period.
// `progress` is told the finished and all cycles.
void write_vcd(std::ostream& out, const tech::Netlist& mac, const VcdDesign& design,
               const std::vector<PeWaveforms>& waveforms, const Timeline& timeline,
               const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace togglewise::activity
