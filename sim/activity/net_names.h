// Nets under the names that the Verilog netlist gives them.
#pragma once

#include <string>
#include <vector>

#include "sim/tech/netlist.h"

namespace togglewise::activity {

// A declaration of the netlist: a bus with its bits, or a single net.
struct Signal {
  std::string name;                  // without index
  bool is_bus = false;               // declared with a range, even if it has one bit
  std::vector<tech::NetIndex> bits;  // bit 0 first
};

// The ports first, in the netlist's order, then every other net, ordered by name. All nets but the
// two constants are among them; a net that is a port's bit under one name and has another one too
// is there twice, as it is in the Verilog text.
std::vector<Signal> signals_of(const tech::Netlist& netlist);

// "name[3]" or "name".
std::string bit_name(const Signal& signal, std::size_t bit);

}  // namespace togglewise::activity
