// How many documents a YAML text holds, without building them.
#pragma once

#include <string>

#include <yaml-cpp/yaml.h>

namespace togglewise::config {

struct YamlDocumentCount {
  int documents = 0;  // 0, 1, or 2 for more than one
  YAML::Mark second;  // where the second begins
};

// yaml-cpp's LoadAll() never returns on some malformed texts (it finds one empty document after the
// other at the same place), so documents are counted one by one and no further than two. Throws
// YAML::Exception for what is not YAML.
YamlDocumentCount count_yaml_documents(const std::string& text);

}  // namespace togglewise::config
