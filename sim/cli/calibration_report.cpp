#include "sim/cli/calibration_report.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "sim/cli/calibration_quality.h"
#include "sim/report/console_table.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

using report::format_count;
using report::format_digits;
using report::format_fixed;
using tech::Component;

constexpr std::array<Component, 4> kCellComponents{Component::multiplier, Component::adder,
                                                   Component::partial_sum_register,
                                                   Component::activation_register};

report::Json components_json(const energy::MacHardware& hardware) {
  report::Json components = report::Json::object();
  for (const Component component : kCellComponents) {
    const tech::ComponentTotals& totals = hardware.netlist_energy().totals(component);
    components[tech::component_name(component)] = {
        {"cells", totals.cells},
        {"area_um2", totals.area},
        {"leakage_nw", totals.leakage_nw},
        {"clock_fj_per_cycle", totals.clock_fj_per_cycle}};
  }
  return components;
}

report::Json quantum_json(const gate::QuantumChoice& choice) {
  report::Json trials = report::Json::array();
  for (const gate::QuantumTrial& trial : choice.trials) {
    trials.push_back({{"quantum_ps", trial.quantum_ps}, {"transition_fj", trial.transition_fj}});
  }
  return {{"quantum_ps", choice.quantum_ps},
          {"transition_fj", choice.transition_fj},
          {"transition_fj_at_half_the_quantum", choice.half_transition_fj},
          {"relative_difference", choice.relative_difference},
          {"converged", choice.converged},
          {"median_cell_delay_ps", choice.median_delay_ps},
          {"trials", trials}};
}

report::Json notes_json(const tech::LibraryNotes& notes) {
  report::Json json = report::Json::array();
  for (const tech::LibraryNote& note : notes.all()) json.push_back(tech::describe(note));
  return json;
}

std::string mac_text(const energy::MacHardware& hardware) {
  const tech::TimingReport& timing = hardware.timing();
  std::string text = fmt::format(
      "MAC '{}' on {}: {} cells, {} flip-flops, {} µm²\n"
      "Critical path {} ps with {} ps of setup: up to {} MHz; the clock period is {} ps ({} MHz)\n"
      "Slew at the cells' inputs {} ns on average; energies are looked up at input_slew_ns = {}\n",
      hardware.config().mac.top, hardware.library().name(),
      format_count(hardware.netlist().cells().size()), hardware.netlist().registers().size(),
      format_fixed(hardware.netlist().area(), 0), format_fixed(timing.critical_path_ps, 0),
      format_fixed(timing.setup_ps, 0), format_fixed(timing.highest_clock_mhz(), 1),
      format_fixed(hardware.config().clock_period_ps, 0),
      format_fixed(1e6 / hardware.config().clock_period_ps, 1),
      format_digits(timing.mean_input_slew_ns, 2), hardware.config().technology.input_slew_ns);
  report::ConsoleTable table({{"Component", "", report::ConsoleTable::Align::left},
                              {"Cells", ""},
                              {"Area", "µm²"},
                              {"Clock", "fJ/cycle"},
                              {"Leakage", "nW"}});
  for (const Component component : kCellComponents) {
    const tech::ComponentTotals& totals = hardware.netlist_energy().totals(component);
    std::string name = tech::component_name(component);
    for (char& c : name) c = c == '_' ? ' ' : c;
    table.add_row({name, format_count(static_cast<std::uint64_t>(totals.cells)),
                   format_fixed(totals.area, 0), format_fixed(totals.clock_fj_per_cycle, 0),
                   format_digits(totals.leakage_nw, 3)});
  }
  return text + "\n" + table.text() +
         fmt::format("\nA PE, weight registers included: clock {} fJ and leakage {} fJ per cycle\n",
                     format_fixed(hardware.pe_clock_fj_per_cycle(), 0),
                     format_digits(hardware.pe_leakage_fj_per_cycle(), 3));
}

std::string timing_text(const energy::MacHardware& hardware) {
  std::string text = fmt::format("Gate engine: {}", hardware.engine().timing());
  if (const auto& choice = hardware.quantum_choice()) {
    text += fmt::format(
        ", chosen from the library (median cell delay {} ps): half the step changes the energy of "
        "a transition\nfrom {} to {} fJ ({})",
        format_fixed(choice->median_delay_ps, 0), format_fixed(choice->transition_fj, 1),
        format_fixed(choice->half_transition_fj, 1),
        report::format_change(
            report::relative_change(choice->transition_fj, choice->half_transition_fj)));
    if (!choice->converged) text += "; it had not converged, this is the finest one tried";
  }
  return text + "\n";
}

std::string notes_text(const tech::LibraryNotes& notes) {
  constexpr std::size_t kShown = 4;
  std::string text;
  for (std::size_t i = 0; i < notes.all().size() && i < kShown; ++i) {
    text += fmt::format("  {}\n", tech::describe(notes.all()[i]));
  }
  if (notes.all().size() > kShown) {
    text += fmt::format("  and {} more in calibrate.json\n", notes.all().size() - kShown);
  }
  return text.empty() ? text : "What of the library is not used:\n" + text;
}

