// Library cells as plain Verilog, made from their Liberty functions.
//
// Foundries' own models are primitives (UDPs) with `specify` blocks, which Verilator and yosys do
// not read. These are `assign` and `always @(posedge …)` only, without delays.
#pragma once

#include <string>
#include <vector>

#include "sim/tech/cell_library.h"
#include "sim/tech/netlist.h"

namespace togglewise::tech {

// A name as Verilog writes it: as it is where it is a simple identifier, else escaped, with the
// blank that ends an escaped one.
std::string verilog_identifier(const std::string& name);

// A Liberty function in Verilog's operators. `names` maps pins and states to what stands for them
// in Verilog; a name that is not in it stands for itself. Throws std::invalid_argument as
// parse_boolean_function does.
struct VerilogName {
  std::string liberty;
  std::string verilog;
};
std::string verilog_expression(const std::string& function_text,
                               const std::vector<VerilogName>& names = {});

// One module for each cell, in the order given. Cells that cannot be simulated (unsupported_reason)
// are not allowed.
std::string write_verilog_models(const std::vector<const LibraryCell*>& cells);

// The models of the cells that a netlist uses, by name.
std::string write_verilog_models(const Netlist& netlist);

}  // namespace togglewise::tech
