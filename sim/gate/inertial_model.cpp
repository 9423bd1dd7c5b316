#include "sim/gate/inertial_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace togglewise::gate {
namespace {

using tech::NetIndex;

class ModelBuilder {
 public:
  ModelBuilder(const tech::Netlist& netlist, const tech::NetlistDelays& delays, double quantum_ps)
      : netlist_(netlist), delays_(delays) {
    model_.quantum_ps = quantum_ps;
    model_.nets.resize(netlist.nets().size());
  }

  InertialModel build() {
    for (std::size_t i = 2; i < model_.nets.size(); ++i) {
      const auto index = static_cast<NetIndex>(i);
      const tech::CellIndex driver = netlist_.net(index).driver.cell;
      if (index == netlist_.clock_net()) continue;
      if (driver == tech::kNone || netlist_.cell(driver).type->is_register()) {
        InertialNet& net = model_.nets[i];
        net.launch = rounded(delays_.launch[i].mean_ps());
        net.first = net.last = net.launch;
      }
    }
    for (const tech::CellIndex index : netlist_.combinational_order()) {
      const tech::Cell& cell = netlist_.cell(index);
      for (const int pin : cell.type->outputs) {
        const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net == tech::kNone) continue;
        const std::vector<int> inputs = active_inputs(cell, pin);
        round_delays(net, inputs);
        propagate_window(cell, net, inputs);
      }
    }
    return std::move(model_);
  }

 private:
  int rounded(double ps) const { return static_cast<int>(std::lround(ps / model_.quantum_ps)); }

  // Inputs whose edges can reach this output.
  std::vector<int> active_inputs(const tech::Cell& cell, int pin) const {
    const tech::TruthTable& function = *cell.type->pins[static_cast<std::size_t>(pin)].function;
    std::vector<int> result;
    for (std::size_t i = 0; i < cell.type->inputs.size(); ++i) {
      const NetIndex from = cell.nets[static_cast<std::size_t>(cell.type->inputs[i])];
      if (function.depends_on(static_cast<int>(i)) && !netlist_.is_constant(from)) {
        result.push_back(static_cast<int>(i));
      }
    }
    return result;
  }

  void round_delays(NetIndex index, const std::vector<int>& inputs) {
    if (inputs.empty()) return;
    InertialNet& net = model_.nets[static_cast<std::size_t>(index)];
    const std::vector<tech::EdgeDelays>& arcs = delays_.arcs[static_cast<std::size_t>(index)];
    double rise_ps = std::numeric_limits<double>::max();
    double fall_ps = rise_ps;
    for (const int i : inputs) {
      rise_ps = std::min(rise_ps, arcs[static_cast<std::size_t>(i)].rise_ps);
      fall_ps = std::min(fall_ps, arcs[static_cast<std::size_t>(i)].fall_ps);
    }
    net.rise = std::max(1, rounded(rise_ps));
    net.fall = std::max(1, rounded(fall_ps));
    const double window_ps = 0.5 * (net.rise + net.fall) * model_.quantum_ps;
    for (const int i : inputs) {
      const double left_ps = arcs[static_cast<std::size_t>(i)].mean_ps() - window_ps;
      net.shift[static_cast<std::size_t>(i)] = std::max(0, rounded(left_ps));
    }
  }

  void propagate_window(const tech::Cell& cell, NetIndex index, const std::vector<int>& inputs) {
    InertialNet& net = model_.nets[static_cast<std::size_t>(index)];
    bool reached = false;
    for (const int i : inputs) {
      const int pin = cell.type->inputs[static_cast<std::size_t>(i)];
      const NetIndex from = cell.nets[static_cast<std::size_t>(pin)];
      const InertialNet& input = model_.nets[static_cast<std::size_t>(from)];
      if (input.last < input.first) continue;
      const int shift = net.shift[static_cast<std::size_t>(i)];
      const int first = input.first + shift + std::min(net.rise, net.fall);
      const int last = input.last + shift + std::max(net.rise, net.fall);
      net.first = reached ? std::min(net.first, first) : first;
      net.last = reached ? std::max(net.last, last) : last;
      reached = true;
    }
  }

  const tech::Netlist& netlist_;
  const tech::NetlistDelays& delays_;
  InertialModel model_;
};

}  // namespace

int InertialModel::last() const {
  int result = 0;
  for (const InertialNet& net : nets) result = std::max(result, net.last);
  return result;
}

InertialModel make_inertial_model(const tech::Netlist& netlist, const tech::NetlistDelays& delays,
                                  double quantum_ps) {
  if (!(quantum_ps > 0.0)) throw std::invalid_argument("the quantum must be positive");
  return ModelBuilder(netlist, delays, quantum_ps).build();
}

}  // namespace togglewise::gate
