// A flat netlist of library cells, as yosys wrote it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/tech/cell_library.h"

namespace togglewise::tech {

using NetIndex = int;
using CellIndex = int;
constexpr int kNone = -1;

struct PinReference {
  CellIndex cell = kNone;
  int pin = kNone;  // index into LibraryCell::pins
};

struct Net {
  std::string name;                 // as in the Verilog netlist, "sum[3]" for a bit of a bus
  PinReference driver;              // cell == kNone: an input port's bit or a constant
  std::vector<PinReference> loads;  // input pins, in cell order
  bool is_output = false;           // bit of an output port
};

struct Cell {
  std::string name;
  const LibraryCell* type = nullptr;
  std::vector<NetIndex> nets;  // per pin of `type`; kNone where not connected
};

struct Port {
  std::string name;
  bool is_input = false;
  std::vector<NetIndex> bits;  // bit 0 first
  int width() const { return static_cast<int>(bits.size()); }
};

// Whether all registers have to hang on one clock. Parts of a design whose clocks are gated outside
// have several, all of them input ports; clock_net() is then the first one found.
enum class Clocks { one, several };

// Invariants: every net has one driver (cell output, input port or constant); the combinational
// part has no loops; all registers are clocked by the rising edge of one input port.
class Netlist {
 public:
  // Throws TW-NET-001 (cell not in the library), TW-NET-002 (not a netlist yosys wrote),
  // TW-NET-003 (cell that cannot be simulated), TW-NET-004 (loop), TW-NET-005 (clocking).
  static Netlist read(const std::filesystem::path& json_file,
                      std::shared_ptr<const CellLibrary> library, Clocks clocks = Clocks::one);
  static Netlist parse(const std::string& json, const std::string& file,
                       std::shared_ptr<const CellLibrary> library, Clocks clocks = Clocks::one);

  const std::string& top() const { return top_; }
  const CellLibrary& library() const { return *library_; }
  const std::shared_ptr<const CellLibrary>& library_pointer() const { return library_; }
  const std::string& hash() const { return hash_; }  // of the JSON text
  const std::vector<Net>& nets() const { return nets_; }
  const std::vector<Cell>& cells() const { return cells_; }
  const std::vector<Port>& ports() const { return ports_; }
  const Port* port(const std::string& name) const;  // nullptr where there is none
  // Combinational cells, each after the drivers of its inputs.
  const std::vector<CellIndex>& combinational_order() const { return combinational_order_; }
  const std::vector<CellIndex>& registers() const { return registers_; }
  NetIndex clock_net() const { return clock_net_; }  // kNone without registers
  NetIndex constant_net(bool value) const { return value ? 1 : 0; }
  bool is_constant(NetIndex net) const { return net == 0 || net == 1; }

  const Net& net(NetIndex index) const { return nets_[static_cast<std::size_t>(index)]; }
  const Cell& cell(CellIndex index) const { return cells_[static_cast<std::size_t>(index)]; }
  double area() const;
  double leakage_nw() const;

 private:
  friend class NetlistBuilder;

  std::string top_;
  std::string hash_;
  std::shared_ptr<const CellLibrary> library_;
  std::vector<Net> nets_;  // nets 0 and 1 are the constants
  std::vector<Cell> cells_;
  std::vector<Port> ports_;
  std::vector<CellIndex> combinational_order_;
  std::vector<CellIndex> registers_;
  NetIndex clock_net_ = kNone;
};

// Throws TW-NET-006 unless the ports are those of rtl/README.md with these widths, and TW-NET-007
// unless every path from an input to an output passes exactly one register.
struct MacWidths {
  int weight_bits = 8;
  int activation_bits = 8;
  int partial_sum_bits = 22;
};
void require_mac_contract(const Netlist& netlist, const MacWidths& widths);
// The widths as they are in the netlist; 0 for a missing port.
MacWidths mac_widths(const Netlist& netlist);

}  // namespace togglewise::tech
