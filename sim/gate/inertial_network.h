// The MAC's circuit as the glitch-aware engine evaluates it: look-up tables of at most three
// inputs, each behind the window that swallows short pulses, with one weight wired in or none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/gate/inertial_model.h"
#include "sim/gate/time_set.h"
#include "sim/tech/netlist.h"

namespace togglewise::gate {

struct InertialNode {
  enum class Kind : std::uint8_t {
    weight,  // input bits, which change once
    activation,
    partial_sum,
    table,   // of its fan-ins, filtered
    settled  // a register's output: table of its fan-ins' settled values, changes once
  };
  struct Fanin {
    int node = 0;
    int shift = 0;  // at time t it is read at time t − shift
    friend bool operator<(const Fanin& a, const Fanin& b) {
      return a.node != b.node ? a.node < b.node : a.shift < b.shift;
    }
    friend bool operator==(const Fanin& a, const Fanin& b) {
      return a.node == b.node && a.shift == b.shift;
    }
  };

  Kind kind = Kind::table;
  int bit = 0;               // of the input port
  std::uint8_t table = 0;    // 0 where all fan-ins are 0
  std::vector<Fanin> fanin;  // at most three, ascending, all of them matter
  // The windows of inertial_model.h; (1, 1) is no filter at all.
  int rise = 1;
  int fall = 1;

  // When g and the node can change. Nothing else happens, for any operands.
  TimeSet wanted_rises;
  TimeSet wanted_falls;
  TimeSet rises;
  TimeSet falls;
  // No pulse of the node is shorter.
  int shortest_high = 1;
  int shortest_low = 1;

  // A node that toggles as often, this one or one with the same pulses, only longer or shorter.
  int toggles_of = -1;
  bool counted = false;  // nets toggle as it does
};

// What a net became: its value at time t is that of `node` at t − delay, or the complement.
struct InertialSignal {
  int node = -1;  // −1: the constant `inverted`
  bool inverted = false;
  int delay = 0;
  bool is_constant() const { return node < 0; }
};

struct InertialNetwork {
  std::vector<InertialNode> nodes;              // each after its fan-ins
  std::vector<InertialSignal> signal_of_net;    // per net; the clock's is constant
  std::vector<InertialSignal> partial_sum_out;  // per bit
};

// Constants are folded; equal and inverted signals, and signals that differ by a delay only, are
// merged; arrival windows shrink to what the wired weight leaves. Without a weight its bits are
// inputs.
InertialNetwork build_inertial_network(const tech::Netlist& mac, const InertialModel& model,
                                       std::optional<int> weight);

}  // namespace togglewise::gate
