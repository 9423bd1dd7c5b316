// --mapping: how a run's layers lie on the array, from a file or from the model's own metadata.
#pragma once

#include <optional>
#include <string>

#include "sim/config/hardware_config.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/network/traces.h"
#include "sim/report/result_json.h"

namespace CLI {
class App;
}

namespace togglewise::cli {

using mapping::ChosenMapping;
using mapping::kNoMapping;
using mapping::load_mapping;

// `from_model`: whether the command has a model whose metadata is looked at.
enum class ModelMapping { none, used };
void add_mapping_option(CLI::App& command, std::string& option, ModelMapping from_model);

// Checks that it fits and gives it to the traces' layers; says where it was made for another
// network's weights. Throws TW-MAP-003, -004, -006, -007, -008.
void apply_mapping(const ChosenMapping& mapping, const config::HardwareConfig& hardware,
                   network::Traces& traces);

// {"source", "hash", "network", "network_hash", "partial_sum_offset", "needs"}; null when there is
// none.
report::Json mapping_json(const std::optional<ChosenMapping>& mapping);

}  // namespace togglewise::cli
