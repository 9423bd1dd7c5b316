// Case analysis: what is left of a circuit, and its longest path, while some of its inputs stand
// still.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/tech/boolean_function.h"
#include "sim/tech/netlist.h"
#include "sim/tech/timing.h"

namespace togglewise::tech {

// An input port that keeps its value, or some of its bits.
struct HeldPort {
  std::string name;
  std::uint64_t value = 0;          // bit 0 goes to bit 0 of the port
  std::uint64_t held_bits = ~0ULL;  // 1 for each bit that keeps its value
};

// The function of one net over those inputs of its driving cell that still matter.
struct LiveFunction {
  TruthTable function;
  std::vector<std::size_t> inputs;  // per variable: position in LibraryCell::inputs
};

class CaseAnalysis {
 public:
  // Throws std::out_of_range for a port that is no input. The netlist must outlive the analysis.
  CaseAnalysis(const Netlist& netlist, const std::vector<HeldPort>& held);

  const Netlist& netlist() const { return netlist_; }
  bool is_constant(NetIndex net) const { return state(net) != State::variable; }
  bool value(NetIndex net) const { return state(net) == State::high; }  // of a constant net
  // Of a net that a combinational cell drives; inputs that are constant, or that no longer matter
  // because others are, are left out.
  LiveFunction live_function(NetIndex net) const;

 private:
  enum class State : std::uint8_t { low, high, variable };
  State state(NetIndex net) const { return states_[static_cast<std::size_t>(net)]; }

  const Netlist& netlist_;
  std::vector<State> states_;  // per net
};

// The longest path to a register, with clock to Q before and setup behind it, over edges that can
// cause each other in the functions that are left; 0 where nothing moves. With nothing held it is
// at most analyze_timing's critical path, and holding more never makes it longer.
double longest_path_ps(const CaseAnalysis& analysis, const TimingArcs& arcs);

}  // namespace togglewise::tech
