// The definition of what the gate engines count: one circuit, one cycle at a time, zero delay.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/tech/netlist.h"

namespace togglewise::gate {

// Evaluates any synchronous netlist. Within a cycle the inputs are set, `settle()` computes every
// net from them and from the registers, and `clock_edge()` ends the cycle. A net toggles between
// two cycles when its settled values differ; what happens while it settles (glitches) is not seen.
class ScalarEngine {
 public:
  // Registers start at 0. The netlist must outlive the engine.
  explicit ScalarEngine(const tech::Netlist& netlist);

  // Bit 0 of `value` goes to bit 0 of the port. The clock needs no value.
  void set_input(const std::string& port, std::uint64_t value);
  void settle();
  void clock_edge();
  std::uint64_t output(const std::string& port) const;
  bool value(tech::NetIndex net) const { return values_[static_cast<std::size_t>(net)] != 0; }
  const std::vector<std::uint8_t>& values() const { return values_; }

 private:
  unsigned input_row(const tech::Cell& cell) const;
  void write_outputs(const tech::Cell& cell, unsigned row);

  const tech::Netlist& netlist_;
  std::vector<std::uint8_t> values_;  // per net
  std::vector<std::uint8_t> states_;  // per entry of netlist.registers()
};

// Toggles per net between consecutive calls of `observe`.
class ToggleCounter {
 public:
  explicit ToggleCounter(std::size_t nets) : toggles_(nets, 0) {}
  void observe(const std::vector<std::uint8_t>& values);
  const std::vector<std::uint64_t>& toggles() const { return toggles_; }

 private:
  std::vector<std::uint64_t> toggles_;
  std::vector<std::uint8_t> previous_;
};

}  // namespace togglewise::gate
