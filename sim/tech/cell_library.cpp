#include "sim/tech/cell_library.h"

namespace togglewise::tech {

const LibraryCell* CellLibrary::find(const std::string& cell_name) const {
  const auto found = index_.find(cell_name);
  return found == index_.end() ? nullptr : &cells_[found->second];
}

std::vector<std::string> CellLibrary::cell_names() const {
  std::vector<std::string> names;
  for (const LibraryCell& cell : cells_) names.push_back(cell.name);
  return names;
}

int LibraryCell::pin_index(const std::string& pin_name) const {
  for (std::size_t i = 0; i < pins.size(); ++i) {
    if (pins[i].name == pin_name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace togglewise::tech
