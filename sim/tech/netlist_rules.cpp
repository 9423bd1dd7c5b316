// The rules that a netlist keeps as a whole: drivers, one clock, no loops.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/tech/netlist_reader.h"

namespace togglewise::tech {

void NetlistBuilder::require_drivers() const {
  for (std::size_t i = 2; i < netlist_.nets_.size(); ++i) {
    const Net& net = netlist_.nets_[i];
    if (driven_[i] || (!net.is_output && net.loads.empty())) continue;
    if (net.loads.empty()) {
      throw json_.bad(fmt::format("net '{}' has no driver, but is an output", net.name), {});
    }
    const Cell& reader = netlist_.cell(net.loads.front().cell);
    throw json_.bad(
        fmt::format("net '{}' has no driver, but input {} of cell '{}' reads it", net.name,
                    reader.type->pins[static_cast<std::size_t>(net.loads.front().pin)].name,
                    reader.name),
        path("cells", reader.name));
  }
}

Error NetlistBuilder::bad_clocking(const Cell& cell, const std::string& message) const {
  return json_.placed(
      Error::input("TW-NET-005",
                   fmt::format("register '{}' ({}) {}", cell.name, cell.type->name, message))
          .expected("registers on the rising edge of one input port, without active reset or "
                    "enable"),
      path("cells", cell.name));
}

void NetlistBuilder::find_clock() {
  for (const CellIndex index : netlist_.registers_) {
    const Cell& cell = netlist_.cell(index);
    const FlipFlop& flip_flop = *cell.type->flip_flop;
    const int pin = cell.type->pin_index(flip_flop.clocked_on);
    if (pin == kNone) {
      throw bad_clocking(cell, fmt::format("is clocked by '{}', not by a rising edge of one pin",
                                           flip_flop.clocked_on));
    }
    const NetIndex clock = cell.nets[static_cast<std::size_t>(pin)];
    if (netlist_.is_constant(clock)) throw bad_clocking(cell, "has a constant clock");
    if (netlist_.net(clock).driver.cell != kNone) throw bad_clocking(cell, "has a gated clock");
    const bool other = netlist_.clock_net_ != kNone && netlist_.clock_net_ != clock;
    if (other && clocks_ == Clocks::one) {
      throw bad_clocking(cell, "has another clock than the registers before it");
    }
    if (!other) netlist_.clock_net_ = clock;
    require_inactive(cell, flip_flop.clear, "clear");
    require_inactive(cell, flip_flop.preset, "preset");
    require_no_memory(cell);
  }
}

// What is left of a function of the cell's inputs when the tied ones are fixed.
TruthTable NetlistBuilder::without_constants(const Cell& cell, const TruthTable& function) const {
  TruthTable rest = function;
  for (int i = rest.variables - 1; i >= 0; --i) {
    const NetIndex net =
        cell.nets[static_cast<std::size_t>(cell.type->inputs[static_cast<std::size_t>(i)])];
    if (netlist_.is_constant(net)) rest = rest.cofactor(i, net == netlist_.constant_net(true));
  }
  return rest;
}

// Asynchronous pins may only be tied off.
void NetlistBuilder::require_inactive(const Cell& cell, const std::optional<TruthTable>& function,
                                      const std::string& what) const {
  if (function && without_constants(cell, *function).bits != 0) {
    throw bad_clocking(cell, fmt::format("uses an asynchronous {}", what));
  }
}

// So may an enable.
void NetlistBuilder::require_no_memory(const Cell& cell) const {
  const FlipFlop& flip_flop = *cell.type->flip_flop;
  if (!flip_flop.next_state_from_one) return;
  if (!(without_constants(cell, flip_flop.next_state) ==
        without_constants(cell, *flip_flop.next_state_from_one))) {
    throw bad_clocking(cell, "keeps its value under an enable that is not tied off");
  }
}

// Kahn's algorithm; order among ready cells follows their index, so it is reproducible.
void NetlistBuilder::sort_combinational_cells() {
  std::vector<int> waiting(netlist_.cells_.size(), 0);
  std::vector<CellIndex> ready;
  std::size_t combinational = 0;
  for (std::size_t i = 0; i < netlist_.cells_.size(); ++i) {
    const Cell& cell = netlist_.cells_[i];
    if (cell.type->is_register()) continue;
    ++combinational;
    for (const int pin : cell.type->inputs) {
      const CellIndex driver = netlist_.net(cell.nets[static_cast<std::size_t>(pin)]).driver.cell;
      if (driver != kNone && !netlist_.cell(driver).type->is_register()) ++waiting[i];
    }
    if (waiting[i] == 0) ready.push_back(static_cast<CellIndex>(i));
  }
  for (std::size_t next = 0; next < ready.size(); ++next) {
    const Cell& cell = netlist_.cell(ready[next]);
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == kNone) continue;
      for (const PinReference& load : netlist_.net(net).loads) {
        if (netlist_.cell(load.cell).type->is_register()) continue;
        if (--waiting[static_cast<std::size_t>(load.cell)] == 0) ready.push_back(load.cell);
      }
    }
  }
  if (ready.size() != combinational) throw loop_through(waiting);
  netlist_.combinational_order_ = std::move(ready);
}

// From any cell that waits, back over cells that wait, until one comes up again.
Error NetlistBuilder::loop_through(const std::vector<int>& waiting) const {
  constexpr std::size_t kMaxNames = 8;
  const auto waits = [&](CellIndex cell) { return waiting[static_cast<std::size_t>(cell)] > 0; };
  CellIndex here = static_cast<CellIndex>(
      std::find_if(waiting.begin(), waiting.end(), [](int count) { return count > 0; }) -
      waiting.begin());
  std::vector<CellIndex> steps;
  std::vector<std::size_t> step_of(waiting.size(), 0);  // 1 + its index in steps, 0: not visited
  while (step_of[static_cast<std::size_t>(here)] == 0) {
    steps.push_back(here);
    step_of[static_cast<std::size_t>(here)] = steps.size();
    const Cell& cell = netlist_.cell(here);
    for (const int pin : cell.type->inputs) {
      const CellIndex driver = netlist_.net(cell.nets[static_cast<std::size_t>(pin)]).driver.cell;
      if (driver == kNone || netlist_.cell(driver).type->is_register() || !waits(driver)) continue;
      here = driver;
      break;
    }
  }
  const std::size_t begin = step_of[static_cast<std::size_t>(here)] - 1;
  std::string names;
  for (std::size_t i = steps.size(); i > begin; --i) {
    if (steps.size() - i == kMaxNames) {
      names += "… → ";
      break;
    }
    names += fmt::format("'{}' → ", netlist_.cell(steps[i - 1]).name);
  }
  const std::string& last = netlist_.cell(steps.back()).name;
  return json_.placed(
      Error::input("TW-NET-004", fmt::format("{} in a combinational loop: {}'{}'",
                                             steps.size() - begin == 1
                                                 ? "a cell drives itself"
                                                 : fmt::format("{} cells", steps.size() - begin),
                                             names, last))
          .expected("a synchronous circuit"),
      path("cells", last));
}

}  // namespace togglewise::tech
