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
    behind_.resize(netlist.nets().size());
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
        round_delays(cell, pin, net, inputs);
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
    behind_[index] = {delay.rise_ps - net.launch_rise * model_.quantum_ps,
                      delay.fall_ps - net.launch_fall * model_.quantum_ps};
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

  // What rounding left over on the way to an input, as it lacks to the output's two edges.
  tech::EdgeDelays carried(const tech::TruthTable& function, int input, NetIndex from) const {
    const std::uint64_t low = function.cofactor(input, false).bits;
    const std::uint64_t high = function.cofactor(input, true).bits;
    const tech::EdgeDelays& behind = behind_[at(from)];
    if ((low & ~high) == 0) return behind;
    if ((high & ~low) == 0) return {behind.fall_ps, behind.rise_ps};
    return {behind.mean_ps(), behind.mean_ps()};
  }

  void round_delays(const tech::Cell& cell, int pin, NetIndex index,
                    const std::vector<int>& inputs) {
    if (inputs.empty()) return;
    InertialNet& net = model_.nets[at(index)];
    const tech::TruthTable& function = *cell.type->pins[static_cast<std::size_t>(pin)].function;
    const auto count = static_cast<double>(inputs.size());
    std::vector<tech::EdgeDelays> wanted;  // from each of `inputs`
    tech::EdgeDelays mean;                 // of the arcs
    double lag_ps = 0.0;                   // of rising edges against falling ones, so far
    for (const int i : inputs) {
      const tech::EdgeDelays& arc = delays_.arcs[at(index)][static_cast<std::size_t>(i)];
      const tech::EdgeDelays behind = carried(function, i, input_net(cell, i));
      wanted.push_back({arc.rise_ps + behind.rise_ps, arc.fall_ps + behind.fall_ps});
      mean.rise_ps += arc.rise_ps / count;
      mean.fall_ps += arc.fall_ps / count;
      lag_ps += (behind.rise_ps - behind.fall_ps) / count;
    }
    // Windows make up for a quarter of the lag each: more would distort which pulses pass.
    net.rise = window(mean.rise_ps + 0.25 * lag_ps);
    net.fall = window(mean.fall_ps - 0.25 * lag_ps);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const double window_ps = (0.5 * (net.rise + net.fall) - 1.0) * model_.quantum_ps;
      int& shift = net.shift[static_cast<std::size_t>(inputs[k])];
      shift = std::max(1 - std::min(net.rise, net.fall), rounded(wanted[k].mean_ps() - window_ps));
      tech::EdgeDelays& behind = behind_[at(index)];
      behind.rise_ps += (wanted[k].rise_ps - (shift + net.rise - 1) * model_.quantum_ps) / count;
      behind.fall_ps += (wanted[k].fall_ps - (shift + net.fall - 1) * model_.quantum_ps) / count;
    }
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
  std::vector<tech::EdgeDelays> behind_;  // per net: arrival times less what was made of them
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
