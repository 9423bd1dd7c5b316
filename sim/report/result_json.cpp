#include "sim/report/result_json.h"

#include "sim/base/files.h"
#include "sim/base/version.h"
#include "sim/energy/gating_study.h"
#include "sim/report/energy_sums.h"
#include "sim/report/network_report.h"

namespace togglewise::report {
namespace {

Json pe_toggles_json(const array::PeToggles& toggles) {
  return {{"active", toggles.active},
          {"idle_rows", toggles.idle_rows},
          {"idle_columns", toggles.idle_columns}};
}

}  // namespace

std::string tool_version() { return kVersion; }

Json result_header(const std::string& command, std::uint64_t seed) {
  return {
      {"tool", "togglewise"}, {"version", tool_version()}, {"command", command}, {"seed", seed}};
}

Json hardware_json(const config::HardwareConfig& hardware) {
  Json json = {{"name", hardware.name},
               {"file", hardware.file.string()},
               {"rows", hardware.array.rows},
               {"columns", hardware.array.columns},
               {"weight_bits", hardware.array.weight_bits},
               {"activation_bits", hardware.array.activation_bits},
               {"partial_sum_bits", hardware.array.partial_sum_bits},
               {"double_buffered_weights", hardware.array.double_buffered_weights},
               {"clock_period_ps", hardware.clock_period_ps},
               {"liberty", hardware.technology.liberty.string()},
               {"grouping", hardware.energy.grouping}};
  if (!hardware.gating.any()) return json;
  Json gating = Json::object();
  for (const energy::GatingOption& option : energy::gating_options()) {
    gating[option.name] = hardware.gating.*option.member;
  }
  json["gating"] = gating;
  return json;
}

Json model_json(const ModelIdentity& model) {
  return {{"name", model.name}, {"file", model.file}, {"hash", model.hash}};
}

Json toggles_json(const array::ToggleCounts& toggles) {
  return {{"partial_sum", pe_toggles_json(toggles.partial_sum)},
          {"activation", pe_toggles_json(toggles.activation)},
          {"weight", toggles.weight},
          {"shadow_weight", toggles.shadow_weight},
          {"skew", toggles.skew},
          {"deskew", toggles.deskew},
          {"weight_update", toggles.weight_update}};
}

Json simulate_json(const SimulateRun& run, const energy::NetworkEnergy& network) {
  Json result = result_header("simulate", run.seed);
  result["fidelity"] = energy::to_string(network.fidelity);
  result["timing_model"] = network.timing;
  result["hardware"] = hardware_json(*run.hardware);
  result["model"] = model_json(run.model);
  result["workload"] = run.workload;
  result["images"] = network.images;
  result["image_source"] = run.image_source;
  result["confidence_interval"] = interval_json(network);
  if (!run.sources.empty()) result["sources"] = sources_json(run.sources);
  result["layers"] = layers_json(network, run.hardware->clock_period_ps);
  result["total"] = total_json(network, run.hardware->clock_period_ps);
  result["timing"] = {{"seconds", run.seconds}};
  require_sums_agree(result, "simulate");
  return result;
}

void write_result(const std::filesystem::path& file, const Json& result) {
  write_file_atomically(file, result.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace togglewise::report
