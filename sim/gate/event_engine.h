// The definition of what the glitch-aware engines count: one circuit, one cycle at a time, by
// events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/gate/inertial_model.h"
#include "sim/tech/netlist.h"

namespace togglewise::gate {

// From quantum `at` on the net has `value`.
struct NetChange {
  int at = 0;
  bool value = false;
  friend bool operator==(const NetChange& a, const NetChange& b) {
    return a.at == b.at && a.value == b.value;
  }
};
using Waveform = std::vector<NetChange>;  // in ascending order, values alternate

// What the windows of `net` let through of `wanted`, which is g of inertial_model.h; `before` is
// the output's value, and g's, before the first change.
Waveform filter_pulses(const Waveform& wanted, bool before, const InertialNet& net);

// Evaluates any synchronous netlist by the rule of inertial_model.h. Used like ScalarEngine: set
// inputs, `settle()`, `clock_edge()`, and so on. A cycle starts with the clock edge; its waveforms
// hold all changes of that cycle, those of the register outputs included. Settled values are those
// of ScalarEngine.
class EventEngine {
 public:
  // Registers start at 0. Netlist and model must outlive the engine.
  EventEngine(const tech::Netlist& netlist, const InertialModel& model);

  // Bit 0 of `value` goes to bit 0 of the port. The clock needs no value.
  void set_input(const std::string& port, std::uint64_t value);
  // The first call only finds where the circuit rests; it changes nothing.
  void settle();
  void clock_edge();

  std::uint64_t output(const std::string& port) const;
  bool value(tech::NetIndex net) const { return values_[static_cast<std::size_t>(net)] != 0; }
  const std::vector<std::uint8_t>& values() const { return values_; }
  // Changes since the clock edge that began this cycle.
  const Waveform& waveform(tech::NetIndex net) const {
    return waveforms_[static_cast<std::size_t>(net)];
  }
  std::size_t toggles(tech::NetIndex net) const { return waveform(net).size(); }
  // Per net: edges of pulses that were too short to pass the driving cell, over all cycles so far.
  const std::vector<std::uint64_t>& swallowed_edges() const { return swallowed_; }

 private:
  void start(tech::NetIndex net, bool value);
  void evaluate(const tech::Cell& cell);
  Waveform wanted(const tech::Cell& cell, int pin, const InertialNet& net) const;
  unsigned input_row(const tech::Cell& cell) const;

  const tech::Netlist& netlist_;
  const InertialModel& model_;
  bool at_rest_ = false;
  std::vector<std::uint8_t> values_;      // per net, settled
  std::vector<std::uint8_t> previous_;    // per net, settled in the cycle before
  std::vector<std::uint8_t> inputs_;      // per net, where an input port sets it
  std::vector<std::uint8_t> states_;      // per entry of netlist.registers()
  std::vector<Waveform> waveforms_;       // per net
  std::vector<std::uint64_t> swallowed_;  // per net
};

}  // namespace togglewise::gate
