#include "sim/tech/netlist.h"

#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/nearest.h"

namespace togglewise::tech {

using Json = nlohmann::json;

// Reads the top module of yosys' JSON: its "bits" are net numbers, or "0", "1", "x" for constants.
class NetlistBuilder {
 public:
  NetlistBuilder(std::string file, std::shared_ptr<const CellLibrary> library)
      : file_(std::move(file)) {
    netlist_.library_ = std::move(library);
    netlist_.nets_.resize(2);
    netlist_.nets_[0].name = "1'b0";
    netlist_.nets_[1].name = "1'b1";
  }

  Netlist build(const std::string& text) {
    netlist_.hash_ = hash_bytes(text);
    try {
      const Json document = Json::parse(text);
      const Json& module = find_top(document);
      read_ports(module.at("ports"));
      read_cells(module.at("cells"));
      read_names(module.at("netnames"));
    } catch (const Json::exception& problem) {
      throw bad_file(problem.what());
    }
    require_drivers();
    find_clock();
    sort_combinational_cells();
    return std::move(netlist_);
  }

 private:
  Error bad_file(const std::string& message) const {
    return Error::input("TW-NET-002", message)
        .at(file_)
        .expected("a netlist of library cells as yosys' write_json gives it");
  }

  // The module marked as top, or the only one with cells (library cells are listed as modules too).
  const Json& find_top(const Json& document) {
    const Json* top = nullptr;
    for (const auto& [name, module] : document.at("modules").items()) {
      const Json& attributes = module.at("attributes");
      if (attributes.contains("blackbox")) continue;
      if (top == nullptr || attributes.contains("top")) {
        top = &module;
        netlist_.top_ = name;
      }
    }
    if (top == nullptr) throw bad_file("the file holds no module");
    return *top;
  }

  NetIndex net_of(const Json& bit) {
    if (bit.is_string()) return bit.get<std::string>() == "1" ? 1 : 0;
    const auto [entry, is_new] =
        net_numbers_.try_emplace(bit.get<int>(), static_cast<NetIndex>(netlist_.nets_.size()));
    if (is_new) netlist_.nets_.emplace_back();
    return entry->second;
  }

  void read_ports(const Json& ports) {
    for (const auto& [name, description] : ports.items()) {
      Port port;
      port.name = name;
      port.is_input = description.at("direction").get<std::string>() == "input";
      for (const Json& bit : description.at("bits")) port.bits.push_back(net_of(bit));
      for (const NetIndex net : port.bits) {
        if (port.is_input) {
          mark_driven(net);
        } else {
          netlist_.nets_[static_cast<std::size_t>(net)].is_output = true;
        }
      }
      netlist_.ports_.push_back(std::move(port));
    }
  }

  void read_cells(const Json& cells) {
    for (const auto& [name, description] : cells.items()) {
      const auto type_name = description.at("type").get<std::string>();
      const LibraryCell* type = netlist_.library_->find(type_name);
      if (type == nullptr) throw missing_cell(name, type_name);
      if (!type->unsupported_reason.empty()) {
        throw Error::input("TW-NET-003",
                           fmt::format("cell '{}' is a {}, which cannot be simulated: {}", name,
                                       type_name, type->unsupported_reason))
            .at(file_)
            .expected("combinational cells and edge-triggered registers");
      }
      add_cell(name, *type, description.at("connections"));
    }
  }

  Error missing_cell(const std::string& name, const std::string& type_name) const {
    const std::string near = nearest_name(type_name, netlist_.library_->cell_names());
    Error error =
        Error::input("TW-NET-001",
                     fmt::format("cell '{}' is a {}, which library {} ({}) does not have", name,
                                 type_name, netlist_.library_->name(), netlist_.library_->file()))
            .at(file_)
            .expected("a netlist made for this library");
    return near.empty() ? error : std::move(error).hint(fmt::format("did you mean {}?", near));
  }

