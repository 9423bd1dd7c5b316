// The checks that a user's own MAC RTL has to pass (rtl/README.md).
#include <array>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/tech/netlist.h"

namespace togglewise::tech {
namespace {

constexpr int kUnknownDepth = -1;

// Number of registers on the way from the inputs to each net; constants have no depth of their own.
class RegisterDepths {
 public:
  explicit RegisterDepths(const Netlist& netlist)
      : netlist_(netlist), depth_(netlist.nets().size(), kUnknownDepth) {
    for (const Port& port : netlist.ports()) {
      if (!port.is_input) continue;
      for (const NetIndex net : port.bits) depth_[static_cast<std::size_t>(net)] = 0;
    }
    // Two rounds of combinational cells with one round of registers between them reach depth 1;
    // whatever is deeper stays unknown or shows up as a mixed path.
    propagate(netlist.combinational_order(), 0);
    propagate(netlist.registers(), 1);
    propagate(netlist.combinational_order(), 0);
  }

  int of(NetIndex net) const { return depth_[static_cast<std::size_t>(net)]; }

 private:
  void propagate(const std::vector<CellIndex>& cells, int step) {
    for (const CellIndex index : cells) {
      const Cell& cell = netlist_.cell(index);
      int depth = kUnknownDepth;
      bool complete = true;
      for (const int pin : cell.type->inputs) {
        const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net == netlist_.clock_net() || netlist_.is_constant(net)) continue;
        const int input_depth = of(net);
        if (input_depth == kUnknownDepth) {
          complete = false;
        } else if (depth != kUnknownDepth && depth != input_depth) {
          throw Error::input("TW-NET-007",
                             fmt::format("cell '{}' mixes values of different cycles", cell.name))
              .expected("exactly one register on every path from the MAC's inputs to its outputs");
        } else {
          depth = input_depth;
        }
      }
      if (!complete || depth == kUnknownDepth) continue;
      for (const int pin : cell.type->outputs) {
        const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
        if (net != kNone) depth_[static_cast<std::size_t>(net)] = depth + step;
      }
    }
  }

  const Netlist& netlist_;
  std::vector<int> depth_;
};

}  // namespace

MacWidths mac_widths(const Netlist& netlist) {
  const auto width = [&](const char* name) {
    const Port* port = netlist.port(name);
    return port == nullptr ? 0 : port->width();
  };
  return {width("weight"), width("activation_in"), width("partial_sum_in")};
}

void require_mac_contract(const Netlist& netlist, const MacWidths& widths) {
  struct Expected {
    const char* name;
    bool is_input;
    int width;
  };
  const std::array<Expected, 6> contract{{{"clk", true, 1},
                                          {"weight", true, widths.weight_bits},
                                          {"activation_in", true, widths.activation_bits},
                                          {"partial_sum_in", true, widths.partial_sum_bits},
                                          {"activation_out", false, widths.activation_bits},
                                          {"partial_sum_out", false, widths.partial_sum_bits}}};
  const auto describe = [](const Expected& port) {
    return fmt::format("{} [{}:0] {}", port.is_input ? "input" : "output", port.width - 1,
                       port.name);
  };
  const auto violation = [&](const std::string& message, const std::string& expected) {
    return Error::input("TW-NET-006", fmt::format("module '{}' breaks the MAC's port contract: {}",
                                                  netlist.top(), message))
        .expected(expected)
        .hint("rtl/README.md describes the contract");
  };
  for (const Expected& expected : contract) {
    const Port* port = netlist.port(expected.name);
    if (port == nullptr) {
      throw violation(fmt::format("there is no port {}", expected.name), describe(expected));
    }
    if (port->is_input != expected.is_input || port->width() != expected.width) {
      throw violation(fmt::format("port {} is an {} of {} bits", port->name,
                                  port->is_input ? "input" : "output", port->width()),
                      describe(expected));
    }
  }
  for (const Port& port : netlist.ports()) {
    bool known = false;
    for (const Expected& expected : contract) known = known || port.name == expected.name;
    if (!known)
      throw violation(fmt::format("port {} is not part of it", port.name), "no other ports");
  }
  const RegisterDepths depths(netlist);
  for (const char* name : {"activation_out", "partial_sum_out"}) {
    for (const NetIndex net : netlist.port(name)->bits) {
      if (netlist.is_constant(net) || depths.of(net) == 1) continue;
      throw Error::input(
          "TW-NET-007",
          fmt::format("{} of module '{}' is not one cycle behind the inputs", name, netlist.top()))
          .expected("exactly one register on every path from the MAC's inputs to its outputs");
    }
  }
}

}  // namespace togglewise::tech
