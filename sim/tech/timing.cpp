#include "sim/tech/timing.h"

#include <algorithm>
#include <array>

namespace togglewise::tech {
namespace {

// When a net's edge has arrived at the latest, how steep it is then, and over which net it came.
struct Arrival {
  double time_ns = -1.0;  // −1: this edge never happens
  double delay_ns = 0.0;  // of the cell that drives the net
  double slew_ns = 0.0;
  NetIndex from = kNone;
  std::size_t from_edge = kRise;
};

class Analyzer {
 public:
  Analyzer(const Netlist& netlist, const EnergyParameters& parameters)
      : netlist_(netlist),
        parameters_(parameters),
        loads_ff_(net_loads_ff(netlist, parameters)),
        arrivals_(netlist.nets().size()) {
    arcs_.arcs.resize(netlist.nets().size());
    arcs_.launch_ps.assign(netlist.nets().size(), {kNeverPs, kNeverPs});
    launch();
    for (const CellIndex index : netlist_.combinational_order()) propagate(netlist_.cell(index));
  }

  TimingArcs arcs() && {
    for_each_endpoint([&](const Cell& cell, int pin, NetIndex net) {
      TimingArcs::Endpoint endpoint;
      endpoint.net = net;
      for (const std::size_t edge : {kRise, kFall}) {
        endpoint.setup_ps[edge] =
            1000.0 * setup_ns(*cell.type, pin, edge, arrival(net, edge).slew_ns);
      }
      arcs_.endpoints.push_back(endpoint);
    });
    return std::move(arcs_);
  }

  TimingReport report() {
    TimingReport result;
    NetIndex last = kNone;
    std::size_t last_edge = kRise;
    const auto consider = [&](const Cell& cell, NetIndex net, std::size_t edge, double setup) {
      const double end = arrival(net, edge).time_ns + setup;
      if (arrival(net, edge).time_ns < 0.0 || end * 1000.0 <= result.critical_path_ps) return;
      result.critical_path_ps = end * 1000.0;
      result.setup_ps = setup * 1000.0;
      result.endpoint = cell.name;
      last = net;
      last_edge = edge;
    };
    for_each_endpoint([&](const Cell& cell, int pin, NetIndex net) {
      for (const std::size_t edge : {kRise, kFall}) {
        consider(cell, net, edge, setup_ns(*cell.type, pin, edge, arrival(net, edge).slew_ns));
      }
    });
    for (NetIndex net = last; net != kNone;) {
      const Arrival& here = arrival(net, last_edge);
      result.path.push_back(step(net, last_edge == kRise, here));
      last_edge = here.from_edge;
      net = here.from;
    }
    std::reverse(result.path.begin(), result.path.end());
    result.mean_input_slew_ns = mean_input_slew_ns();
    for (const Port& port : netlist_.ports()) {
      if (port.is_input) continue;
      for (const NetIndex net : port.bits) {
        for (const std::size_t edge : {kRise, kFall}) {
          result.latest_output_ps =
              std::max(result.latest_output_ps, arrival(net, edge).time_ns * 1000.0);
        }
      }
    }
    return result;
  }

 private:
  double load_ff(NetIndex net) const { return loads_ff_[static_cast<std::size_t>(net)]; }

  Arrival& arrival(NetIndex net, std::size_t edge) {
    return arrivals_[static_cast<std::size_t>(net)][edge];
  }

  // Registers start their output nets at clock to Q; input ports start like the slowest register
  // would with the port's own load.
  void launch() {
    const LibraryCell* register_type =
        netlist_.registers().empty() ? nullptr : netlist_.cell(netlist_.registers()[0]).type;
    for (const CellIndex index : netlist_.registers()) {
      const Cell& cell = netlist_.cell(index);
      for (const int pin : cell.type->outputs) {
        const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net != kNone) launch_net(net, *cell.type, pin);
      }
    }
    for (const Port& port : netlist_.ports()) {
      if (!port.is_input) continue;
      for (const NetIndex net : port.bits) {
        if (net == netlist_.clock_net()) continue;
        if (register_type != nullptr && !register_type->outputs.empty()) {
          launch_net(net, *register_type, register_type->outputs[0]);
        } else {
          for (const std::size_t edge : {kRise, kFall}) {
            arrival(net, edge) = {0.0, 0.0, parameters_.input_slew_ns, kNone, kRise};
            arcs_.launch_ps[static_cast<std::size_t>(net)][edge] = 0.0;
          }
        }
      }
    }
  }

  void launch_net(NetIndex net, const LibraryCell& type, int pin) {
    const double load = load_ff(net);
    for (const TimingArc& arc : type.pins[static_cast<std::size_t>(pin)].timing) {
      if (arc.related_pin != type.flip_flop->clocked_on) continue;
      for (const std::size_t edge : {kRise, kFall}) {
        later(arrival(net, edge),
              {delay(arc, edge, parameters_.input_slew_ns, load),
               delay(arc, edge, parameters_.input_slew_ns, load),
               transition(arc, edge, parameters_.input_slew_ns, load), kNone, kRise});
        arcs_.launch_ps[static_cast<std::size_t>(net)][edge] = 1000.0 * arrival(net, edge).time_ns;
      }
    }
  }

