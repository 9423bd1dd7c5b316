#include "sim/cli/activity_json.h"

#include <fmt/format.h>

#include "sim/report/console_table.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

using report::Json;

std::string timing_name(const ActivityRun& run) { return run.hardware->energy.timing; }

Json energy_json(const activity::ActivityEnergy& energy) {
  return {{"toggles", energy.toggles},
          {"internal_fj", energy.internal_fj},
          {"switching_fj", energy.switching_fj},
          {"passive_fj", energy.passive_fj},
          {"dynamic_fj", energy.dynamic_fj()}};
}

Json nets_json(const energy::MacHardware& hardware, const ActivityExport& result) {
  const tech::Netlist& mac = hardware.netlist();
  Json nets = Json::array();
  for (std::size_t i = 2; i < mac.nets().size(); ++i) {
    if (static_cast<int>(i) == mac.clock_net()) continue;
    const tech::NetEnergy& one = hardware.netlist_energy().nets[i];
    Json net;
    net["name"] = mac.nets()[i].name;
    net["component"] = tech::component_name(one.component);
    net["settled_toggles"] = result.settled_toggles[i];
    net.update(energy_json(activity::energy_of(result.sums.toggles[i], one)));
    net["dynamic_fj_per_toggle"] = one.total_fj();
    nets.push_back(std::move(net));
  }
  return nets;
}

Json conditions_json(const ActivityRun& run, const energy::MacHardware& hardware) {
  const tech::EnergyParameters& parameters = hardware.netlist_energy().parameters;
  Json json{{"liberty", run.hardware->technology.liberty.string()},
            {"netlist_hash", hardware.netlist().hash()},
            {"voltage_v", hardware.netlist().library().voltage()},
            {"input_slew_ns", parameters.input_slew_ns},
            {"wire_capacitance_ff_per_fanout", parameters.wire_capacitance_ff_per_fanout},
            {"timing", timing_name(run)}};
  if (hardware.counts_glitches()) json["quantum_ps"] = hardware.quantum_ps();
  return json;
}

}  // namespace

Json activity_json(const ActivityRun& run, const energy::MacHardware& hardware,
                   const ActivityExport& result) {
  const ActivitySelection& selection = *run.selection;
  Json json = report::result_header("export-activity", run.seed);
  json["hardware"] = report::hardware_json(*run.hardware);
  if (run.source->model) json["model"] = report::model_json(*run.source->model);
  json["workload"] = run.source->workload;
  json["operand_source"] = run.source->operand_source;
  json["synthetic_operands"] = run.source->synthetic;
  json["first_image"] = run.request->image;
  json["images"] = run.request->images;
  json["layer"] = selection.layer_name;
  json["layer_index"] = selection.layer;
  json["tile"] = selection.tile;
  json["conditions"] = conditions_json(run, hardware);
  json["cycles"] = result.timeline.cycles;
  json["clock_period_ps"] = result.timeline.period_ps;
  json["duration_ps"] = result.timeline.duration_ps();
  json["files"] = result.files;
  Json total = energy_json(result.energy.total);
  total["clock_fj"] = result.clock_fj;
  total["leakage_fj"] = result.leakage_fj;
  total["total_fj"] = result.energy.total.dynamic_fj() + result.clock_fj + result.leakage_fj;
  json["energy"] = std::move(total);
  for (std::size_t c = 0; c < result.energy.by_component.size(); ++c) {
    if (result.energy.by_component[c].toggles == 0) continue;
    json["components"][tech::component_name(static_cast<tech::Component>(c))] =
        energy_json(result.energy.by_component[c]);
  }
  for (const ActivityPe& pe : result.pes) {
    json["pes"].push_back({{"row", pe.position.row},
                           {"column", pe.position.column},
                           {"weight", pe.position.weight},
                           {"toggles", pe.energy.toggles},
                           {"dynamic_fj", pe.energy.dynamic_fj()}});
  }
  json["nets"] = nets_json(hardware, result);
  return json;
}

std::string activity_text(const ActivityRun& run, const ActivityExport& result) {
  using Column = report::ConsoleTable::Column;
  report::ConsoleTable table({Column{"Component", "", report::ConsoleTable::Align::left},
                              {"toggles", ""},
                              {"internal", "pJ"},
                              {"switching", "pJ"},
                              {"passive", "pJ"},
                              {"dynamic", "pJ"}});
  const auto add = [&](const std::string& name, const activity::ActivityEnergy& energy) {
    table.add_row({name, std::to_string(energy.toggles),
                   report::format_fixed(energy.internal_fj * 1e-3, 3),
                   report::format_fixed(energy.switching_fj * 1e-3, 3),
                   report::format_fixed(energy.passive_fj * 1e-3, 3),
                   report::format_fixed(energy.dynamic_fj() * 1e-3, 3)});
  };
  for (std::size_t c = 0; c < result.energy.by_component.size(); ++c) {
    if (result.energy.by_component[c].toggles == 0) continue;
    add(tech::component_name(static_cast<tech::Component>(c)), result.energy.by_component[c]);
  }
  table.add_rule();
  add("total", result.energy.total);
  const ActivitySelection& selection = *run.selection;
  const std::string pes =
      result.pes.size() == 1
          ? fmt::format("PE {},{} (weight {})", result.pes[0].position.row,
                        result.pes[0].position.column, result.pes[0].position.weight)
          : fmt::format("{} PEs", result.pes.size());
  return fmt::format(
      "{} of tile {} of layer '{}', {}, timing {}, {} cycles\n\n{}\n"
      "clock {:.3f} pJ, leakage {:.3f} pJ\n",
      pes, selection.tile, selection.layer_name, run.source->operand_source, timing_name(run),
      result.timeline.cycles, table.text(), result.clock_fj * 1e-3, result.leakage_fj * 1e-3);
}

}  // namespace togglewise::cli
