#include "sim/gate/weight_program.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <utility>

namespace togglewise::gate {
namespace {

// A signal under the fixed weight: node `node` of the program or its complement; node −1 is the
// constant `inverted`.
struct Signal {
  int node = -1;
  bool inverted = false;
  bool is_constant() const { return node < 0; }
};

// A program node in canonical form: distinct ascending fan-ins, all of which matter, and value 0
// where all of them are 0. Equal nodes are then equal tuples.
struct Node {
  OperationKind kind = OperationKind::table;
  int plane = 0;
  std::uint8_t table = 0;
  std::vector<int> fanin;
  bool has_net = false;
};

class Specializer {
 public:
  Specializer(const LutNetwork& network, int weight) : network_(network) {
    const auto pattern = static_cast<unsigned>(weight);
    signals_.resize(network.nodes.size());
    signals_[1].inverted = true;
    for (int bit = 0; bit < network.widths.weight_bits; ++bit) {
      signals_[at(network.weight_begin + bit)].inverted = ((pattern >> bit) & 1U) != 0;
    }
    add_inputs(OperationKind::load_activation, network.activation_begin,
               network.widths.activation_bits);
    add_inputs(OperationKind::load_partial_sum, network.partial_sum_begin,
               network.widths.partial_sum_bits);
    for (std::size_t i = at(network.first_table); i < network.nodes.size(); ++i) {
      signals_[i] = specialize(network.nodes[i]);
    }
    for (const int node : network.node_of_net) {
      if (node >= 0 && !signals_[at(node)].is_constant())
        nodes_[at(signals_[at(node)].node)].has_net = true;
    }
  }

  WeightProgram emit(int weight) {
    program_.weight = weight;
    mark_needed();
    operation_of_node_.assign(nodes_.size(), -1);
    emit_nodes();
    emit_outputs();
    emit_constant_outputs();
    assign_slots();
    program_.counter_of_net.assign(network_.node_of_net.size(), kNeverToggles);
    for (std::size_t net = 0; net < network_.node_of_net.size(); ++net) {
      const int node = network_.node_of_net[net];
      if (node < 0 || signals_[at(node)].is_constant()) continue;
      const int operation = operation_of_node_[at(signals_[at(node)].node)];
      program_.counter_of_net[net] = program_.operations[at(operation)].counter;
    }
    return std::move(program_);
  }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  void add_inputs(OperationKind kind, int begin, int bits) {
    for (int bit = 0; bit < bits; ++bit) {
      signals_[at(begin + bit)] = {static_cast<int>(nodes_.size()), false};
      nodes_.push_back({kind, bit, 0, {}, false});
    }
  }

  // Folds constants, absorbs inversions and duplicates, then looks the result up among known nodes.
  Signal specialize(const LutNode& lut) {
    std::vector<int> fanin;
    for (const int input : lut.fanin) {
      const Signal& signal = signals_[at(input)];
      if (!signal.is_constant() &&
          std::find(fanin.begin(), fanin.end(), signal.node) == fanin.end()) {
        fanin.push_back(signal.node);
      }
    }
    std::sort(fanin.begin(), fanin.end());
    std::uint8_t table = 0;
    for (unsigned row = 0; row < (1U << fanin.size()); ++row) {
      unsigned source = 0;
      for (unsigned i = 0; i < 3; ++i) {
        const Signal& signal = signals_[at(lut.fanin[i])];
        bool value = signal.inverted;
        if (!signal.is_constant()) {
          const auto place = std::find(fanin.begin(), fanin.end(), signal.node) - fanin.begin();
          value = value != (((row >> place) & 1U) != 0);
        }
        source |= static_cast<unsigned>(value) << i;
      }
      if (((lut.table >> source) & 1U) != 0) table = static_cast<std::uint8_t>(table | 1U << row);
    }
    return intern(table, std::move(fanin));
  }

