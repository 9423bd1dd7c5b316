// What an interrupted `map` leaves beside its output, so that the next run goes on after the last
// finished layer.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/mapping/mapping_search.h"

namespace togglewise::cli {

class MappingMemory {
 public:
  // `fingerprint` stands for all input of the search: what belongs to another one is not used, nor
  // is a file that is damaged. `traces` have the searched layers.
  MappingMemory(std::filesystem::path file, std::string fingerprint, const network::Traces& traces);

  // They refer to this object.
  mapping::SearchMemory hooks();
  std::size_t known_layers() const { return records_.size(); }
  // The search has ended.
  void forget();

 private:
  void load();
  void save() const;

  std::filesystem::path file_;
  std::string fingerprint_;
  const network::Traces& traces_;
  std::map<std::size_t, std::string> records_;  // by layer: JSON, one line each
};

}  // namespace togglewise::cli
