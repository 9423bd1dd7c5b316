// A Liberty file of any size: the cells of an installed library, over and over under new names.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/base/files.h"

namespace togglewise::bench {

// Returns how many cells it holds.
inline std::size_t write_replicated_library(const std::filesystem::path& original,
                                            const std::filesystem::path& target,
                                            std::size_t at_least_bytes) {
  const std::string text = read_file(original);
  const std::string begin_of_cell = "\ncell (";
  const std::size_t head = text.find(begin_of_cell);
  const std::string cells = text.substr(head, text.rfind('}') - head);
  std::ofstream file(target, std::ios::binary);
  file << text.substr(0, head);
  std::size_t written = head;
  std::size_t count = 0;
  for (int copy = 0; written < at_least_bytes; ++copy) {
    const std::string prefix = begin_of_cell + "COPY" + std::to_string(copy) + "_";
    for (std::size_t cell = 0; cell < cells.size();) {
      const std::size_t name = cell + begin_of_cell.size();
      const std::size_t next = std::min(cells.find(begin_of_cell, name), cells.size());
      file << prefix << std::string_view(cells).substr(name, next - name);
      written += prefix.size() + next - name;
      ++count;
      cell = next;
    }
  }
  file << "}\n";
  return count;
}

}  // namespace togglewise::bench
