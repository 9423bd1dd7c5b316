#include "sim/tech/delays.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::tech {
namespace {

// Delay of an arc and how steep the edges behind it are.
struct ArcTiming {
  EdgeDelays delay;
  double slew_ns = 0.0;
};

// Mean of the tables that arcs give for one quantity; some arcs have only one edge's.
class TableMean {
 public:
  void add(const LookupTable& table, double slew_ns, double load_ff) {
    if (table.empty()) return;
    sum_ += table.at(slew_ns, load_ff);
    ++count_;
  }
  bool empty() const { return count_ == 0; }
  double value() const { return sum_ / count_; }

 private:
  double sum_ = 0.0;
  int count_ = 0;
};

class DelayCalculator {
 public:
  DelayCalculator(const Netlist& netlist, const EnergyParameters& parameters,
                  const ExternalLoads& external_loads)
      : netlist_(netlist),
        parameters_(parameters),
        loads_ff_(net_loads_ff(netlist, parameters, external_loads)),
        slews_ns_(netlist.nets().size(), parameters.input_slew_ns) {
    result_.arcs.resize(netlist.nets().size());
    result_.launch.resize(netlist.nets().size());
  }

  NetlistDelays compute() {
    launch_registers();
    launch_inputs();
    for (const CellIndex index : netlist_.combinational_order()) propagate(netlist_.cell(index));
    return std::move(result_);
  }

 private:
  static std::size_t at(NetIndex net) { return static_cast<std::size_t>(net); }

  // From pin `related` to `output` of a cell, where the library describes it at all. Delays below
  // zero, which tables give for slow edges into light loads, count as none.
  ArcTiming arc_timing(const LibraryCell& type, const LibraryPin& output,
                       const std::string& related, bool clocked, double slew_ns,
                       double load_ff) const {
    TableMean rise;
    TableMean fall;
    TableMean slew;
    for (const TimingArc& arc : output.timing) {
      const bool matches =
          clocked ? arc.type == "rising_edge" : arc.type.rfind("combinational", 0) == 0;
      if (arc.related_pin != related || !matches) continue;
      rise.add(arc.cell_rise_ns, slew_ns, load_ff);
      fall.add(arc.cell_fall_ns, slew_ns, load_ff);
      slew.add(arc.rise_transition_ns, slew_ns, load_ff);
      slew.add(arc.fall_transition_ns, slew_ns, load_ff);
    }
    if (rise.empty() || fall.empty()) {
      throw Error::input("TW-NET-009",
                         fmt::format("cell {} of library {} has no delay tables from "
                                     "{} to {}",
                                     type.name, netlist_.library().name(), related, output.name))
          .at(netlist_.library().file())
          .expected("cell_rise and cell_fall in a timing group")
          .hint("zero-delay energies need no delays");
    }
    ArcTiming timing;
    timing.delay.rise_ps = std::max(0.0, 1000.0 * rise.value());
    timing.delay.fall_ps = std::max(0.0, 1000.0 * fall.value());
    timing.slew_ns = slew.empty() ? parameters_.input_slew_ns : std::max(0.0, slew.value());
    return timing;
  }

  void launch(NetIndex net, const LibraryCell& type, int pin) {
    const ArcTiming timing =
        arc_timing(type, type.pins[static_cast<std::size_t>(pin)], type.flip_flop->clocked_on, true,
                   parameters_.input_slew_ns, loads_ff_[at(net)]);
    result_.launch[at(net)] = timing.delay;
    slews_ns_[at(net)] = timing.slew_ns;
  }

  void launch_registers() {
    for (const CellIndex index : netlist_.registers()) {
      const Cell& cell = netlist_.cell(index);
      for (const int pin : cell.type->outputs) {
        const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net != kNone) launch(net, *cell.type, pin);
      }
    }
  }

  // Input ports are driven by a register like the one behind the same-named output: activation_in
  // by a neighbour's activation_out. Ports without such an output get the circuit's first kind.
  void launch_inputs() {
    if (netlist_.registers().empty()) return;
    const Cell& any = netlist_.cell(netlist_.registers().front());
    if (any.type->outputs.empty()) return;
    for (const Port& port : netlist_.ports()) {
      if (!port.is_input) continue;
      const Port* twin = same_named_output(port.name);
      for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
        const NetIndex net = port.bits[bit];
        if (net == netlist_.clock_net()) continue;
        PinReference source{netlist_.registers().front(), any.type->outputs.front()};
        if (twin != nullptr && bit < twin->bits.size()) {
          const PinReference found = register_behind(twin->bits[bit]);
          if (found.cell != kNone) source = found;
        }
        launch(net, *netlist_.cell(source.cell).type, source.pin);
      }
    }
  }

  const Port* same_named_output(const std::string& input) const {
    const std::string suffix = "_in";
    if (input.size() < suffix.size() ||
        input.compare(input.size() - suffix.size(), suffix.size(), suffix) != 0) {
      return nullptr;
    }
    const Port* port = netlist_.port(input.substr(0, input.size() - suffix.size()) + "_out");
    return port == nullptr || port->is_input ? nullptr : port;
  }

  // The register's output that a net comes from, through inverters and the like if need be.
  PinReference register_behind(NetIndex net) const {
    for (;;) {
      const PinReference driver = netlist_.net(net).driver;
      if (driver.cell == kNone) return driver;
      const Cell& cell = netlist_.cell(driver.cell);
      if (cell.type->is_register()) return driver;
      if (cell.type->inputs.empty()) return {};
      net = cell.nets[static_cast<std::size_t>(cell.type->inputs.front())];
    }
  }

  void propagate(const Cell& cell) {
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net != kNone) propagate(cell, cell.type->pins[static_cast<std::size_t>(pin)], net);
    }
  }

  void propagate(const Cell& cell, const LibraryPin& output, NetIndex net) {
    const LibraryCell& type = *cell.type;
    double slew_sum_ns = 0.0;
    int arcs = 0;
    for (std::size_t i = 0; i < type.inputs.size(); ++i) {
      result_.arcs[at(net)].emplace_back();
      if (!output.function->depends_on(static_cast<int>(i))) continue;
      const auto input = static_cast<std::size_t>(type.inputs[i]);
      const ArcTiming timing = arc_timing(type, output, type.pins[input].name, false,
                                          slews_ns_[at(cell.nets[input])], loads_ff_[at(net)]);
      result_.arcs[at(net)].back() = timing.delay;
      slew_sum_ns += timing.slew_ns;
      ++arcs;
    }
    if (arcs > 0) slews_ns_[at(net)] = slew_sum_ns / arcs;
  }

  const Netlist& netlist_;
  const EnergyParameters& parameters_;
  std::vector<double> loads_ff_;
  std::vector<double> slews_ns_;  // per net
  NetlistDelays result_;
};

}  // namespace

NetlistDelays compute_delays(const Netlist& netlist, const EnergyParameters& parameters,
                             const ExternalLoads& external_loads) {
  return DelayCalculator(netlist, parameters, external_loads).compute();
}

}  // namespace togglewise::tech
