#include "sim/activity/net_names.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace togglewise::activity {

std::vector<Signal> signals_of(const tech::Netlist& netlist) {
  std::vector<Signal> signals;
  std::set<std::string> port_bits;
  for (const tech::Port& port : netlist.ports()) {
    // yosys declares a port of one bit without a range.
    signals.push_back({port.name, port.width() > 1, port.bits});
    for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
      port_bits.insert(bit_name(signals.back(), bit));
    }
  }
  std::map<std::string, tech::NetIndex> others;
  for (std::size_t net = 2; net < netlist.nets().size(); ++net) {
    const std::string& name = netlist.nets()[net].name;
    if (port_bits.count(name) == 0) others.emplace(name, static_cast<tech::NetIndex>(net));
  }
  for (const auto& [name, net] : others) signals.push_back({name, false, {net}});
  return signals;
}

std::string bit_name(const Signal& signal, std::size_t bit) {
  return signal.is_bus ? fmt::format("{}[{}]", signal.name, bit) : signal.name;
}

}  // namespace togglewise::activity
