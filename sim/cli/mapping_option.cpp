#include "sim/cli/mapping_option.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/progress_printer.h"
#include "sim/mapping/mapping_check.h"

namespace togglewise::cli {

void add_mapping_option(CLI::App& command, std::string& option, ModelMapping from_model) {
  std::string help = "how the layers lie on the array, as `map` wrote it (mapping.json)";
  if (from_model == ModelMapping::used) {
    help += "; default: the one in the model's metadata, if any; none: the natural one";
  }
  command.add_option("--mapping", option, help);
}

void apply_mapping(const ChosenMapping& mapping, const config::HardwareConfig& hardware,
                   network::Traces& traces) {
  mapping::apply_mapping(mapping.mapping, hardware, mapping.source, traces);
  announce(fmt::format("mapping: {}{}", mapping.source,
                       mapping.mapping.model_hash == traces.model_hash
                           ? ""
                           : ", found for other weights of this network"));
}

report::Json mapping_json(const std::optional<ChosenMapping>& mapping) {
  if (!mapping) return nullptr;
  return {{"source", mapping->source},
          {"hash", mapping->hash},
          {"network", mapping->mapping.network_name},
          {"network_hash", mapping->mapping.model_hash},
          {"partial_sum_offset", mapping->mapping.partial_sum_offset},
          {"needs", mapping::needed_permissions(mapping->mapping)}};
}

}  // namespace togglewise::cli
