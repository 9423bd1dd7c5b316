#include "sim/gate/inertial_network.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>
#include <utility>

#include "sim/gate/canonical_function.h"
#include "sim/gate/lut_decomposition.h"
#include "sim/gate/small_cones.h"

namespace togglewise::gate {

using tech::Cell;
using tech::NetIndex;
using tech::TruthTable;
using Fanin = InertialNode::Fanin;
using Kind = InertialNode::Kind;

namespace {

constexpr int kForever = TimeSet::kForever;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

class NetworkBuilder {
 public:
  NetworkBuilder(const tech::Netlist& mac, const InertialModel& model, std::optional<int> weight)
      : mac_(mac), model_(model), known_net_(mac.nets().size(), false), cones_(network_.nodes) {
    network_.signal_of_net.resize(mac.nets().size());
    network_.signal_of_net[1].inverted = true;
    known_net_[0] = known_net_[1] = true;
    if (mac.clock_net() != tech::kNone) known_net_[at(mac.clock_net())] = true;
    add_inputs("activation_in", Kind::activation);
    add_inputs("partial_sum_in", Kind::partial_sum);
    if (weight) {
      wire_weight(static_cast<unsigned>(*weight));
    } else {
      add_inputs("weight", Kind::weight);
    }
  }

  // Depth first from the outputs, low bits first: neighbours in the circuit become neighbours in
  // the program, which keeps few waveforms alive at once.
  InertialNetwork build() {
    for (const NetIndex net : mac_.port("partial_sum_out")->bits) {
      network_.partial_sum_out.push_back(signal_of(net));
    }
    for (std::size_t net = 0; net < mac_.nets().size(); ++net) {
      const InertialSignal signal = signal_of(static_cast<NetIndex>(net));
      if (signal.is_constant()) continue;
      network_.nodes[at(network_.nodes[at(signal.node)].toggles_of)].counted = true;
    }
    return std::move(network_);
  }

 private:
  void add_inputs(const char* port, Kind kind) {
    int bit = 0;
    for (const NetIndex net : mac_.port(port)->bits) {
      InertialNode node;
      node.kind = kind;
      node.bit = bit++;
      const InertialNet& rule = model_.nets[at(net)];
      change_once(node, std::min(rule.launch_rise, rule.launch_fall));
      network_.signal_of_net[at(net)] = launched(add(std::move(node), false, 0), rule);
      known_net_[at(net)] = true;
    }
  }

  void wire_weight(unsigned pattern) {
    int bit = 0;
    for (const NetIndex net : mac_.port("weight")->bits) {
      network_.signal_of_net[at(net)].inverted = ((pattern >> bit++) & 1U) != 0;
      known_net_[at(net)] = true;
    }
  }

  static void change_once(InertialNode& node, int time) {
    node.rises.add(time);
    node.falls.add(time);
    node.shortest_high = node.shortest_low = kForever;
  }

  InertialSignal add(InertialNode node, bool inverted, int delay) {
    const int index = static_cast<int>(network_.nodes.size());
    if (node.toggles_of < 0) node.toggles_of = index;
    network_.nodes.push_back(std::move(node));
    return {index, inverted, delay};
  }

  InertialSignal signal_of(NetIndex net) {
    if (!known_net_[at(net)]) {
      known_net_[at(net)] = true;
      network_.signal_of_net[at(net)] = new_signal(net);
    }
    return network_.signal_of_net[at(net)];
  }

  InertialSignal new_signal(NetIndex net) {
    const tech::PinReference driver = mac_.net(net).driver;
    if (driver.cell == tech::kNone) return {};
    const Cell& cell = mac_.cell(driver.cell);
    const InertialNet& rule = model_.nets[at(net)];
    const TruthTable& output = *cell.type->pins[at(driver.pin)].function;
    const bool is_register = cell.type->is_register();
    TruthTable function = is_register ? cell.type->flip_flop->next_state : output;
    // A register's outputs are functions of {state, inverted state}: row 1 is state 1.
    if (is_register && !output.value(1)) function.bits ^= all_rows(function.variables);
    std::vector<InertialSignal> inputs;
    for (int v = 0; v < function.variables; ++v) {
      InertialSignal input;  // constant where it does not matter
      if (function.depends_on(v)) input = signal_of(cell.nets[at(cell.type->inputs[at(v)])]);
      input.delay += is_register ? 0 : rule.shift[at(v)];
      inputs.push_back(input);
    }
    return is_register ? settled(function, inputs, rule)
                       : filtered(function, inputs, rule.rise, rule.fall);
  }

  // A register's output: the new value is what its inputs settle to, the old one what they settled
  // to before.
  InertialSignal settled(const TruthTable& function, std::vector<InertialSignal> inputs,
                         const InertialNet& rule) {
    for (InertialSignal& input : inputs) input.delay = 0;
    const CanonicalFunction form = canonical(function, inputs);
    if (form.fanin.empty()) return {-1, form.inverted, 0};
    const CanonicalFunction table = small_table(form);
    InertialNode node;
    node.kind = Kind::settled;
    const int launch = std::min(rule.launch_rise, rule.launch_fall);
    change_once(node, launch);
    node.wanted_rises = node.rises;
    node.wanted_falls = node.falls;
    return launched(interned(std::move(node), table, form.inverted, 0, launch), rule);
  }