  Signal intern(std::uint8_t bits, std::vector<int> fanin) {
    tech::TruthTable table{static_cast<int>(fanin.size()), bits};
    for (int v = table.variables - 1; v >= 0; --v) {
      if (table.depends_on(v)) continue;
      table = table.cofactor(v, false);
      fanin.erase(fanin.begin() + v);
    }
    const bool inverted = table.value(0);
    if (inverted) table.bits ^= (1ULL << (1U << table.variables)) - 1;
    if (fanin.empty()) return {-1, inverted};
    if (fanin.size() == 1) return {fanin[0], inverted};
    const auto key = std::make_pair(static_cast<std::uint8_t>(table.bits), fanin);
    const auto [entry, is_new] = known_.try_emplace(key, static_cast<int>(nodes_.size()));
    if (is_new) {
      nodes_.push_back(
          {OperationKind::table, 0, static_cast<std::uint8_t>(table.bits), fanin, false});
    }
    return {entry->second, inverted};
  }

  // Nodes that are a net, an output, or feed one. Decomposition leaves others behind.
  void mark_needed() {
    needed_.assign(nodes_.size(), false);
    for (const int output : network_.partial_sum_outputs) {
      const Signal& signal = signals_[at(output)];
      if (!signal.is_constant()) needed_[at(signal.node)] = true;
    }
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      needed_[i] = needed_[i] || nodes_[i].has_net;
      if (!needed_[i]) continue;
      for (const int input : nodes_[i].fanin) needed_[at(input)] = true;
    }
  }

