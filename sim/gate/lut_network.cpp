#include "sim/gate/lut_network.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sim/gate/lut_decomposition.h"

namespace togglewise::gate {

using tech::Cell;
using tech::NetIndex;
using tech::TruthTable;

namespace {

constexpr int kUnbuilt = -2;
constexpr int kInProgress = -3;

// A function over the nodes `inputs`, reduced to what it depends on.
struct NodeFunction {
  TruthTable table;
  std::vector<int> inputs;
};

void drop_variable(NodeFunction& function, int variable, bool value) {
  function.table = function.table.cofactor(variable, value);
  function.inputs.erase(function.inputs.begin() + variable);
}

void simplify(NodeFunction& function) {
  for (int v = function.table.variables - 1; v >= 0; --v) {
    const int node = function.inputs[static_cast<std::size_t>(v)];
    if (node == 0 || node == 1) {
      drop_variable(function, v, node == 1);
    } else if (!function.table.depends_on(v)) {
      drop_variable(function, v, false);
    }
  }
}

class Builder {
 public:
  Builder(const tech::Netlist& netlist, const std::vector<std::string>& inputs)
      : netlist_(netlist) {
    network_.node_of_net.assign(netlist.nets().size(), kUnbuilt);
    network_.nodes.resize(2);
    network_.nodes[1].table = 0xFF;
    network_.node_of_net[0] = 0;
    network_.node_of_net[1] = 1;
    for (const std::string& input : inputs) add_input(port(input));
    network_.first_table = static_cast<int>(network_.nodes.size());
    network_.inputs = network_.first_table - network_.input_begin;
  }

  // Depth first from the outputs, low bits first: neighbours in the circuit become neighbours in
  // time, which keeps few values alive at once.
  LutNetwork build(const std::string& output) {
    for (const NetIndex net : port(output).bits) network_.outputs.push_back(node_of(net));
    for (std::size_t net = 0; net < netlist_.nets().size(); ++net) {
      const auto index = static_cast<NetIndex>(net);
      if (index == netlist_.clock_net() || netlist_.net(index).driver.cell == tech::kNone) continue;
      node_of(index);
    }
    for (int& node : network_.node_of_net) node = std::max(node, -1);
    return std::move(network_);
  }

 private:
  const tech::Port& port(const std::string& name) const {
    const tech::Port* found = netlist_.port(name);
    if (found == nullptr) throw std::out_of_range("no port " + name);
    return *found;
  }

  void add_input(const tech::Port& input) {
    for (const NetIndex net : input.bits) {
      network_.node_of_net[static_cast<std::size_t>(net)] = static_cast<int>(network_.nodes.size());
      network_.nodes.emplace_back();
    }
  }

  int node_of(NetIndex net) {
    int& known = network_.node_of_net[static_cast<std::size_t>(net)];
    if (known == kInProgress) throw std::invalid_argument("a register's state feeds itself");
    if (known != kUnbuilt) return known;
    known = kInProgress;
    const tech::PinReference driver = netlist_.net(net).driver;
    const Cell& cell = netlist_.cell(driver.cell);
    const TruthTable& output = *cell.type->pins[static_cast<std::size_t>(driver.pin)].function;
    NodeFunction function;
    if (cell.type->is_register()) {
      // Outputs are functions of {state, inverted state}: row 1 is state 1, row 2 is state 0.
      function.table = cell.type->flip_flop->next_state;
      const std::uint64_t rows = 1ULL << function.table.variables;
      const std::uint64_t all = rows == 64 ? ~0ULL : (1ULL << rows) - 1;
      if (!output.value(1)) function.table.bits ^= all;
    } else {
      function.table = output;
    }
    for (int v = 0; v < function.table.variables; ++v) {
      const NetIndex input =
          cell.nets[static_cast<std::size_t>(cell.type->inputs[static_cast<std::size_t>(v)])];
      const bool used = function.table.depends_on(v);
      function.inputs.push_back(used ? node_of(input) : 0);
    }
    const int node = node_of_function(std::move(function));
    network_.node_of_net[static_cast<std::size_t>(net)] = node;
    return node;
  }

  int node_of_function(NodeFunction function) {
    simplify(function);
    const int count = function.table.variables;
    if (count == 0) return function.table.bits != 0 ? 1 : 0;
    if (count <= 3) return add_table(function);
    if (const std::optional<Decomposition> parts = decompose(function.table)) {
      const int inner = node_of_function({parts->inner, chosen(function.inputs, parts->inside)});
      std::vector<int> rest = chosen(function.inputs, parts->outside);
      rest.push_back(inner);
      return node_of_function({parts->outer, std::move(rest)});
    }
    // Shannon on the last variable: f = x ? f1 : f0.
    const int selector = function.inputs.back();
    std::vector<int> rest(function.inputs.begin(), function.inputs.end() - 1);
    const int low = node_of_function({function.table.cofactor(count - 1, false), rest});
    const int high = node_of_function({function.table.cofactor(count - 1, true), rest});
    return node_of_function({{3, 0xCA}, {low, high, selector}});
  }

  static std::vector<int> chosen(const std::vector<int>& inputs,
                                 const std::vector<int>& variables) {
    std::vector<int> result;
    for (const int v : variables) result.push_back(inputs[static_cast<std::size_t>(v)]);
    return result;
  }

  int add_table(const NodeFunction& function) {
    LutNode node;
    for (std::size_t i = 0; i < 3; ++i) {
      node.fanin[i] = i < function.inputs.size() ? function.inputs[i] : function.inputs[0];
    }
    const unsigned mask = (1U << function.table.variables) - 1;
    for (unsigned row = 0; row < 8; ++row) {
      if (function.table.value(row & mask))
        node.table = static_cast<std::uint8_t>(node.table | 1U << row);
    }
    network_.nodes.push_back(node);
    return static_cast<int>(network_.nodes.size()) - 1;
  }

  const tech::Netlist& netlist_;
  LutNetwork network_;
};

}  // namespace

LutNetwork build_lut_network(const tech::Netlist& netlist, const std::vector<std::string>& inputs,
                             const std::string& output) {
  return Builder(netlist, inputs).build(output);
}

LutNetwork build_mac_network(const tech::Netlist& mac) {
  return build_lut_network(mac, {"activation_in", "partial_sum_in", "weight"}, "partial_sum_out");
}

}  // namespace togglewise::gate