  // Calls `visit(register, pin, net)` for every input of a register but its clock.
  template <typename Visit>
  void for_each_endpoint(const Visit& visit) {
    for (const CellIndex index : netlist_.registers()) {
      const Cell& cell = netlist_.cell(index);
      for (const int pin : cell.type->inputs) {
        const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net != netlist_.clock_net()) visit(cell, pin, net);
      }
    }
  }

  static std::size_t position_of(const LibraryCell& type, int input_pin) {
    const auto found = std::find(type.inputs.begin(), type.inputs.end(), input_pin);
    return static_cast<std::size_t>(found - type.inputs.begin());
  }

  static double delay(const TimingArc& arc, std::size_t edge, double slew_ns, double load) {
    return (edge == kRise ? arc.cell_rise_ns : arc.cell_fall_ns).at(slew_ns, load);
  }
  static double transition(const TimingArc& arc, std::size_t edge, double slew_ns, double load) {
    return (edge == kRise ? arc.rise_transition_ns : arc.fall_transition_ns).at(slew_ns, load);
  }
  static void later(Arrival& current, const Arrival& candidate) {
    if (candidate.time_ns > current.time_ns) current = candidate;
  }

  void propagate(const Cell& cell) {
    for (const int output : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(output)];
      if (net == kNone) continue;
      const double load = load_ff(net);
      std::vector<TimingArcs::Arc>& arcs = arcs_.arcs[static_cast<std::size_t>(net)];
      arcs.resize(cell.type->inputs.size());
      for (const TimingArc& arc : cell.type->pins[static_cast<std::size_t>(output)].timing) {
        const int input = cell.type->pin_index(arc.related_pin);
        if (input == kNone) continue;
        const NetIndex from = cell.nets[static_cast<std::size_t>(input)];
        if (from == kNone || netlist_.is_constant(from)) continue;
        const std::size_t position = position_of(*cell.type, input);
        for (const std::size_t edge : {kRise, kFall}) {
          for (const std::size_t cause : {kRise, kFall}) {
            if (arc.sense == "positive_unate" && cause != edge) continue;
            if (arc.sense == "negative_unate" && cause == edge) continue;
            const Arrival& before = arrival(from, cause);
            if (before.time_ns < 0.0) continue;
            const double step = delay(arc, edge, before.slew_ns, load);
            if (position < arcs.size()) {
              double& recorded = arcs[position].delay_ps[cause][edge];
              recorded = std::max(recorded, 1000.0 * step);
            }
            later(arrival(net, edge), {before.time_ns + step, step,
                                       transition(arc, edge, before.slew_ns, load), from, cause});
          }
        }
      }
    }
  }

  double setup_ns(const LibraryCell& type, int pin, std::size_t edge, double slew_ns) const {
    double setup = 0.0;
    for (const TimingArc& arc : type.pins[static_cast<std::size_t>(pin)].timing) {
      if (arc.type != "setup_rising") continue;
      // The constrained pin's slew takes the place of the load axis (liberty_values.cpp).
      const LookupTable& table = edge == kRise ? arc.rise_constraint_ns : arc.fall_constraint_ns;
      setup = std::max(setup, table.at(parameters_.input_slew_ns, slew_ns));
    }
    return setup;
  }

  TimingStep step(NetIndex net, bool rising, const Arrival& arrival) const {
    const CellIndex driver = netlist_.net(net).driver.cell;
    TimingStep result;
    result.net = netlist_.net(net).name;
    result.rising = rising;
    if (driver != kNone) {
      result.cell = netlist_.cell(driver).name;
      result.cell_type = netlist_.cell(driver).type->name;
    } else if (!netlist_.registers().empty()) {
      result.cell_type = netlist_.cell(netlist_.registers()[0]).type->name;
    }
    result.delay_ps = arrival.delay_ns * 1000.0;
    result.arrival_ps = arrival.time_ns * 1000.0;
    result.slew_ps = arrival.slew_ns * 1000.0;
    result.load_ff = load_ff(net);
    return result;
  }

  // Every pin counts once for each edge that reaches it.
  double mean_input_slew_ns() const {
    double sum = 0.0;
    double pins = 0.0;
    for (std::size_t net = 0; net < arrivals_.size(); ++net) {
      if (static_cast<NetIndex>(net) == netlist_.clock_net()) continue;
      for (const Arrival& edge : arrivals_[net]) {
        if (edge.time_ns < 0.0) continue;
        const auto loads = static_cast<double>(netlist_.nets()[net].loads.size());
        sum += loads * edge.slew_ns;
        pins += loads;
      }
    }
    return pins > 0.0 ? sum / pins : 0.0;
  }

  const Netlist& netlist_;
  const EnergyParameters& parameters_;
  std::vector<double> loads_ff_;
  std::vector<std::array<Arrival, 2>> arrivals_;
  TimingArcs arcs_;
};

}  // namespace

TimingReport analyze_timing(const Netlist& netlist, const EnergyParameters& parameters) {
  return Analyzer(netlist, parameters).report();
}

TimingArcs timing_arcs(const Netlist& netlist, const EnergyParameters& parameters) {
  return Analyzer(netlist, parameters).arcs();
}

}  // namespace togglewise::tech
