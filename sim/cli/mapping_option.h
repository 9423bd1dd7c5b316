// --mapping: how a run's layers lie on the array, from a file or from the model's own metadata.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "sim/config/hardware_config.h"
#include "sim/mapping/mapping_file.h"
#include "sim/network/traces.h"
#include "sim/report/result_json.h"

namespace CLI {
class App;
}

namespace togglewise::cli {

// The model's metadata that holds a mapping's text: `compress --mapping` leaves it there.
constexpr const char* kMappingMetadata = "togglewise.mapping";
// As --mapping: the model's own mapping is not used either.
constexpr const char* kNoMapping = "none";

struct ChosenMapping {
  mapping::NetworkMapping mapping;
  std::string source;  // the file; "metadata of MODEL"
  std::string hash;    // hash_bytes of its text
};

// `from_model`: whether the command has a model whose metadata is looked at.
enum class ModelMapping { none, used };
void add_mapping_option(CLI::App& command, std::string& option, ModelMapping from_model);

// Absent where `option` is "none", or empty and `metadata` holds no mapping. Throws what
// read_mapping() throws, and TW-FILE-001.
std::optional<ChosenMapping> load_mapping(const std::string& option,
                                          const std::map<std::string, std::string>& metadata,
                                          const std::string& model_file);

// Checks that it fits and gives it to the traces' layers; says where it was made for another
// network's weights. Throws TW-MAP-003, -004, -006, -007, -008.
void apply_mapping(const ChosenMapping& mapping, const config::HardwareConfig& hardware,
                   network::Traces& traces);

// {"source", "hash", "network", "network_hash", "partial_sum_offset", "needs"}; null when there is
// none.
report::Json mapping_json(const std::optional<ChosenMapping>& mapping);

}  // namespace togglewise::cli
