#include "sim/cli/gating_run.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/gating_study.h"
#include "sim/energy/mac_hardware.h"
#include "sim/report/console_table.h"
#include "sim/report/number_format.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {
namespace {

using report::Json;

Json totals_json(const energy::CellTotals& pe, const energy::CellTotals& array) {
  return {{"pe_area", pe.area},
          {"pe_leakage_nw", pe.leakage_nw},
          {"array_area", array.area},
          {"array_leakage_nw", array.leakage_nw}};
}

Json trial_json(const energy::GatingStudy& study, const energy::GatingTrial& trial) {
  const energy::EnergyBreakdown energy = trial.energy.energy_per_image();
  Json lines = Json::object();
  for (const auto& [name, fj] : energy.lines()) lines[name] = fj;
  Json options = Json::object();
  const array::Gating gating = trial.hardware ? trial.hardware->gating() : array::Gating();
  for (const energy::GatingOption& option : energy::gating_options()) {
    options[option.name] = gating.*option.member;
  }
  Json json = {{"name", trial.name},
               {"gating", options},
               {"meets_clock", trial.meets_clock},
               {"critical_path_ps", trial.timing.critical_path_ps},
               {"enable_path_ps", trial.timing.enable_path_ps},
               {"mac_dynamic_fj_per_image", energy.mac_dynamic_fj()},
               {"dynamic_fj_per_image", energy.dynamic_fj()},
               {"total_fj_per_image", energy.total_fj()},
               {"saved_dynamic", study.saved_dynamic(trial)},
               {"saved_total", study.saved_total(trial)},
               {"energy_fj_per_image", lines}};
  if (!trial.hardware) return json;
  energy::GatedClock clock;
  for (const energy::LayerEnergy& layer : trial.energy.layers) {
    if (layer.gated_clock) clock += *layer.gated_clock;
  }
  Json domains = Json::object();
  for (const auto& [name, fj] : clock.lines()) domains[name] = fj;
  json["clock_fj_per_image"] = domains;
  json["cells"] = totals_json(trial.hardware->pe_totals(), trial.hardware->array_totals());
  json["cells_ungated"] =
      totals_json(trial.hardware->pe_totals_ungated(), trial.hardware->array_totals_ungated());
  json["lacks_areas"] = trial.hardware->lacks_areas();
  return json;
}

std::string study_text(const energy::GatingStudy& study) {
  using Align = report::ConsoleTable::Align;
  report::ConsoleTable table({{"Gating", "", Align::left},
                              {"Dynamic", "nJ/image"},
                              {"saved", "%"},
                              {"Total", "nJ/image"},
                              {"saved", "%"},
                              {"Clock", "nJ/image"},
                              {"PE area", ""},
                              {"Array area", ""},
                              {"Critical path", "ps"}});
  bool lacks_areas = false;
  for (const energy::GatingTrial& trial : study.trials) {
    const energy::EnergyBreakdown energy = trial.energy.energy_per_image();
    const auto change = [&](double before, double after) {
      return trial.hardware ? report::format_change(report::relative_change(before, after)) : "";
    };
    const auto area = [&](auto gated, auto ungated) {
      if (!trial.hardware) return std::string();
      return change(((*trial.hardware).*ungated)().area, ((*trial.hardware).*gated)().area);
    };
    using Hardware = energy::GatingHardware;
    table.add_row({trial.name, report::format_fixed(energy.dynamic_fj() * 1e-6, 2),
                   report::format_fixed(100 * study.saved_dynamic(trial), 1),
                   report::format_fixed(energy.total_fj() * 1e-6, 2),
                   report::format_fixed(100 * study.saved_total(trial), 1),
                   report::format_fixed(energy.clock_fj * 1e-6, 2),
                   area(&Hardware::pe_totals, &Hardware::pe_totals_ungated),
                   area(&Hardware::array_totals, &Hardware::array_totals_ungated),
                   report::format_fixed(trial.timing.critical_path_ps, 0) +
                       (trial.meets_clock ? "" : " too slow")});
    lacks_areas = lacks_areas || (trial.hardware && trial.hardware->lacks_areas());
  }
  std::string text = table.text();
  text += fmt::format("\nThe best set is that of the least total energy of all {}.\n", study.sets);
  if (lacks_areas) {
    text += "Areas lack the clock gates' latches: the library gives theirs as 0.\n";
  }
  return text;
}

}  // namespace

void run_gating_study(const config::HardwareConfig& config, const WorkloadSource& source,
                      const EnergyRunParams& params) {
  announce(fmt::format("synthesizing the MAC and what gating adds onto {}",
                       config.technology.liberty.filename().string()));
  config::HardwareConfig ungated = config;
  ungated.gating = {};
  const Stopwatch watch;
  const energy::MacHardware hardware(ungated);
  std::optional<energy::EnergyTables> tables;
  if (!params.tables.empty()) {
    tables = energy::read_tables(params.tables);
    energy::require_tables_match(*tables, hardware, params.tables.string());
    energy::require_activations(*tables, *source.traces, params.tables.string());
  }
  const energy::GatingStudy study =
      energy::study_gating(hardware, *source.traces, params.fidelities.back(),
                           tables ? &*tables : nullptr, params.threads, make_progress_printer());
  const energy::NetworkEnergy& none = study.trials.front().energy;
  Json result = report::result_header("gating_study", params.seed);
  result["fidelity"] = energy::to_string(none.fidelity);
  result["timing_model"] = none.timing;
  result["hardware"] = report::hardware_json(ungated);
  result["model"] = report::model_json(*source.model);
  result["workload"] = source.workload;
  result["images"] = none.images;
  result["image_source"] = source.operand_source;
  result["sets"] = study.sets;
  result["trials"] = Json::array();
  for (const energy::GatingTrial& trial : study.trials) {
    result["trials"].push_back(trial_json(study, trial));
  }
  result["timing"] = {{"seconds", watch.seconds()}};
  report::write_result(params.out / "gating-study.json", result);
  fmt::print("{} on {}, {}, fidelity {}, {}\n\n{}", source.name, config.name, source.operand_source,
             energy::to_string(none.fidelity), none.timing, study_text(study));
}

}  // namespace togglewise::cli
