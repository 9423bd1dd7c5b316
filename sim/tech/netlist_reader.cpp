#include "sim/tech/netlist_reader.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sim/base/hash.h"
#include "sim/base/nearest.h"

namespace togglewise::tech {
namespace {

bool has_attribute(const Json& module, const char* name) {
  const auto attributes = module.find("attributes");
  return attributes != module.end() && attributes->is_object() && attributes->contains(name);
}

bool is_text(const Json& bit, const char* text) {
  return bit.is_string() && bit.get_ref<const std::string&>() == text;
}
// 0 where it is missing or no integer.
std::int64_t integer(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_number_integer() ? 0 : found->get<std::int64_t>();
}

// The index that a bit of a wire has in Verilog: a wire [7:4] begins at 4, a wire [0:3] ends at 0.
std::int64_t declared_index(const Json& wire, std::size_t bit, std::size_t width) {
  const std::size_t place = integer(wire, "upto") != 0 ? width - 1 - bit : bit;
  // Unsigned: a hostile offset must not overflow.
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(integer(wire, "offset")) + place);
}

bool is_undefined(const Json& bit) { return is_text(bit, "x") || is_text(bit, "z"); }

}  // namespace

NetlistBuilder::NetlistBuilder(const std::string& text, const std::string& file,
                               std::shared_ptr<const CellLibrary> library, Clocks clocks)
    : json_(text, file), clocks_(clocks) {
  netlist_.hash_ = hash_bytes(text);
  netlist_.library_ = std::move(library);
  netlist_.nets_.resize(2);
  netlist_.nets_[0].name = "1'b0";
  netlist_.nets_[1].name = "1'b1";
}

Netlist NetlistBuilder::build() {
  const Json& module = find_top();
  read_ports(module);
  read_cells(module);
  read_names(module);
  require_drivers();
  find_clock();
  sort_combinational_cells();
  return std::move(netlist_);
}

// The module marked as top, or the only one with cells (library cells are listed as modules too).
const Json& NetlistBuilder::find_top() {
  const Json* top = nullptr;
  const Json* candidate = nullptr;
  std::vector<std::string> candidates;
  std::vector<std::string> tops;
  for (const auto& [name, module] : json_.object(json_.document(), "modules", {}).items()) {
    if (!module.is_object()) throw json_.bad(fmt::format("module '{}' is no object", name), {});
    if (has_attribute(module, "blackbox") || has_attribute(module, "whitebox")) continue;
    candidates.push_back(name);
    candidate = &module;
    if (!has_attribute(module, "top")) continue;
    tops.push_back(name);
    top = &module;
  }
  if (candidates.empty()) throw json_.bad("the file holds no module", {});
  if (tops.empty() && candidates.size() == 1) {
    tops = candidates;
    top = candidate;
  }
  if (tops.size() != 1) {
    throw json_
        .bad(fmt::format("{} of its modules is marked as top: {}",
                         tops.empty() ? "none" : "more than one",
                         list_names(tops.empty() ? candidates : tops)),
             {})
        .hint("flatten the design with yosys' 'flatten'");
  }
  netlist_.top_ = tops.front();
  return *top;
}

JsonPath NetlistBuilder::path(const char* section, const std::string& name) const {
  return {"modules", netlist_.top_, section, name};
}

NetIndex NetlistBuilder::net_of(const Json& bit, const std::string& where, const JsonPath& place) {
  if (is_text(bit, "0")) return 0;
  if (is_text(bit, "1")) return 1;
  if (is_undefined(bit)) {
    throw json_.bad(fmt::format("{} is the undefined constant {}", where, bit.dump()), place)
        .hint("run 'setundef -zero' in yosys before it writes the netlist");
  }
  const bool fits = bit.is_number_unsigned() &&
                    bit.get<std::uint64_t>() <=
                        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!fits) {
    throw json_.bad(fmt::format("{} is no net number but {}", where,
                                bit.is_structured() ? bit.type_name() : bit.dump()),
                    place);
  }
  const auto [entry, is_new] = net_numbers_.try_emplace(
      bit.get<std::int64_t>(), static_cast<NetIndex>(netlist_.nets_.size()));
  if (is_new) {
    netlist_.nets_.emplace_back();
    driven_.resize(netlist_.nets_.size(), false);
  }
  return entry->second;
}

void NetlistBuilder::read_ports(const Json& module) {
  driven_.resize(netlist_.nets_.size(), false);
  const JsonPath module_path{"modules", netlist_.top_};
  for (const auto& [name, description] : json_.object(module, "ports", module_path).items()) {
    const JsonPath place = path("ports", name);
    if (!description.is_object()) {
      throw json_.bad(fmt::format("port '{}' is no object", name), module_path);
    }
    const std::string direction = json_.text(description, "direction", place);
    if (direction != "input" && direction != "output") {
      throw json_.bad(fmt::format("port '{}' is of direction {}; only input and output can be "
                                  "simulated",
                                  name, direction),
                      place);
    }
    Port port{name, direction == "input", {}};
    for (const Json& bit : json_.array(description, "bits", place)) {
      const std::string where = fmt::format("bit {} of port '{}'", port.bits.size(), name);
      const NetIndex net = net_of(bit, where, place);
      port.bits.push_back(net);
      if (port.is_input) mark_driven(net, where, place);
      if (!port.is_input) netlist_.nets_[static_cast<std::size_t>(net)].is_output = true;
    }
    netlist_.ports_.push_back(std::move(port));
  }
}

