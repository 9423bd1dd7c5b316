// Puts a value at a dotted path into a YAML tree. Used by YamlDocument only: it keeps yaml-cpp out
// of yaml_reader.h.
#pragma once

#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "sim/config/yaml_reader.h"

namespace togglewise::config {

// `top`, a block or nothing, with the override's value. Blocks on the way are copied: an alias may
// share them with other keys. `opened` gets the paths of the blocks that `top` did not have. Throws
// TW-CFG-001 when the value is no YAML, TW-CFG-002 when a value stands where a block is needed.
YAML::Node with_override(const YAML::Node& top, const YamlOverride& replacement,
                         std::vector<std::string>& opened);

}  // namespace togglewise::config