  void add_cell(const std::string& name, const LibraryCell& type, const Json& connections) {
    const auto index = static_cast<CellIndex>(netlist_.cells_.size());
    Cell cell{name, &type, std::vector<NetIndex>(type.pins.size(), kNone)};
    for (const auto& [pin_name, bits] : connections.items()) {
      const int pin = type.pin_index(pin_name);
      if (pin == kNone || bits.size() != 1) {
        throw bad_file(
            fmt::format("cell '{}': {} has no one-bit pin {}", name, type.name, pin_name));
      }
      cell.nets[static_cast<std::size_t>(pin)] = net_of(bits[0]);
    }
    for (const int pin : type.inputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == kNone) {
        throw bad_file(fmt::format("cell '{}': input {} is not connected", name,
                                   type.pins[static_cast<std::size_t>(pin)].name));
      }
      netlist_.nets_[static_cast<std::size_t>(net)].loads.push_back({index, pin});
    }
    for (const int pin : type.outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == kNone) continue;
      mark_driven(net);
      netlist_.nets_[static_cast<std::size_t>(net)].driver = {index, pin};
    }
    if (type.is_register()) netlist_.registers_.push_back(index);
    netlist_.cells_.push_back(std::move(cell));
  }

  void mark_driven(NetIndex net) {
    driven_.resize(netlist_.nets_.size(), false);
    if (driven_[static_cast<std::size_t>(net)] || netlist_.is_constant(net)) {
      throw bad_file("a net has two drivers");
    }
    driven_[static_cast<std::size_t>(net)] = true;
  }

  // A net can have several names; the shortest, then first, is the one people recognise.
  void read_names(const Json& names) {
    for (const auto& [name, description] : names.items()) {
      const Json& bits = description.at("bits");
      for (std::size_t i = 0; i < bits.size(); ++i) {
        const NetIndex index = net_of(bits[i]);
        if (netlist_.is_constant(index)) continue;
        const std::string bit_name = bits.size() == 1 ? name : fmt::format("{}[{}]", name, i);
        std::string& current = netlist_.nets_[static_cast<std::size_t>(index)].name;
        if (current.empty() || bit_name.size() < current.size()) current = bit_name;
      }
    }
  }

  void require_drivers() {
    driven_.resize(netlist_.nets_.size(), false);
    for (std::size_t i = 2; i < netlist_.nets_.size(); ++i) {
      const Net& net = netlist_.nets_[i];
      if (!driven_[i] && (net.is_output || !net.loads.empty())) {
        throw bad_file(fmt::format("net '{}' has no driver", net.name));
      }
    }
  }

  Error bad_clocking(const std::string& cell, const std::string& message) const {
    return Error::input("TW-NET-005", fmt::format("register '{}' {}", cell, message))
        .at(file_)
        .expected("registers on the rising edge of one input port, without active reset");
  }

  void find_clock() {
    for (const CellIndex index : netlist_.registers_) {
      const Cell& cell = netlist_.cell(index);
      const FlipFlop& flip_flop = *cell.type->flip_flop;
      const int pin = cell.type->pin_index(flip_flop.clocked_on);
      if (pin == kNone) throw bad_clocking(cell.name, "is not clocked by a rising edge");
      const NetIndex clock = cell.nets[static_cast<std::size_t>(pin)];
      if (netlist_.net(clock).driver.cell != kNone || netlist_.is_constant(clock)) {
        throw bad_clocking(cell.name, "has a gated clock");
      }
      if (netlist_.clock_net_ != kNone && netlist_.clock_net_ != clock) {
        throw bad_clocking(cell.name, "has another clock than the registers before it");
      }
      netlist_.clock_net_ = clock;
      require_inactive(cell, flip_flop.clear, "clear");
      require_inactive(cell, flip_flop.preset, "preset");
    }
  }

  // Asynchronous pins may only be tied off.
  void require_inactive(const Cell& cell, const std::optional<TruthTable>& function,
                        const std::string& what) const {
    if (!function) return;
    TruthTable rest = *function;
    for (int i = rest.variables - 1; i >= 0; --i) {
      const NetIndex net =
          cell.nets[static_cast<std::size_t>(cell.type->inputs[static_cast<std::size_t>(i)])];
      if (netlist_.is_constant(net)) rest = rest.cofactor(i, net == netlist_.constant_net(true));
    }
    if (rest.bits != 0) throw bad_clocking(cell.name, fmt::format("uses an asynchronous {}", what));
  }

  // Kahn's algorithm; order among ready cells follows their index, so it is reproducible.
  void sort_combinational_cells() {
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
    if (ready.size() != combinational) {
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        if (waiting[i] <= 0) continue;
        throw Error::input("TW-NET-004",
                           fmt::format("cell '{}' lies on or behind a combinational loop",
                                       netlist_.cells_[i].name))
            .at(file_)
            .expected("a synchronous circuit");
      }
    }
    netlist_.combinational_order_ = std::move(ready);
  }

  std::string file_;
  Netlist netlist_;
  std::map<int, NetIndex> net_numbers_;
  std::vector<bool> driven_;
};

Netlist Netlist::parse(const std::string& json, const std::string& file,
                       std::shared_ptr<const CellLibrary> library) {
  return NetlistBuilder(file, std::move(library)).build(json);
}

Netlist Netlist::read(const std::filesystem::path& json_file,
                      std::shared_ptr<const CellLibrary> library) {
  return parse(read_file(json_file), json_file.string(), std::move(library));
}

const Port* Netlist::port(const std::string& name) const {
  for (const Port& candidate : ports_) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

double Netlist::area() const {
  double sum = 0.0;
  for (const Cell& cell : cells_) sum += cell.type->area;
  return sum;
}

double Netlist::leakage_nw() const {
  double sum = 0.0;
  for (const Cell& cell : cells_) sum += cell.type->leakage_nw;
  return sum;
}

}  // namespace togglewise::tech
