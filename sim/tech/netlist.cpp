#include "sim/tech/netlist.h"

#include <utility>

#include "sim/base/files.h"
#include "sim/tech/netlist_reader.h"

namespace togglewise::tech {

Netlist Netlist::parse(const std::string& json, const std::string& file,
                       std::shared_ptr<const CellLibrary> library, Clocks clocks) {
  return NetlistBuilder(json, file, std::move(library), clocks).build();
}

Netlist Netlist::read(const std::filesystem::path& json_file,
                      std::shared_ptr<const CellLibrary> library, Clocks clocks) {
  return parse(read_file(json_file), json_file.string(), std::move(library), clocks);
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