  // What changes once, at its earlier launch, with the later edge late.
  InertialSignal launched(const InertialSignal& signal, const InertialNet& rule) {
    const int early = std::min(rule.launch_rise, rule.launch_fall);
    int rise = rule.launch_rise - early;
    int fall = rule.launch_fall - early;
    if (signal.inverted) std::swap(rise, fall);
    InertialSignal late = prolonged(signal, rise, fall);
    late.inverted = signal.inverted;
    return late;
  }

  // The output of a combinational cell.
  InertialSignal filtered(const TruthTable& function, const std::vector<InertialSignal>& inputs,
                          int rise, int fall) {
    const CanonicalFunction form = canonical(function, inputs);
    if (form.fanin.empty()) return {-1, form.inverted, 0};
    if (form.inverted) std::swap(rise, fall);
    const CanonicalFunction table = small_table(form);
    NodeEdges g = wanted_edges(table);
    if (table.fanin.size() == 1) {
      const InertialNode& input = network_.nodes[at(table.fanin[0].node)];
      g.shortest_high = std::max(g.shortest_high, input.shortest_high);
      g.shortest_low = std::max(g.shortest_low, input.shortest_low);
    }
    if (g.never()) return {-1, form.inverted, 0};
    if (g.shortest_high >= rise && g.shortest_low >= fall) {
      InertialSignal signal = stretched(table, g, rise, fall);
      signal.inverted = form.inverted;
      signal.delay += form.delay;
      return signal;
    }
    const NodeEdges y = filtered_edges(table, g, rise, fall);
    if (y.never()) return {-1, form.inverted, 0};
    InertialNode node;
    node.rise = rise;
    node.fall = fall;
    set_edges(node, g, y);
    return interned(std::move(node), table, form.inverted, form.delay, -1);
  }

  // No pulse is swallowed: g, late.
  InertialSignal stretched(const CanonicalFunction& table, const NodeEdges& g, int rise, int fall) {
    const int both = std::min(rise, fall) - 1;
    InertialSignal signal = unfiltered(table, g);
    signal.delay += both;
    return prolonged(signal, rise - 1 - both, fall - 1 - both);
  }

  // Rises come `rise` and falls `fall` quanta late, one of which is 0; polarity is that of the
  // node. All pulses are long enough for that, so it is an OR or an AND over the points in time in
  // between; of a node that changes only once, the first and the last do.
  InertialSignal prolonged(InertialSignal signal, int rise, int fall) {
    signal.inverted = false;
    const InertialNode base = network_.nodes[at(signal.node)];
    const bool any = fall > rise;
    const int width = std::max(rise, fall) + 1;
    const bool once = base.shortest_high >= kForever && base.shortest_low >= kForever;
    for (int have = 1; have < width;) {
      const int available = once ? width : have;
      std::vector<InertialSignal> inputs(1, signal);
      for (int more = 0; more < 2 && have < width; ++more) {
        const int step = std::min(available, width - have);
        inputs.push_back(inputs.back());
        inputs.back().delay += step;
        have += step;
      }
      const int count = static_cast<int>(inputs.size());
      const std::uint64_t all = all_rows(count);
      const TruthTable function{count, any ? all & ~1ULL : 1ULL << ((1U << count) - 1)};
      const CanonicalFunction form = canonical(function, inputs);
      InertialNode node;
      node.toggles_of = base.toggles_of;
      node.rises.add_shifted(base.rises, any ? 0 : have - 1);
      node.falls.add_shifted(base.falls, any ? have - 1 : 0);
      node.wanted_rises = node.rises;
      node.wanted_falls = node.falls;
      node.shortest_high = std::min(base.shortest_high + (any ? have - 1 : 1 - have), kForever);
      node.shortest_low = std::min(base.shortest_low + (any ? 1 - have : have - 1), kForever);
      if (once) node.shortest_high = node.shortest_low = kForever;
      signal = interned(std::move(node), form, false, form.delay, -1);
    }
    return signal;
  }

  // A function without a window.
  InertialSignal unfiltered(const CanonicalFunction& table, const NodeEdges& g) {
    if (table.fanin.size() == 1) return {table.fanin[0].node, false, table.delay};
    InertialNode node;
    set_edges(node, g, g);
    return interned(std::move(node), table, false, table.delay, -1);
  }

  static void set_edges(InertialNode& node, const NodeEdges& g, const NodeEdges& y) {
    node.wanted_rises = g.rises;
    node.wanted_falls = g.falls;
    node.rises = y.rises;
    node.falls = y.falls;
    node.shortest_high = std::min(y.shortest_high, kForever);
    node.shortest_low = std::min(y.shortest_low, kForever);
  }

