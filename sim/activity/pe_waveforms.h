// What every net of one PE does over time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/gate/inertial_model.h"
#include "sim/tech/netlist.h"

namespace togglewise::activity {

// What a PE works on, cycle by cycle; both streams are of one length, at least 1.
struct PeStimulus {
  int weight = 0;
  std::vector<std::int8_t> activation;
  std::vector<std::int32_t> partial_sum;  // what enters from above
};

struct NetChange {
  std::uint32_t offset_ps = 0;  // after the clock edge
  std::uint32_t net : 31;
  std::uint32_t value : 1;
};

// Cycle 0 is the state in which the circuit has settled under the stimulus' first operands,
// registers included. The clock edge of cycle t >= 1 brings operands t in; registers take what
// operands t−1 gave. After the last operands there is one more cycle, in which registers follow.
struct PeWaveforms {
  std::vector<std::uint8_t> initial;     // per net, in cycle 0
  std::vector<NetChange> changes;        // by cycle, then by time; the clock's are not among them
  std::vector<std::size_t> cycle_begin;  // [cycles + 1] into changes
  // Per net: edges of pulses too short to pass the cell that drives it; empty where time has no
  // glitches.
  std::vector<std::uint64_t> swallowed_edges;

  std::size_t cycles() const { return cycle_begin.size() - 1; }
  std::uint32_t latest_offset_ps() const;
};

// Zero delay: settled values only, all changes at the clock edge.
PeWaveforms record_settled(const tech::Netlist& mac, const PeStimulus& stimulus);

// Glitches too, by the rule of sim/gate/inertial_model.h.
PeWaveforms record_inertial(const tech::Netlist& mac, const gate::InertialModel& model,
                            const PeStimulus& stimulus);

// Activity as SAIF counts it; times in ps.
struct NetActivity {
  std::uint64_t time_zero_ps = 0;
  std::uint64_t time_one_ps = 0;
  std::uint64_t toggles = 0;
  std::uint64_t swallowed_edges = 0;
};

// Where a PE's cycles lie in the time of a file. Clock edge k = 0 … cycles−1 rises at k·P + P/2 and
// falls at (k+1)·P; the PE's cycle t begins at edge t − 1 + delay_cycles, and the file ends after
// `cycles` periods, when everything has settled.
struct Timeline {
  std::uint64_t period_ps = 0;
  std::uint64_t cycles = 0;

  std::uint64_t duration_ps() const { return cycles * period_ps; }
  std::uint64_t edge_ps(std::uint64_t edge) const { return edge * period_ps + low_ps(); }
  std::uint64_t low_ps() const { return period_ps / 2; }
};

// Per net of the netlist, the clock included.
std::vector<NetActivity> count_activity(const tech::Netlist& mac, const PeWaveforms& waveforms,
                                        const Timeline& timeline, std::uint64_t delay_cycles);

}  // namespace togglewise::activity
