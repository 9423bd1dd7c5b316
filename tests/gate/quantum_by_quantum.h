// The rule of inertial_model.h taken literally: every net's value in every quantum of a cycle.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/gate/event_engine.h"
#include "sim/gate/inertial_model.h"
#include "sim/tech/netlist.h"

namespace togglewise::gate {

class QuantumByQuantum {
 public:
  QuantumByQuantum(const tech::Netlist& netlist, const InertialModel& model)
      : netlist_(netlist), model_(model), margin_(0), values_(netlist.nets().size()) {
    for (const InertialNet& net : model.nets) {
      int most = std::max(net.rise, net.fall);
      for (const int shift : net.shift) most = std::max(most, most + std::abs(shift));
      margin_ = std::max(margin_, most + 1);
    }
  }

  // Waveform of every net in a cycle before which the nets stood at `before` and in which ports and
  // registers take the values in `after`; both are per net.
  std::vector<Waveform> cycle(const std::vector<std::uint8_t>& before,
                              const std::vector<std::uint8_t>& after) {
    for (std::size_t net = 0; net < values_.size(); ++net) {
      const InertialNet& rule = model_.nets[net];
      const int launch = after[net] != 0 ? rule.launch_rise : rule.launch_fall;
      values_[net].clear();
      for (int k = begin(); k < end(); ++k)
        values_[net].push_back(k < launch ? before[net] : after[net]);
    }
    for (const tech::CellIndex index : netlist_.combinational_order()) {
      const tech::Cell& cell = netlist_.cell(index);
      for (const int pin : cell.type->outputs) {
        const tech::NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net != tech::kNone) evaluate(cell, pin, net, before[static_cast<std::size_t>(net)]);
      }
    }
    std::vector<Waveform> result(values_.size());
    for (std::size_t net = 0; net < values_.size(); ++net) {
      for (int k = begin() + 1; k < end(); ++k) {
        const bool now = at(static_cast<tech::NetIndex>(net), k);
        if (now != at(static_cast<tech::NetIndex>(net), k - 1)) result[net].push_back({k, now});
      }
    }
    return result;
  }

 private:
  // Quanta with room for every window on both sides.
  int begin() const { return -2 * margin_; }
  int end() const { return model_.last() + 2 * margin_; }

  bool at(tech::NetIndex net, int k) const {
    const int clamped = std::clamp(k, begin(), end() - 1);
    return values_[static_cast<std::size_t>(net)][static_cast<std::size_t>(clamped - begin())] != 0;
  }

  bool g(const tech::Cell& cell, int pin, const InertialNet& rule, int k) const {
    unsigned row = 0;
    for (std::size_t i = 0; i < cell.type->inputs.size(); ++i) {
      const tech::NetIndex x = cell.nets[static_cast<std::size_t>(cell.type->inputs[i])];
      row |= (at(x, k - rule.shift[i]) ? 1U : 0U) << i;
    }
    return cell.type->pins[static_cast<std::size_t>(pin)].function->value(row);
  }

  void evaluate(const tech::Cell& cell, int pin, tech::NetIndex net, std::uint8_t before) {
    const InertialNet& rule = model_.nets[static_cast<std::size_t>(net)];
    std::vector<std::uint8_t> wanted;
    for (int k = begin(); k < end(); ++k) wanted.push_back(g(cell, pin, rule, k) ? 1 : 0);
    const auto all = [&](bool value, int k, int window) {
      for (int j = 0; j < window; ++j) {
        const int index = std::max(k - j - begin(), 0);
        if ((wanted[static_cast<std::size_t>(index)] != 0) != value) return false;
      }
      return true;
    };
    std::vector<std::uint8_t> y;
    for (int k = begin(); k < end(); ++k) {
      const std::uint8_t previous = y.empty() ? before : y.back();
      y.push_back(all(true, k, rule.rise) ? 1 : all(false, k, rule.fall) ? 0 : previous);
    }
    values_[static_cast<std::size_t>(net)] = y;
  }

  const tech::Netlist& netlist_;
  const InertialModel& model_;
  int margin_;
  std::vector<std::vector<std::uint8_t>> values_;  // [net][k − begin()]
};

}  // namespace togglewise::gate
