// The mapping that a command was given, or that the model brings with it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/mapping/mapping_file.h"

namespace togglewise::mapping {

// The model's metadata that holds a mapping's text: `compress --mapping` leaves it there.
constexpr const char* kMappingMetadata = "togglewise.mapping";
// In place of a file: the model's own mapping is not used either.
constexpr const char* kNoMapping = "none";

struct ChosenMapping {
  NetworkMapping mapping;
  std::string text;    // as the file and the metadata hold it
  std::string source;  // the file; "metadata of MODEL"
  std::string hash;    // hash_bytes of the text
};

// Absent where `option` is "none", or empty and `metadata` holds no mapping. Throws what
// parse_mapping() throws, and TW-FILE-001.
std::optional<ChosenMapping> load_mapping(const std::string& option,
                                          const std::map<std::string, std::string>& metadata,
                                          const std::string& model_file);

}  // namespace togglewise::mapping
