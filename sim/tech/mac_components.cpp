#include "sim/tech/mac_components.h"

#include <algorithm>
#include <string>

namespace togglewise::tech {
namespace {

// Cells that a value at a port can influence, through any number of registers.
std::vector<bool> reached_from(const Netlist& netlist, const std::string& port_name) {
  std::vector<bool> reached(netlist.cells().size(), false);
  const Port* port = netlist.port(port_name);
  if (port == nullptr) return reached;
  std::vector<NetIndex> waiting = port->bits;
  while (!waiting.empty()) {
    const NetIndex net = waiting.back();
    waiting.pop_back();
    for (const PinReference& load : netlist.net(net).loads) {
      const auto cell = static_cast<std::size_t>(load.cell);
      if (reached[cell]) continue;
      reached[cell] = true;
      for (const int pin : netlist.cells()[cell].type->outputs) {
        const NetIndex out = netlist.cells()[cell].nets[static_cast<std::size_t>(pin)];
        if (out != kNone) waiting.push_back(out);
      }
    }
  }
  return reached;
}

bool in_multiplier_instance(const Cell& cell) { return cell.name.rfind("u_multiplier.", 0) == 0; }

// From an output port back to its register, through inverters and buffers.
void mark_output_register(const Netlist& netlist, NetIndex net, Component component,
                          std::vector<Component>& components) {
  for (CellIndex driver = netlist.net(net).driver.cell; driver != kNone;
       driver = netlist.net(net).driver.cell) {
    const Cell& cell = netlist.cell(driver);
    if (!cell.type->is_register() && cell.type->inputs.size() != 1) return;
    components[static_cast<std::size_t>(driver)] = component;
    if (cell.type->is_register()) return;
    net = cell.nets[static_cast<std::size_t>(cell.type->inputs[0])];
  }
}

}  // namespace

std::vector<Component> mac_cell_components(const Netlist& netlist) {
  const std::vector<Cell>& cells = netlist.cells();
  const bool has_instance = std::any_of(cells.begin(), cells.end(), in_multiplier_instance);
  const std::vector<bool> has_weight = reached_from(netlist, "weight");
  const std::vector<bool> has_partial_sum = reached_from(netlist, "partial_sum_in");
  std::vector<Component> result;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].type->is_register()) {
      result.push_back(has_partial_sum[i] ? Component::partial_sum_register
                       : has_weight[i]    ? Component::multiplier
                                          : Component::activation_register);
    } else {
      const bool multiplier = has_instance ? in_multiplier_instance(cells[i]) : !has_partial_sum[i];
      result.push_back(multiplier ? Component::multiplier : Component::adder);
    }
  }
  const auto mark = [&](const char* name, Component component) {
    if (const Port* port = netlist.port(name)) {
      for (const NetIndex net : port->bits) mark_output_register(netlist, net, component, result);
    }
  };
  mark("activation_out", Component::activation_register);
  mark("partial_sum_out", Component::partial_sum_register);
  return result;
}

}  // namespace togglewise::tech
