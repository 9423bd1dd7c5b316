#include "sim/tech/mac_contract.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/tech/elaboration.h"

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
          throw Error::input(
              "TW-NET-007", fmt::format("cell '{}' of module '{}' mixes values of different cycles",
                                        cell.name, netlist_.top()))
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

struct ContractPort {
  const char* name;
  const char* direction;
  int width;
  const char* parameter;  // that sets the width; "" for the clock

  std::string text() const {
    return width == 1 ? fmt::format("{} {}", direction, name)
                      : fmt::format("{} [{}:0] {}", direction, width - 1, name);
  }
};

std::array<ContractPort, 6> contract_of(const MacWidths& widths) {
  return {{{"clk", "input", 1, ""},
           {"weight", "input", widths.weight_bits, "WEIGHT_BITS"},
           {"activation_in", "input", widths.activation_bits, "ACTIVATION_BITS"},
           {"partial_sum_in", "input", widths.partial_sum_bits, "PARTIAL_SUM_BITS"},
           {"activation_out", "output", widths.activation_bits, "ACTIVATION_BITS"},
           {"partial_sum_out", "output", widths.partial_sum_bits, "PARTIAL_SUM_BITS"}}};
}

bool in_contract(const std::string& name) {
  for (const ContractPort& port : contract_of({})) {
    if (name == port.name) return true;
  }
  return false;
}

struct Violation {
  std::string message;
  std::string expected;
  const ContractPort* width_of = nullptr;  // where only the width is wrong
};

// The first way in which these ports are not the contract's.
std::optional<Violation> find_violation(const std::array<ContractPort, 6>& contract,
                                        const std::vector<RtlPort>& ports) {
  std::vector<std::string> strangers;
  for (const RtlPort& port : ports) {
    if (!in_contract(port.name)) strangers.push_back(port.name);
  }
  for (const ContractPort& expected : contract) {
    const auto found = std::find_if(ports.begin(), ports.end(), [&](const RtlPort& port) {
      return port.name == expected.name;
    });
    if (found == ports.end()) {
      const std::string near = nearest_name(expected.name, strangers);
      return Violation{fmt::format("there is no port {}{}", expected.name,
                                   near.empty() ? "" : fmt::format(", only {}", near)),
                       expected.text(), nullptr};
    }
    if (found->direction != expected.direction || found->width != expected.width) {
      const bool direction = found->direction == expected.direction;
      return Violation{fmt::format("port {} is an {} of {} bit{}", found->name, found->direction,
                                   found->width, found->width == 1 ? "" : "s"),
                       expected.text(), direction ? &expected : nullptr};
    }
  }
  if (strangers.empty()) return std::nullopt;
  return Violation{fmt::format("port {} is not part of it", strangers.front()), "no other ports",
                   nullptr};
}

Error contract_error(const std::string& top, const Violation& violation) {
  return Error::input("TW-NET-006", fmt::format("module '{}' breaks the MAC's port contract: {}",
                                                top, violation.message))
      .expected(violation.expected);
}

std::string contract_text(const std::array<ContractPort, 6>& contract) {
  std::string text;
  for (const ContractPort& port : contract) {
    text += (text.empty() ? "" : ", ") + port.text();
  }
  return text;
}

// The module of that name among those of the files; TW-SYN-002 with the nearest one otherwise.
const RtlModule& find_module(const std::vector<RtlModule>& modules,
                             const SynthesisRequest& request) {
  std::vector<std::string> names;
  for (const RtlModule& module : modules) {
    if (module.name == request.top) return module;
    names.push_back(module.name);
  }
  Error error =
      Error::input("TW-SYN-002", fmt::format("the RTL files have no module '{}'", request.top))
          .at(request.rtl_files.front().string())
          .expected(names.empty() ? "at least one module" : "one of " + list_names(names));
  const std::string near = nearest_name(request.top, names);
  throw near.empty() ? error : std::move(error).hint(fmt::format("did you mean '{}'?", near));
}

// The request without parameters that the top module lacks, once its ports are those of the
// contract.
SynthesisRequest checked_request(const SynthesisRequest& request, const MacWidths& widths) {
  const std::vector<RtlModule> modules = read_rtl_modules(request.rtl_files);
  const RtlModule& declared = find_module(modules, request);
  SynthesisRequest result = request;
  for (const auto& [name, value] : request.parameters) {
    if (!declared.has_parameter(name)) result.parameters.erase(name);
  }
  const RtlModule module = elaborate(result.rtl_files, result.top, result.parameters);
  const std::array<ContractPort, 6> contract = contract_of(widths);
  const auto violation = find_violation(contract, module.ports);
  if (!violation) return result;
  std::string hint = fmt::format("the ports are {}", contract_text(contract));
  if (violation->width_of != nullptr) {
    const std::string parameter = violation->width_of->parameter;
    if (declared.has_parameter(parameter)) {
      hint = fmt::format("its width has to follow parameter {}", parameter);
    } else if (!parameter.empty()) {
      hint = fmt::format("'{}' has no parameter {}: give it one, or change the array's widths",
                         request.top, parameter);
    }
  }
  throw contract_error(request.top, *violation)
      .at(module.file.empty() ? request.rtl_files.front().string() : module.file, module.line)
      .hint(hint);
}

}  // namespace

MacWidths mac_widths(const Netlist& netlist) {
  const auto width = [&](const char* name) {
    const Port* port = netlist.port(name);
    return port == nullptr ? 0 : port->width();
  };
  return {width("weight"), width("activation_in"), width("partial_sum_in")};
}

void require_mac_contract(const Netlist& netlist, const MacWidths& widths) {
  std::vector<RtlPort> ports;
  for (const Port& port : netlist.ports()) {
    ports.push_back({port.name, port.is_input ? "input" : "output", port.width()});
  }
  if (const auto violation = find_violation(contract_of(widths), ports)) {
    throw contract_error(netlist.top(), *violation).hint("rtl/README.md describes the contract");
  }
  const RegisterDepths depths(netlist);
  for (const char* name : {"activation_out", "partial_sum_out"}) {
    for (const NetIndex net : netlist.port(name)->bits) {
      if (netlist.is_constant(net) || depths.of(net) == 1) continue;
      throw Error::input("TW-NET-007",
                         fmt::format("{} of module '{}' lies behind {} register", name,
                                     netlist.top(), depths.of(net) == 0 ? "no" : "more than one"))
          .expected("exactly one register on every path from the MAC's inputs to its outputs");
    }
  }
}

void require_mac_ports(const SynthesisRequest& request, const MacWidths& widths) {
  checked_request(request, widths);
}

SynthesisResult synthesize_mac(const SynthesisRequest& request, const MacWidths& widths) {
  if (const auto found = find_synthesized(request)) return *found;
  return synthesize(checked_request(request, widths));
}

}  // namespace togglewise::tech
