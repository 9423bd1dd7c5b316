#include "sim/gate/lut_network.h"

#include <algorithm>
#include <utility>

namespace togglewise::gate {

using tech::Cell;
using tech::NetIndex;
using tech::TruthTable;

namespace {

constexpr int kUnbuilt = -2;

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

// For a disjoint decomposition f(x) = h(g(x_subset), x_rest): the rest seen under each assignment
// of the subset may take only two forms. `subset` is a bit mask of variables.
struct Decomposition {
  NodeFunction inner;
  NodeFunction outer;  // its last variable is the inner function (input −1)
  bool found = false;
};

Decomposition try_decompose(const NodeFunction& function, unsigned subset) {
  std::vector<int> inside;
  std::vector<int> outside;
  for (int v = 0; v < function.table.variables; ++v) {
    (((subset >> v) & 1U) != 0 ? inside : outside).push_back(v);
  }
  const auto expand = [](unsigned row, const std::vector<int>& variables) {
    unsigned full = 0;
    for (std::size_t i = 0; i < variables.size(); ++i) full |= ((row >> i) & 1U) << variables[i];
    return full;
  };
  const unsigned outside_rows = 1U << outside.size();
  std::vector<std::uint64_t> forms;
  TruthTable inner{static_cast<int>(inside.size()), 0};
  for (unsigned i = 0; i < (1U << inside.size()); ++i) {
    std::uint64_t form = 0;
    for (unsigned o = 0; o < outside_rows; ++o) {
      const bool value = function.table.value(expand(i, inside) | expand(o, outside));
      form |= static_cast<std::uint64_t>(value) << o;
    }
    auto known = std::find(forms.begin(), forms.end(), form);
    if (known == forms.end()) {
      if (forms.size() == 2) return {};
      forms.push_back(form);
      known = forms.end() - 1;
    }
    if (known != forms.begin()) inner.bits |= 1ULL << i;
  }
  Decomposition result;
  result.found = true;
  result.inner.table = inner;
  for (const int v : inside)
    result.inner.inputs.push_back(function.inputs[static_cast<std::size_t>(v)]);
  result.outer.table.variables = static_cast<int>(outside.size()) + 1;
  result.outer.table.bits = forms[0] | (forms.size() > 1 ? forms[1] : forms[0]) << outside_rows;
  for (const int v : outside)
    result.outer.inputs.push_back(function.inputs[static_cast<std::size_t>(v)]);
  result.outer.inputs.push_back(-1);
  return result;
}

class Builder {
 public:
  explicit Builder(const tech::Netlist& mac) : mac_(mac) {
    network_.widths = tech::mac_widths(mac);
    network_.node_of_net.assign(mac.nets().size(), kUnbuilt);
    network_.nodes.resize(2);
    network_.nodes[1].table = 0xFF;
    network_.node_of_net[0] = 0;
    network_.node_of_net[1] = 1;
    network_.weight_begin = add_inputs("weight");
    network_.activation_begin = add_inputs("activation_in");
    network_.partial_sum_begin = add_inputs("partial_sum_in");
    network_.first_table = static_cast<int>(network_.nodes.size());
  }

  // Depth first from the outputs, low bits first: neighbours in the circuit become neighbours in
  // time, which keeps few values alive at once.
  LutNetwork build() {
    for (const NetIndex net : mac_.port("partial_sum_out")->bits) {
      network_.partial_sum_outputs.push_back(node_of(net));
    }
    for (std::size_t net = 0; net < mac_.nets().size(); ++net) {
      const auto index = static_cast<NetIndex>(net);
      if (index == mac_.clock_net() || (mac_.net(index).driver.cell == tech::kNone)) continue;
      node_of(index);
    }
    for (int& node : network_.node_of_net) node = std::max(node, -1);
    return std::move(network_);
  }

 private:
  int add_inputs(const char* port) {
    const int begin = static_cast<int>(network_.nodes.size());
    for (const NetIndex net : mac_.port(port)->bits) {
      network_.node_of_net[static_cast<std::size_t>(net)] = static_cast<int>(network_.nodes.size());
      network_.nodes.emplace_back();
    }
    return begin;
  }

  int node_of(NetIndex net) {
    int& known = network_.node_of_net[static_cast<std::size_t>(net)];
    if (known != kUnbuilt) return known;
    const tech::PinReference driver = mac_.net(net).driver;
    const Cell& cell = mac_.cell(driver.cell);
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
    for (const int size : {3, 2}) {
      for (unsigned subset = 0; subset < (1U << count); ++subset) {
        if (__builtin_popcount(subset) != size) continue;
        Decomposition parts = try_decompose(function, subset);
        if (!parts.found) continue;
        parts.outer.inputs.back() = node_of_function(std::move(parts.inner));
        return node_of_function(std::move(parts.outer));
      }
    }
    // Shannon on the last variable: f = x ? f1 : f0.
    const int selector = function.inputs.back();
    std::vector<int> rest(function.inputs.begin(), function.inputs.end() - 1);
    const int low = node_of_function({function.table.cofactor(count - 1, false), rest});
    const int high = node_of_function({function.table.cofactor(count - 1, true), rest});
    return node_of_function({{3, 0xCA}, {low, high, selector}});
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

  const tech::Netlist& mac_;
  LutNetwork network_;
};

}  // namespace

LutNetwork build_lut_network(const tech::Netlist& mac) { return Builder(mac).build(); }

}  // namespace togglewise::gate
