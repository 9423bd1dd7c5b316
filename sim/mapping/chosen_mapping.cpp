#include "sim/mapping/chosen_mapping.h"

#include "sim/base/files.h"
#include "sim/base/hash.h"

namespace togglewise::mapping {

std::optional<ChosenMapping> load_mapping(const std::string& option,
                                          const std::map<std::string, std::string>& metadata,
                                          const std::string& model_file) {
  if (option == kNoMapping) return std::nullopt;
  ChosenMapping chosen;
  if (!option.empty()) {
    chosen.source = option;
    chosen.text = read_file(option);
  } else {
    const auto entry = metadata.find(kMappingMetadata);
    if (entry == metadata.end()) return std::nullopt;
    chosen.source = "metadata of " + model_file;
    chosen.text = entry->second;
  }
  chosen.hash = hash_bytes(chosen.text);
  chosen.mapping = parse_mapping(chosen.text, chosen.source);
  return chosen;
}

}  // namespace togglewise::mapping
