#include "sim/gate/weight_program.h"

#include <algorithm>
#include <array>
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
// where all of them are 0. Equal nodes then have equal fan-ins and tables.
struct Node {
  OperationKind kind = OperationKind::table;
  std::uint8_t table = 0;
  std::uint8_t fanins = 0;
  bool has_net = false;
  bool needed = false;
  int plane = 0;
  std::array<int, 3> fanin{-1, -1, -1};
  int operation = -1;  // that computes it
};

// Fan-ins of a node under construction.
struct Fanins {
  std::array<int, 3> node{-1, -1, -1};
  int count = 0;

  int place_of(int wanted) const {
    for (int i = 0; i < count; ++i) {
      if (node[static_cast<std::size_t>(i)] == wanted) return i;
    }
    return -1;
  }
  void insert(int wanted) {  // keeps them ascending and distinct
    if (place_of(wanted) >= 0) return;
    auto place = static_cast<std::size_t>(count++);
    for (; place > 0 && node[place - 1] > wanted; --place) node[place] = node[place - 1];
    node[place] = wanted;
  }
  void erase(int place) {
    std::copy(node.begin() + place + 1, node.end(), node.begin() + place);
    node[2] = -1;
    --count;
  }
};

// The known nodes by fan-ins and table. Open addressing: a program has some hundred nodes, and
// there are hundreds of programs.
class NodeIndex {
 public:
  explicit NodeIndex(std::size_t nodes) {
    std::size_t size = 64;
    while (size < 2 * nodes) size *= 2;
    places_.assign(size, -1);
  }

  // The place of the node like `wanted`, or where it belongs: an entry of −1.
  int& find(const Node& wanted, const std::vector<Node>& nodes) {
    std::size_t hash = wanted.table;
    for (const int node : wanted.fanin) {
      hash = (hash ^ static_cast<std::size_t>(node + 1)) * 0x9E3779B97F4A7C15ULL;
      hash ^= hash >> 29;
    }
    for (std::size_t i = hash;; ++i) {
      int& place = places_[i & (places_.size() - 1)];
      if (place < 0) return place;
      const Node& known = nodes[static_cast<std::size_t>(place)];
      if (known.table == wanted.table && known.fanin == wanted.fanin) return place;
    }
  }

 private:
  std::vector<int> places_;
};

