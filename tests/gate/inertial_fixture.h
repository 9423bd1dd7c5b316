// Inertial engines on osu018's MAC, and a reference that follows the rule to the letter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/gate/inertial_engine.h"
#include "sim/gate/inertial_model.h"
#include "sim/gate/scalar_engine.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {

inline const tech::NetlistDelays& delays22() {
  static const tech::NetlistDelays delays = tech::compute_delays(mac22().netlist, {});
  return delays;
}
inline InertialModel model22(double quantum_ps) {
  return make_inertial_model(mac22().netlist, delays22(), quantum_ps);
}
inline const InertialEngine& inertial22() {
  static const InertialEngine engine(mac22().netlist, mac22().energy, model22(50.0));
  return engine;
}

// Every net in every quantum of one cycle, straight from the formulas of inertial_model.h: slow and
// without events, windows or points in time at which nothing can happen.
class QuantumReference {
 public:
  QuantumReference(const tech::Netlist& netlist, const InertialModel& model)
      : netlist_(netlist),
        model_(model),
        quanta_(model.last() + 2),
        values_(netlist.nets().size(), std::vector<std::uint8_t>(at(quanta_), 0)) {}

  // From one settled state to the next: values per net as ScalarEngine gives them.
  void cycle(const std::vector<std::uint8_t>& before, const std::vector<std::uint8_t>& after) {
    for (std::size_t net = 0; net < values_.size(); ++net) {
      const tech::CellIndex driver = netlist_.nets()[net].driver.cell;
      if (driver == tech::kNone || netlist_.cell(driver).type->is_register()) {
        const InertialNet& rule = model_.nets[net];
        const int at_launch = after[net] != 0 ? rule.launch_rise : rule.launch_fall;
        for (int k = 0; k < quanta_; ++k) {
          values_[net][at(k)] = k < at_launch ? before[net] : after[net];
        }
      }
    }
    for (const tech::CellIndex index : netlist_.combinational_order()) {
      evaluate(netlist_.cell(index), before);
    }
  }

  int toggles(std::size_t net, bool before) const {
    int count = 0;
    bool last = before;
    for (const std::uint8_t value : values_[net]) {
      count += last != (value != 0) ? 1 : 0;
      last = value != 0;
    }
    return count;
  }
  bool settled(std::size_t net) const { return values_[net].back() != 0; }
  // In quantum k; the settled value of the cycle before where k < 0.
  bool value(std::size_t net, int k) const { return values_[net][at(k)] != 0; }
  int quanta() const { return quanta_; }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  void evaluate(const tech::Cell& cell, const std::vector<std::uint8_t>& before) {
    for (const int pin : cell.type->outputs) {
      const tech::NetIndex net = cell.nets[at(pin)];
      if (net == tech::kNone) continue;
      const InertialNet& rule = model_.nets[at(net)];
      const tech::TruthTable& function = *cell.type->pins[at(pin)].function;
      const auto wanted = [&](int k) {
        unsigned row = 0;
        for (std::size_t i = 0; i < cell.type->inputs.size(); ++i) {
          const auto from = at(cell.nets[at(cell.type->inputs[i])]);
          // Shifts may be negative; behind the last quantum every net has settled.
          const int time = std::min(k - rule.shift[i], quanta_ - 1);
          const bool bit = time < 0 ? before[from] != 0 : values_[from][at(time)] != 0;
          row |= static_cast<unsigned>(bit) << i;
        }
        return function.value(row);
      };
      bool y = before[at(net)] != 0;
      for (int k = 0; k < quanta_; ++k) {
        bool all = true;
        bool any = false;
        for (int back = 0; back < rule.rise; ++back) all = all && wanted(k - back);
        for (int back = 0; back < rule.fall; ++back) any = any || wanted(k - back);
        y = all || (any && y);
        values_[at(net)][at(k)] = y ? 1 : 0;
      }
    }
  }

  const tech::Netlist& netlist_;
  const InertialModel& model_;
  int quanta_;
  std::vector<std::vector<std::uint8_t>> values_;  // [net][quantum]
};

// Settled values of all nets with registers already showing what these operands make of them, as
// the engines count.
inline std::vector<std::uint8_t> settled_values(ScalarEngine& engine, const PeOperands& operands) {
  engine.set_input("weight", static_cast<std::uint64_t>(operands.weight));
  engine.set_input("activation_in", static_cast<std::uint64_t>(operands.activation));
  engine.set_input("partial_sum_in", static_cast<std::uint64_t>(operands.partial_sum));
  engine.settle();
  engine.clock_edge();
  engine.settle();
  return engine.values();
}

// Toggles per net over all transitions of a stream.
inline std::vector<std::uint64_t> reference_toggles(const tech::Netlist& netlist,
                                                    const InertialModel& model, int weight,
                                                    const Streams& streams) {
  ScalarEngine engine(netlist);
  QuantumReference reference(netlist, model);
  std::vector<std::uint64_t> toggles(netlist.nets().size(), 0);
  std::vector<std::uint8_t> before;
  for (std::size_t t = 0; t < streams.activation.size(); ++t) {
    const std::vector<std::uint8_t> after = settled_values(
        engine, {static_cast<std::int8_t>(weight), streams.activation[t], streams.partial_sum[t]});
    if (t > 0) {
      reference.cycle(before, after);
      for (std::size_t net = 0; net < toggles.size(); ++net) {
        toggles[net] += static_cast<std::uint64_t>(reference.toggles(net, before[net] != 0));
        EXPECT_EQ(reference.settled(net), after[net] != 0) << netlist.nets()[net].name;
      }
    }
    before = after;
  }
  return toggles;
}

}  // namespace togglewise::gate