void NetlistBuilder::read_cells(const Json& module) {
  const JsonPath module_path{"modules", netlist_.top_};
  for (const auto& [name, description] : json_.object(module, "cells", module_path).items()) {
    if (!description.is_object()) {
      throw json_.bad(fmt::format("cell '{}' is no object", name), module_path);
    }
    const std::string type_name = json_.text(description, "type", path("cells", name));
    const LibraryCell* type = netlist_.library_->find(type_name);
    if (type == nullptr) throw missing_cell(name, type_name);
    if (!type->unsupported_reason.empty()) throw unusable_cell(name, *type);
    add_cell(name, *type, description);
  }
}

Error NetlistBuilder::missing_cell(const std::string& name, const std::string& type_name) const {
  const Json& modules = json_.document()["modules"];
  const JsonPath place = path("cells", name);
  const auto module = modules.find(type_name);
  if (module != modules.end() && module->is_object() && !has_attribute(*module, "blackbox") &&
      !has_attribute(*module, "whitebox")) {
    return json_
        .placed(Error::input("TW-NET-001", fmt::format("cell '{}' is an instance of module '{}'",
                                                       name, type_name))
                    .expected("library cells only"),
                place)
        .hint("flatten the design with yosys' 'flatten'");
  }
  Error error = json_.placed(
      Error::input("TW-NET-001",
                   fmt::format("cell '{}' is a {}, which library {} ({}) does not have", name,
                               type_name, netlist_.library_->name(), netlist_.library_->file()))
          .expected("a netlist made for this library"),
      place);
  const std::string near = nearest_name(type_name, netlist_.library_->cell_names());
  return near.empty() ? error : std::move(error).hint(fmt::format("did you mean {}?", near));
}

Error NetlistBuilder::unusable_cell(const std::string& name, const LibraryCell& type) const {
  return json_
      .placed(
          Error::input("TW-NET-003", fmt::format("cell '{}' is a {}, which cannot be simulated: {}",
                                                 name, type.name, type.unsupported_reason))
              .expected("combinational cells and edge-triggered registers"),
          path("cells", name))
      .hint(fmt::format("{} begins at line {} of {}", type.name, type.line,
                        netlist_.library_->file()));
}

void NetlistBuilder::add_cell(const std::string& name, const LibraryCell& type,
                              const Json& description) {
  const JsonPath place = path("cells", name);
  const auto index = static_cast<CellIndex>(netlist_.cells_.size());
  Cell cell{name, &type, std::vector<NetIndex>(type.pins.size(), kNone)};
  for (const auto& [pin_name, bits] : json_.object(description, "connections", place).items()) {
    connect(cell, pin_name, bits);
  }
  for (const int pin : type.inputs) {
    const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
    if (net == kNone) {
      throw json_.bad(fmt::format("cell '{}': input {} is not connected", name,
                                  type.pins[static_cast<std::size_t>(pin)].name),
                      place);
    }
    netlist_.nets_[static_cast<std::size_t>(net)].loads.push_back({index, pin});
  }
  for (const int pin : type.outputs) {
    const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
    if (net == kNone) continue;
    mark_driven(
        net,
        fmt::format("output {} of cell '{}'", type.pins[static_cast<std::size_t>(pin)].name, name),
        place);
    netlist_.nets_[static_cast<std::size_t>(net)].driver = {index, pin};
  }
  if (type.is_register()) netlist_.registers_.push_back(index);
  netlist_.cells_.push_back(std::move(cell));
}

void NetlistBuilder::connect(Cell& cell, const std::string& pin_name, const Json& bits) {
  const int pin = cell.type->pin_index(pin_name);
  const JsonPath place = path("cells", cell.name);
  if (pin == kNone || !bits.is_array() || bits.size() > 1) {
    throw json_.bad(
        fmt::format("cell '{}': {} has no one-bit pin {}", cell.name, cell.type->name, pin_name),
        place);
  }
  const bool is_output =
      cell.type->pins[static_cast<std::size_t>(pin)].direction == PinDirection::output;
  // An output may be left open.
  if (bits.empty() || (is_output && is_undefined(bits[0]))) return;
  cell.nets[static_cast<std::size_t>(pin)] =
      net_of(bits[0], fmt::format("cell '{}': pin {}", cell.name, pin_name), place);
}

void NetlistBuilder::mark_driven(NetIndex net, const std::string& driver, const JsonPath& place) {
  if (netlist_.is_constant(net)) {
    throw json_.bad(fmt::format("{} drives a constant", driver), place);
  }
  if (driven_[static_cast<std::size_t>(net)]) {
    throw json_.bad(fmt::format("{} drives a net that has a driver already", driver), place);
  }
  driven_[static_cast<std::size_t>(net)] = true;
}

// A net can have several names; the shortest, then first, is the one people recognise.
void NetlistBuilder::read_names(const Json& module) {
  const JsonPath module_path{"modules", netlist_.top_};
  for (const auto& [name, description] : json_.object(module, "netnames", module_path).items()) {
    if (!description.is_object()) {
      throw json_.bad(fmt::format("net name '{}' is no object", name), module_path);
    }
    const JsonPath place = path("netnames", name);
    const Json& bits = json_.array(description, "bits", place);
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (bits[i].is_string()) continue;
      const NetIndex index = net_of(bits[i], fmt::format("net name '{}'", name), place);
      const std::string bit_name =
          bits.size() == 1
              ? name
              : fmt::format("{}[{}]", name, declared_index(description, i, bits.size()));
      std::string& current = netlist_.nets_[static_cast<std::size_t>(index)].name;
      if (current.empty() || bit_name.size() < current.size()) current = bit_name;
    }
  }
  for (const auto& [number, index] : net_numbers_) {
    std::string& current = netlist_.nets_[static_cast<std::size_t>(index)].name;
    if (current.empty()) current = fmt::format("net${}", number);
  }
}

}  // namespace togglewise::tech