  // Operations of one kernel run back to back wherever the circuit allows it: they share one call,
  // and a call's target is the only branch of the inner loop that can be mispredicted. Among the
  // kernels that could go on, the one with the most operations ready goes first. More values are
  // alive at once than in the circuit's own order, but still few enough for the first-level cache.
  void emit_nodes() {
    std::vector<int> waiting(nodes_.size(), 0);
    std::vector<std::vector<int>> readers(nodes_.size());
    std::map<int, std::vector<int>> ready;  // by kernel
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!needed_[i]) continue;
      order_operands(nodes_[i]);
      waiting[i] = static_cast<int>(nodes_[i].fanin.size());
      for (const int input : nodes_[i].fanin) readers[at(input)].push_back(static_cast<int>(i));
      if (waiting[i] == 0) ready[kernel_of(nodes_[i])].push_back(static_cast<int>(i));
    }
    while (!ready.empty()) {
      const auto most = std::max_element(
          ready.begin(), ready.end(),
          [](const auto& x, const auto& y) { return x.second.size() < y.second.size(); });
      const int kernel = most->first;
      // Operations that become ready for the same kernel meanwhile join in.
      for (std::size_t next = 0; next < ready[kernel].size(); ++next) {
        const int index = ready[kernel][next];
        emit_node(index);
        for (const int reader : readers[at(index)]) {
          if (--waiting[at(reader)] == 0) ready[kernel_of(nodes_[at(reader)])].push_back(reader);
        }
      }
      ready.erase(kernel);
    }
  }

  static int kernel_of(const Node& node) {
    return static_cast<int>(node.kind) << 9 | static_cast<int>(node.has_net) << 8 | node.table;
  }

  // Of all orders of the fan-ins the one with the smallest table: fewer different kernels.
  static void order_operands(Node& node) {
    if (node.kind != OperationKind::table) return;
    std::vector<int> order(node.fanin.size());
    std::iota(order.begin(), order.end(), 0);
    int best_table = 256;
    std::vector<int> best_order;
    do {
      int table = 0;
      for (unsigned row = 0; row < 8; ++row) {  // a table of two inputs does not look at the third
        unsigned source = 0;
        for (std::size_t i = 0; i < order.size(); ++i) source |= ((row >> i) & 1U) << order[i];
        table |= ((node.table >> source) & 1) << row;
      }
      if (table < best_table) {
        best_table = table;
        best_order = order;
      }
    } while (std::next_permutation(order.begin(), order.end()));
    std::vector<int> fanin;
    for (const int place : best_order) fanin.push_back(node.fanin[at(place)]);
    node.fanin = std::move(fanin);
    node.table = static_cast<std::uint8_t>(best_table);
  }

  void emit_node(int index) {
    const Node& node = nodes_[at(index)];
    operation_of_node_[at(index)] = static_cast<int>(program_.operations.size());
    KernelOperation operation;
    operation.kind = node.kind;
    operation.plane = static_cast<std::uint16_t>(node.plane);
    operation.table = node.table;
    if (node.has_net) operation.counter = static_cast<std::int16_t>(program_.counters++);
    if (node.kind == OperationKind::table) ++program_.tables;
    program_.operations.push_back(operation);
    sources_.push_back(node.fanin);
  }

  void emit_outputs() {
    for (const bool inverted : {false, true}) {
      for (std::size_t bit = 0; bit < network_.partial_sum_outputs.size(); ++bit) {
        const Signal& signal = signals_[at(network_.partial_sum_outputs[bit])];
        if (signal.is_constant() || signal.inverted != inverted) continue;
        KernelOperation store;
        store.kind = inverted ? OperationKind::store_inverted_sum : OperationKind::store_sum;
        store.plane = static_cast<std::uint16_t>(bit);
        program_.operations.push_back(store);
        sources_.push_back({signal.node});
      }
    }
  }

  void emit_constant_outputs() {
    for (std::size_t bit = 0; bit < network_.partial_sum_outputs.size(); ++bit) {
      const Signal& signal = signals_[at(network_.partial_sum_outputs[bit])];
      if (!signal.is_constant()) continue;
      KernelOperation store;
      store.kind = OperationKind::store_constant;
      store.table = signal.inverted ? 0xFF : 0x00;
      store.plane = static_cast<std::uint16_t>(bit);
      program_.operations.push_back(store);
      sources_.emplace_back();
    }
  }

  // A slot is free again once the last reader of its value has run, its own target included.
  void assign_slots() {
    std::vector<int> last_use(nodes_.size(), -1);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      for (const int node : sources_[i]) last_use[at(node)] = static_cast<int>(i);
    }
    std::vector<int> node_of_operation(program_.operations.size(), -1);
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      if (operation_of_node_[node] >= 0) {
        node_of_operation[at(operation_of_node_[node])] = static_cast<int>(node);
      }
    }
    std::vector<int> slot_of_node(nodes_.size(), -1);
    std::vector<int> free_slots;
    for (std::size_t i = 0; i < program_.operations.size(); ++i) {
      KernelOperation& operation = program_.operations[i];
      const std::vector<int>& inputs = sources_[i];
      const auto source = [&](std::size_t k) {
        return static_cast<std::uint16_t>(slot_of_node[at(inputs[k < inputs.size() ? k : 0])]);
      };
      if (!inputs.empty()) {
        operation.a = source(0);
        operation.b = source(1);
        operation.c = source(2);
      }
      for (const int node : inputs) {
        if (last_use[at(node)] == static_cast<int>(i)) free_slots.push_back(slot_of_node[at(node)]);
      }
      const int target = node_of_operation[i];
      if (target < 0) continue;
      if (free_slots.empty()) free_slots.push_back(program_.slots++);
      slot_of_node[at(target)] = free_slots.back();
      operation.target = static_cast<std::uint16_t>(free_slots.back());
      if (last_use[at(target)] >= 0) free_slots.pop_back();  // nobody reads it: free at once
    }
  }

  const LutNetwork& network_;
  std::vector<Signal> signals_;  // per node of the network
  std::vector<Node> nodes_;
  std::map<std::pair<std::uint8_t, std::vector<int>>, int> known_;
  std::vector<bool> needed_;
  std::vector<int> operation_of_node_;
  std::vector<std::vector<int>> sources_;  // per operation: the nodes it reads
  WeightProgram program_;
};

}  // namespace

WeightProgram build_weight_program(const LutNetwork& network, int weight) {
  return Specializer(network, weight).emit(weight);
}

}  // namespace togglewise::gate
