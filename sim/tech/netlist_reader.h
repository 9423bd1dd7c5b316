// yosys' JSON → Netlist.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/tech/netlist.h"
#include "sim/tech/netlist_json.h"

namespace togglewise::tech {

// Reads the top module: its "bits" are net numbers, or "0", "1", "x", "z" for constants. Used once.
class NetlistBuilder {
 public:
  // `text` must outlive this.
  NetlistBuilder(const std::string& text, const std::string& file,
                 std::shared_ptr<const CellLibrary> library, Clocks clocks = Clocks::one);

  Netlist build();  // throws TW-NET-001 … TW-NET-005

 private:
  // netlist_reader.cpp: from JSON to nets, cells and ports
  const Json& find_top();
  JsonPath path(const char* section, const std::string& name) const;
  NetIndex net_of(const Json& bit, const std::string& where, const JsonPath& place);
  void read_ports(const Json& module);
  void read_cells(const Json& module);
  void add_cell(const std::string& name, const LibraryCell& type, const Json& description);
  void connect(Cell& cell, const std::string& pin_name, const Json& bits);
  void read_names(const Json& module);
  void mark_driven(NetIndex net, const std::string& driver, const JsonPath& place);
  Error missing_cell(const std::string& name, const std::string& type_name) const;
  Error unusable_cell(const std::string& name, const LibraryCell& type) const;

  // netlist_rules.cpp: what must hold for all of it
  void require_drivers() const;
  void find_clock();
  void require_inactive(const Cell& cell, const std::optional<TruthTable>& function,
                        const std::string& what) const;
  void require_no_memory(const Cell& cell) const;
  TruthTable without_constants(const Cell& cell, const TruthTable& function) const;
  void sort_combinational_cells();
  Error bad_clocking(const Cell& cell, const std::string& message) const;
  Error loop_through(const std::vector<int>& waiting) const;

  NetlistJson json_;
  Clocks clocks_;
  Netlist netlist_;
  std::map<std::int64_t, NetIndex> net_numbers_;
  std::vector<bool> driven_;  // per net
};

}  // namespace togglewise::tech
