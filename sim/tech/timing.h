// Static timing: can the netlist run at the clock that its energy is reported for?
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::tech {

// One net of the slowest path, and how its edge came about.
struct TimingStep {
  std::string net;
  bool rising = false;
  std::string cell;       // instance that drives it; "" for an input port
  std::string cell_type;  // library cell; at an input port that of the register before it
  double delay_ps = 0.0;  // of the cell: from the edge of the step before, or from the clock
  double arrival_ps = 0.0;
  double slew_ps = 0.0;
  double load_ff = 0.0;
};

struct TimingReport {
  // Shortest clock period without clock skew: clock to Q of the register before (also for the
  // inputs, which registers of the same kind drive), slowest path, setup. 0 where no path ends in a
  // register.
  double critical_path_ps = 0.0;
  double setup_ps = 0.0;          // part of the above
  std::vector<TimingStep> path;   // from the launching net to the net at the last register's input
  std::string endpoint;           // that register's instance
  double latest_output_ps = 0.0;  // arrival at the output port that is reached last
  // Mean over the inputs of all cells; EnergyParameters::input_slew_ns should be near it.
  double mean_input_slew_ns = 0.0;

  double highest_clock_mhz() const { return critical_path_ps > 0.0 ? 1e6 / critical_path_ps : 0.0; }
};

// Delays from the library's tables: slews are propagated, loads are those of the energy model;
// worst of rise and fall. Delay tables are clamped at their edges as energy tables are, so a net
// with more load than its table knows is judged too fast.
TimingReport analyze_timing(const Netlist& netlist, const EnergyParameters& parameters);

// Index of an edge in arrays of two.
constexpr std::size_t kRise = 0;
constexpr std::size_t kFall = 1;
// A delay or arrival of an edge that never happens: the latest of nothing.
constexpr double kNeverPs = -std::numeric_limits<double>::infinity();

// The delays that analyze_timing() has added up, each at the slew that it found there: whoever
// leaves out paths that cannot happen gets no more than its critical path.
struct TimingArcs {
  struct Arc {
    // [edge of the input][edge of the output]; kNeverPs where one never causes the other.
    std::array<std::array<double, 2>, 2> delay_ps{{{{kNeverPs, kNeverPs}}, {{kNeverPs, kNeverPs}}}};
  };
  struct Endpoint {
    NetIndex net = kNone;                                  // at an input of a register
    std::array<double, 2> setup_ps{{kNeverPs, kNeverPs}};  // by the net's edge
  };
  // Per net, in the order of the driving cell's LibraryCell::inputs; empty for nets driven by
  // registers, ports or constants.
  std::vector<std::vector<Arc>> arcs;
  // Per net and edge: from the clock edge; kNeverPs for nets that combinational cells drive.
  std::vector<std::array<double, 2>> launch_ps;
  std::vector<Endpoint> endpoints;
};
TimingArcs timing_arcs(const Netlist& netlist, const EnergyParameters& parameters);

}  // namespace togglewise::tech
