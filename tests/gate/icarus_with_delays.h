// The MAC's netlist in Icarus Verilog, with the library's own cell models and every delay
// back-annotated from an SDF file: counts what really toggles there, glitches included.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/base/files.h"
#include "sim/gate/mac_engine.h"
#include "sim/tech/delays.h"
#include "sim/tech/netlist.h"

namespace togglewise::gate {

class IcarusWithDelays {
 public:
  // Compiles the simulation. `verilog_file` is yosys' netlist, `cell_models` the library's Verilog.
  // Throws std::runtime_error with Icarus' own words.
  IcarusWithDelays(const tech::Netlist& mac, const tech::NetlistDelays& delays,
                   const std::filesystem::path& verilog_file,
                   const std::filesystem::path& cell_models);

  // Toggles per net over the transitions between consecutive operands, which share one weight;
  // register outputs follow the last operand in a cycle of their own. The clock's are zero.
  std::vector<std::uint64_t> toggles(const std::vector<PeOperands>& operands) const;

 private:
  std::string testbench(const tech::Netlist& mac, const tech::NetlistDelays& delays) const;

  TemporaryDirectory folder_;
  tech::MacWidths widths_;
  std::size_t net_count_ = 0;
  std::vector<tech::NetIndex> watched_;
};

}  // namespace togglewise::gate