std::string weights_text(const energy::EnergyTables& tables) {
  double mean = 0;
  int values = 0;
  for (const energy::WeightEnergy& weight : tables.weights) {
    mean += weight.mean_fj;
    values += weight.transitions > 0 ? 1 : 0;
  }
  mean /= values;
  report::ConsoleTable table({{"Weight", ""},
                              {"E(w)", "fJ"},
                              {"±", "fJ"},
                              {"E(w)/mean", ""},
                              {"multiplier", "fJ"},
                              {"adder", "fJ"},
                              {"registers", "fJ"},
                              {"pin loads", "fJ"}});
  for (const int weight : {-128, -64, -16, -3, -2, -1, 0, 1, 2, 3, 16, 64, 127}) {
    const energy::WeightEnergy& energy = tables.weights[energy::weight_index(weight)];
    if (energy.transitions == 0) continue;
    const auto part = [&](double share) { return format_fixed(share * energy.mean_fj, 0); };
    table.add_row({fmt::format("{}", weight), format_fixed(energy.mean_fj, 0),
                   format_fixed(energy.standard_error_fj, 0),
                   format_fixed(energy.mean_fj / mean, 2), part(energy.share[0]),
                   part(energy.share[1]), part(energy.share[2] + energy.share[3]),
                   part(energy.share[4])});
  }
  return table.text();
}

}  // namespace

report::Json calibration_json(const CalibrationRun& run,
                              const std::vector<CalibratedTables>& results) {
  const energy::MacHardware& hardware = *results.at(0).hardware;
  const energy::EnergyTables& tables = *results.at(0).tables;
  report::Json json = report::result_header("calibrate", run.seed);
  json["hardware"] = report::hardware_json(hardware.config());
  json["netlist"] = {{"hash", hardware.netlist().hash()},
                     {"cells", hardware.netlist().cells().size()},
                     {"flip_flops", hardware.netlist().registers().size()},
                     {"area_um2", hardware.netlist().area()},
                     {"critical_path_ps", hardware.timing().critical_path_ps},
                     {"mean_input_slew_ns", hardware.timing().mean_input_slew_ns},
                     {"highest_clock_mhz", hardware.timing().highest_clock_mhz()},
                     {"components", components_json(hardware)}};
  json["timing_model"] = tables.timing;
  if (const auto& choice = hardware.quantum_choice()) json["quantum"] = quantum_json(*choice);
  json["library_notes"] = notes_json(hardware.library().notes());
  json["clock_fj_per_cycle"] = hardware.pe_clock_fj_per_cycle();
  json["leakage_fj_per_cycle"] = hardware.pe_leakage_fj_per_cycle();
  json["grouping"] = {{"name", tables.grouping->name()},
                      {"formula", tables.grouping->formula()},
                      {"cells", tables.grouping->cells()},
                      {"populated_cells", tables.populated_cells()},
                      {"cells_of_all_weights", energy::kWeightValues * tables.grouping->cells()}};
  std::uint64_t transitions = 0;
  report::Json weights = report::Json::array();
  for (std::size_t w = 0; w < energy::kWeightValues; ++w) {
    const energy::WeightEnergy& weight = tables.weights[w];
    if (weight.transitions == 0) continue;
    transitions += weight.transitions;
    weights.push_back({{"weight", static_cast<int>(w) - 128},
                       {"mean_fj", weight.mean_fj},
                       {"standard_error_fj", weight.standard_error_fj},
                       {"share_in_precise_cells", weight.precise_share},
                       {"transitions", weight.transitions}});
  }
  json["transitions"] = transitions;
  json["r_squared"] = tables.r_squared;
  json["weights"] = weights;
  json["tables"] = report::Json::array();
  report::Json table_seconds = report::Json::array();
  for (const CalibratedTables& result : results) {
    report::Json entry = quality_json(*result.tables);
    entry["file"] = result.file.filename().string();
    table_seconds.push_back(result.seconds);
    json["tables"].push_back(std::move(entry));
  }
  json["traces"] = {{"file", run.traces_file.string()},
                    {"model_hash", run.traces->model_hash},
                    {"images", run.traces->layers.at(0).images},
                    {"source", run.traces->image_source},
                    {"synthetic", run.traces->synthetic}};
  json["timing"] = {{"seconds", run.seconds}, {"table_seconds", table_seconds}};
  return json;
}

std::string calibration_text(const std::vector<CalibratedTables>& results) {
  const energy::MacHardware& hardware = *results.at(0).hardware;
  std::string text = mac_text(hardware);
  for (const CalibratedTables& result : results) text += timing_text(*result.hardware);
  text += notes_text(hardware.library().notes());
  const energy::EnergyTables& tables = *results.at(0).tables;
  text += fmt::format("Grouping {}: {}\nOperands: {}{}\n\n", tables.grouping->name(),
                      tables.grouping->formula(), tables.operand_source,
                      tables.synthetic ? " (synthetic: real operands have other energies)" : "");
  text += weights_text(tables);
  for (const CalibratedTables& result : results) {
    text += fmt::format("\n{}: {} ({} s)\n{}", result.tables->timing, result.file.string(),
                        format_fixed(result.seconds, 1), quality_text(*result.tables));
  }
  return text;
}

}  // namespace togglewise::cli