  // Of a table's g: exact for few inputs, else a bound from those of its fan-ins.
  NodeEdges wanted_edges(const CanonicalFunction& form) {
    if (auto exact = cones_.edges(static_cast<std::uint8_t>(form.table.bits), form.fanin, 1, 1)) {
      return *std::move(exact);
    }
    NodeEdges g;
    for (std::size_t i = 0; i < form.fanin.size(); ++i) {
      bool positive = false;
      bool negative = false;
      for (unsigned row = 0; row < (1U << form.fanin.size()); ++row) {
        if (((row >> i) & 1U) != 0) continue;
        const bool before = form.table.value(row);
        const bool after = form.table.value(row | 1U << i);
        positive = positive || (after && !before);
        negative = negative || (before && !after);
      }
      const InertialNode& input = network_.nodes[at(form.fanin[i].node)];
      const int shift = form.fanin[i].shift;
      if (positive) {
        g.rises.add_shifted(input.rises, shift);
        g.falls.add_shifted(input.falls, shift);
      }
      if (negative) {
        g.rises.add_shifted(input.falls, shift);
        g.falls.add_shifted(input.rises, shift);
      }
    }
    g.shortest_high = g.rises.shortest_time_to(g.falls);
    g.shortest_low = g.falls.shortest_time_to(g.rises);
    return g;
  }

  // Of a table behind windows that swallow pulses.
  NodeEdges filtered_edges(const CanonicalFunction& form, const NodeEdges& g, int rise, int fall) {
    if (auto exact =
            cones_.edges(static_cast<std::uint8_t>(form.table.bits), form.fanin, rise, fall)) {
      return *std::move(exact);
    }
    NodeEdges y;
    y.rises.add_shifted(g.rises, rise - 1);
    y.falls.add_shifted(g.falls, fall - 1);
    y.shortest_high = std::max(fall, y.rises.shortest_time_to(y.falls));
    y.shortest_low = std::max(rise, y.falls.shortest_time_to(y.rises));
    return y;
  }

  InertialSignal interned(InertialNode node, const CanonicalFunction& form, bool inverted,
                          int delay, int launch) {
    node.table = static_cast<std::uint8_t>(form.table.bits);
    node.fanin = form.fanin;
    const auto key = std::make_tuple(node.table, node.fanin, node.rise, node.fall, launch);
    const auto entry = known_.find(key);
    if (entry != known_.end()) return {entry->second, inverted, delay};
    const InertialSignal signal = add(std::move(node), inverted, delay);
    known_.emplace(key, signal.node);
    return signal;
  }

  // At most three fan-ins: larger functions get nodes in between, which take no time. Polarity and
  // delay stay outside, with the function given.
  CanonicalFunction small_table(CanonicalFunction form) {
    form.inverted = false;
    form.delay = 0;
    while (form.fanin.size() > 3) form = smaller(form);
    return form;
  }

  CanonicalFunction smaller(const CanonicalFunction& form) {
    const auto fanin_signals = [&](const std::vector<int>& variables) {
      std::vector<InertialSignal> signals;
      for (const int v : variables) {
        signals.push_back({form.fanin[at(v)].node, false, form.fanin[at(v)].shift});
      }
      return signals;
    };
    std::vector<InertialSignal> inputs;
    TruthTable outer;
    if (const std::optional<Decomposition> parts = decompose(form.table)) {
      inputs = fanin_signals(parts->outside);
      inputs.push_back(instant(parts->inner, fanin_signals(parts->inside)));
      outer = parts->outer;
    } else {  // Shannon on the last variable: f = x ? f1 : f0
      const int last = form.table.variables - 1;
      std::vector<int> others;
      for (int v = 0; v < last; ++v) others.push_back(v);
      inputs = {instant(form.table.cofactor(last, false), fanin_signals(others)),
                instant(form.table.cofactor(last, true), fanin_signals(others)),
                fanin_signals({last}).front()};
      outer = {3, 0xCA};
    }
    // All fan-ins 0 still gives 0, and the earliest is still at shift 0.
    return canonical(outer, inputs);
  }

  InertialSignal instant(const TruthTable& function, const std::vector<InertialSignal>& inputs) {
    const CanonicalFunction form = canonical(function, inputs);
    if (form.fanin.empty()) return {-1, form.inverted, 0};
    const CanonicalFunction table = small_table(form);
    InertialSignal signal = unfiltered(table, wanted_edges(table));
    signal.inverted = form.inverted;
    signal.delay += form.delay;
    return signal;
  }

  const tech::Netlist& mac_;
  const InertialModel& model_;
  std::vector<bool> known_net_;
  std::map<std::tuple<std::uint8_t, std::vector<Fanin>, int, int, int>, int> known_;
  InertialNetwork network_;
  SmallCones cones_;
};

}  // namespace

InertialNetwork build_inertial_network(const tech::Netlist& mac, const InertialModel& model,
                                       std::optional<int> weight) {
  return NetworkBuilder(mac, model, weight).build();
}

}  // namespace togglewise::gate