// Of all orders of the fan-ins the one with the smallest table: fewer different kernels. A table of
// two inputs does not look at the third.
void order_operands(Node& node) {
  constexpr std::array<std::array<int, 3>, 6> orders{
      {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  int best_table = 256;
  std::array<int, 3> best = orders[0];
  for (std::size_t i = 0; i < (node.fanins == 3 ? 6U : 2U); ++i) {
    const int table = permuted_table(node.table, orders[i][0], orders[i][1], orders[i][2]);
    if (table >= best_table) continue;
    best_table = table;
    best = orders[i];
  }
  const std::array<int, 3> fanin = node.fanin;
  for (std::size_t i = 0; i < 3; ++i) node.fanin[i] = fanin[static_cast<std::size_t>(best[i])];
  node.table = static_cast<std::uint8_t>(best_table);
}

class Specializer {
 public:
  Specializer(const LutNetwork& network, const std::vector<InputBit>& inputs)
      : network_(network), known_(network.nodes.size()) {
    signals_.resize(network.nodes.size());
    signals_[1].inverted = true;
    for (std::size_t i = 0; i < at(network.inputs); ++i) {
      Signal& signal = signals_[at(network.input_begin) + i];
      signal.inverted = inputs.at(i) == InputBit::high;
      if (inputs[i] != InputBit::variable) continue;
      signal.node = static_cast<int>(nodes_.size());
      Node node;
      node.kind = OperationKind::load;
      node.plane = static_cast<int>(i);
      nodes_.push_back(node);
    }
    for (std::size_t i = at(network.first_table); i < network.nodes.size(); ++i) {
      signals_[i] = specialize(network.nodes[i]);
    }
    for (const int node : network.node_of_net) {
      if (node >= 0 && !signals_[at(node)].is_constant()) {
        nodes_[at(signals_[at(node)].node)].has_net = true;
      }
    }
  }

  WeightProgram emit() {
    mark_needed();
    emit_nodes();
    emit_outputs();
    emit_constant_outputs();
    assign_slots();
    program_.counter_of_net.assign(network_.node_of_net.size(), kNeverToggles);
    for (std::size_t net = 0; net < network_.node_of_net.size(); ++net) {
      const int node = network_.node_of_net[net];
      if (node < 0 || signals_[at(node)].is_constant()) continue;
      const int operation = nodes_[at(signals_[at(node)].node)].operation;
      program_.counter_of_net[net] =
          static_cast<std::int16_t>(program_.operations[at(operation)].counter);
    }
    return std::move(program_);
  }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  // Folds constants, absorbs inversions and duplicates, then looks the result up among known nodes.
  Signal specialize(const LutNode& lut) {
    Fanins fanins;
    for (const int input : lut.fanin) {
      if (!signals_[at(input)].is_constant()) fanins.insert(signals_[at(input)].node);
    }
    unsigned table = 0;
    for (unsigned row = 0; row < 8; ++row) {
      unsigned source = 0;
      for (unsigned i = 0; i < 3; ++i) {
        const Signal& signal = signals_[at(lut.fanin[i])];
        bool value = signal.inverted;
        if (!signal.is_constant()) {
          value = value != (((row >> fanins.place_of(signal.node)) & 1U) != 0);
        }
        source |= static_cast<unsigned>(value) << i;
      }
      table |= ((static_cast<unsigned>(lut.table) >> source) & 1U) << row;
    }
    return intern(table, fanins);
  }

  // `table` has eight rows and looks at no input beyond the fan-ins.
  Signal intern(unsigned table, Fanins fanins) {
    for (int v = fanins.count - 1; v >= 0; --v) {
      const unsigned low = cofactor(table, v, false);
      if (low != cofactor(table, v, true)) continue;
      table = low;
      fanins.erase(v);
    }
    const bool inverted = (table & 1U) != 0;
    if (inverted) table ^= 0xFFU;
    if (fanins.count == 0) return {-1, inverted};
    if (fanins.count == 1) return {fanins.node[0], inverted};
    Node node;
    node.table = static_cast<std::uint8_t>(table);
    node.fanins = static_cast<std::uint8_t>(fanins.count);
    node.fanin = fanins.node;
    int& place = known_.find(node, nodes_);
    if (place < 0) {
      place = static_cast<int>(nodes_.size());
      nodes_.push_back(node);
    }
    return {place, inverted};
  }

  // The function with input v fixed; the inputs above it move down.
  static unsigned cofactor(unsigned table, int v, bool value) {
    unsigned result = 0;
    for (unsigned row = 0; row < 8; ++row) {
      const unsigned below = row & ((1U << v) - 1U);
      const unsigned source = below | static_cast<unsigned>(value) << v | (row - below) << 1;
      result |= ((table >> (source & 7U)) & 1U) << row;
    }
    return result;
  }

  // Nodes that are a net, an output, or feed one. Decomposition leaves others behind.
  void mark_needed() {
    for (const int output : network_.outputs) {
      const Signal& signal = signals_[at(output)];
      if (!signal.is_constant()) nodes_[at(signal.node)].needed = true;
    }
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      Node& node = nodes_[i];
      node.needed = node.needed || node.has_net;
      for (std::size_t k = 0; node.needed && k < node.fanins; ++k) {
        nodes_[at(node.fanin[k])].needed = true;
      }
    }
  }

  // Operations of one kernel run back to back wherever the circuit allows it: they share one call,
  // and a call's target is the only branch of the inner loop that can be mispredicted. Among the
  // kernels that could go on, the one with the most operations ready goes first. More values are
  // alive at once than in the circuit's own order, but still few enough for the first-level cache.
  void emit_nodes() {
    std::vector<int> waiting(nodes_.size(), 0);
    std::vector<std::vector<int>> readers(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      Node& node = nodes_[i];
      if (!node.needed) continue;
      if (node.kind == OperationKind::table) order_operands(node);
      waiting[i] = node.fanins;
      for (std::size_t k = 0; k < node.fanins; ++k) {
        readers[at(node.fanin[k])].push_back(static_cast<int>(i));
      }
      if (waiting[i] == 0) add_ready(static_cast<int>(i));
    }
    while (!ready_.empty()) {
      const auto most = std::max_element(
          ready_.begin(), ready_.end(),
          [](const Ready& x, const Ready& y) { return x.nodes.size() < y.nodes.size(); });
      const auto place = static_cast<std::size_t>(most - ready_.begin());
      // Operations that become ready for the same kernel meanwhile join in.
      for (std::size_t next = 0; next < ready_[place].nodes.size(); ++next) {
        const int index = ready_[place].nodes[next];
        emit_node(index);
        for (const int reader : readers[at(index)]) {
          if (--waiting[at(reader)] == 0) add_ready(reader);
        }
      }
      ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(place));
    }
  }

  void add_ready(int index) {
    const std::size_t kernel = kernel_of(nodes_[at(index)]);
    for (Ready& ready : ready_) {
      if (ready.kernel == kernel) return ready.nodes.push_back(index);
    }
    ready_.push_back({kernel, {index}});
  }

  static std::size_t kernel_of(const Node& node) {
    return static_cast<std::size_t>(node.kind == OperationKind::load) << 9 |
           static_cast<std::size_t>(node.has_net) << 8 | node.table;
  }

  void emit_node(int index) {
    Node& node = nodes_[at(index)];
    node.operation = static_cast<int>(program_.operations.size());
    KernelOperation operation;
    operation.kind = node.kind;
    operation.plane = static_cast<std::uint16_t>(node.plane);
    operation.table = node.table;
    if (node.has_net) operation.counter = program_.counters++;
    if (node.kind == OperationKind::table) ++program_.tables;
    program_.operations.push_back(operation);
    sources_.push_back({node.fanin, node.fanins, index});
  }

  void emit_outputs() {
    for (const bool inverted : {false, true}) {
      for (std::size_t bit = 0; bit < network_.outputs.size(); ++bit) {
        const Signal& signal = signals_[at(network_.outputs[bit])];
        if (signal.is_constant() || signal.inverted != inverted) continue;
        KernelOperation store;
        store.kind = inverted ? OperationKind::store_inverted : OperationKind::store;
        store.plane = static_cast<std::uint16_t>(bit);
        program_.operations.push_back(store);
        sources_.push_back({{signal.node, -1, -1}, 1, -1});
      }
    }
  }

  void emit_constant_outputs() {
    for (std::size_t bit = 0; bit < network_.outputs.size(); ++bit) {
      const Signal& signal = signals_[at(network_.outputs[bit])];
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
      for (std::size_t k = 0; k < sources_[i].count; ++k) {
        last_use[at(sources_[i].node[k])] = static_cast<int>(i);
      }
    }
    std::vector<int> slot_of_node(nodes_.size(), -1);
    std::vector<int> free_slots;
    const auto words = [](int slot) { return static_cast<std::uint32_t>(slot * kSlotWords); };
    for (std::size_t i = 0; i < program_.operations.size(); ++i) {
      KernelOperation& operation = program_.operations[i];
      const Sources& inputs = sources_[i];
      const auto source = [&](std::size_t k) {
        return words(slot_of_node[at(inputs.node[k < inputs.count ? k : 0])]);
      };
      if (inputs.count > 0) {
        operation.a = source(0);
        operation.b = source(1);
        operation.c = source(2);
      }
      for (std::size_t k = 0; k < inputs.count; ++k) {
        const std::size_t node = at(inputs.node[k]);
        if (last_use[node] == static_cast<int>(i)) free_slots.push_back(slot_of_node[node]);
      }
      if (inputs.target < 0) continue;
      if (free_slots.empty()) free_slots.push_back(program_.slots++);
      slot_of_node[at(inputs.target)] = free_slots.back();
      operation.target = words(free_slots.back());
      // What nobody reads is free at once.
      if (last_use[at(inputs.target)] >= 0) free_slots.pop_back();
    }
  }

  // Nodes that an operation reads and the one that it computes.
  struct Sources {
    std::array<int, 3> node{-1, -1, -1};
    std::size_t count = 0;
    int target = -1;
  };

  // Nodes whose fan-ins have been computed, by kernel.
  struct Ready {
    std::size_t kernel = 0;
    std::vector<int> nodes;
  };

  const LutNetwork& network_;
  std::vector<Signal> signals_;  // per node of the network
  std::vector<Node> nodes_;
  NodeIndex known_;
  std::vector<Ready> ready_;
  std::vector<Sources> sources_;  // per operation
  WeightProgram program_;
};

}  // namespace

WeightProgram build_program(const LutNetwork& network, const std::vector<InputBit>& inputs) {
  return Specializer(network, inputs).emit();
}

WeightProgram build_program(const LutNetwork& network) {
  return build_program(
      network, std::vector<InputBit>(static_cast<std::size_t>(network.inputs), InputBit::variable));
}

WeightProgram build_weight_program(const LutNetwork& mac, int weight_bits, int weight) {
  std::vector<InputBit> inputs(static_cast<std::size_t>(mac.inputs), InputBit::variable);
  for (int bit = 0; bit < weight_bits; ++bit) {
    const bool high = ((static_cast<unsigned>(weight) >> bit) & 1U) != 0;
    inputs[static_cast<std::size_t>(mac.inputs - weight_bits + bit)] =
        high ? InputBit::high : InputBit::low;
  }
  return build_program(mac, inputs);
}

}  // namespace togglewise::gate
