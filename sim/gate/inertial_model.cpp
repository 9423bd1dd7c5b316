#include "sim/gate/inertial_model.h"

#include <algorithm>
#include <cmath>
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
    behind_ps_.assign(netlist.nets().size(), 0.0);
  }

  InertialModel build() {
    for (std::size_t i = 2; i < model_.nets.size(); ++i) {
      const auto index = static_cast<NetIndex>(i);
      const tech::CellIndex driver = netlist_.net(index).driver.cell;
      if (index == netlist_.clock_net()) continue;
      if (driver == tech::kNone || netlist_.cell(driver).type->is_register()) {
        launch(i);
      }
    }
    for (const tech::CellIndex index : netlist_.combinational_order()) {
      const tech::Cell& cell = netlist_.cell(index);
      for (const int pin : cell.type->outputs) {
        const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net == tech::kNone) continue;
        const std::vector<int> inputs = active_inputs(cell, pin);
        round_delays(cell, net, inputs);
        propagate_window(cell, net, inputs);
      }
    }
    return std::move(model_);
  }

 private:
  static std::size_t at(NetIndex net) { return static_cast<std::size_t>(net); }
  static NetIndex input_net(const tech::Cell& cell, int input) {
    return cell.nets[at(cell.type->inputs[at(input)])];
  }
  int window(double ps) const { return std::max(1, rounded(ps + 0.5 * model_.quantum_ps)); }

  void launch(std::size_t index) {
    const tech::EdgeDelays& delay = delays_.launch[index];
    InertialNet& net = model_.nets[index];
    net.launch_rise = rounded(delay.rise_ps);
    net.launch_fall = rounded(delay.fall_ps);
    net.first = std::min(net.launch_rise, net.launch_fall);
    net.last = std::max(net.launch_rise, net.launch_fall);
    behind_ps_[index] =
        delay.mean_ps() - 0.5 * (net.launch_rise + net.launch_fall) * model_.quantum_ps;
  }

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

  void round_delays(const tech::Cell& cell, NetIndex index, const std::vector<int>& inputs) {
    if (inputs.empty()) return;
    InertialNet& net = model_.nets[at(index)];
    const std::vector<tech::EdgeDelays>& arcs = delays_.arcs[at(index)];
    double rise_ps = 0.0;
    double fall_ps = 0.0;
    for (const int i : inputs) {
      rise_ps += arcs[static_cast<std::size_t>(i)].rise_ps;
      fall_ps += arcs[static_cast<std::size_t>(i)].fall_ps;
    }
    const auto count = static_cast<double>(inputs.size());
    net.rise = window(rise_ps / count);
    net.fall = window(fall_ps / count);
    const double window_delay_ps = (0.5 * (net.rise + net.fall) - 1.0) * model_.quantum_ps;
    double behind_ps = 0.0;
    for (const int i : inputs) {
      const auto input = static_cast<std::size_t>(i);
      const double lacks_ps =
          behind_ps_[at(input_net(cell, i))] + arcs[input].mean_ps() - window_delay_ps;
      net.shift[input] = std::max(1 - std::min(net.rise, net.fall), rounded(lacks_ps));
      behind_ps += lacks_ps - net.shift[input] * model_.quantum_ps;
    }
    behind_ps_[at(index)] = behind_ps / count;
  }

  void propagate_window(const tech::Cell& cell, NetIndex index, const std::vector<int>& inputs) {
    InertialNet& net = model_.nets[static_cast<std::size_t>(index)];
    bool reached = false;
    for (const int i : inputs) {
      const InertialNet& input = model_.nets[at(input_net(cell, i))];
      if (input.last < input.first) continue;
      const int shift = net.shift[static_cast<std::size_t>(i)];
      const int first = input.first + shift + std::min(net.rise, net.fall) - 1;
      const int last = input.last + shift + std::max(net.rise, net.fall) - 1;
      net.first = reached ? std::min(net.first, first) : first;
      net.last = reached ? std::max(net.last, last) : last;
      reached = true;
    }
  }

  const tech::Netlist& netlist_;
  const tech::NetlistDelays& delays_;
  InertialModel model_;
  std::vector<double> behind_ps_;  // per net: mean arrival time less what was made of it
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
