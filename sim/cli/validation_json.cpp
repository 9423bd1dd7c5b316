#include "sim/cli/validation_json.h"

#include <fmt/format.h>

#include "sim/energy/image_spread.h"
#include "sim/report/console_table.h"
#include "sim/report/energy_sums.h"
#include "sim/report/network_report.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

using report::Json;

Json network_json(const NetworkValidation& network, double clock_period_ps) {
  Json json;
  json["layers"] = report::layers_json(network.gate, clock_period_ps);
  json["total"] = report::total_json(network.gate, clock_period_ps);
  return json;
}

// The part of the energy that is saved: 1 − after/before.
double reduction(double before, double after) { return 1 - after / before; }

struct Reductions {
  double mac_dynamic = 0;
  double dynamic = 0;
  double total = 0;
};

// Half-widths of the reductions: both networks have seen the same images, so that what images have
// in common cancels. Absent for one batch.
std::optional<Reductions> reduction_half_widths(const Validation& validation) {
  const energy::NetworkEnergy& before = validation.networks.front().gate;
  const energy::NetworkEnergy& after = validation.networks.back().gate;
  const energy::ImageEnergies b = before.image_energies();
  const energy::ImageEnergies a = after.image_energies();
  const auto mac =
      energy::half_width_of_ratio(b.mac_dynamic_fj, a.mac_dynamic_fj, before.batches());
  const auto dynamic = energy::half_width_of_ratio(b.dynamic_fj, a.dynamic_fj, before.batches());
  if (!mac || !dynamic) return std::nullopt;
  const auto with_constant = [](std::vector<double> dynamic_fj, const energy::NetworkEnergy& of) {
    const energy::EnergyBreakdown energy = of.energy_per_image();
    for (double& fj : dynamic_fj) fj += energy.clock_fj + energy.leakage_fj;
    return dynamic_fj;
  };
  const auto total = energy::half_width_of_ratio(
      with_constant(b.dynamic_fj, before), with_constant(a.dynamic_fj, after), before.batches());
  return Reductions{*mac, *dynamic, total.value_or(0)};
}

Reductions reductions(const Validation& validation) {
  const energy::EnergyBreakdown before = validation.networks.front().gate.energy_per_image();
  const energy::EnergyBreakdown after = validation.networks.back().gate.energy_per_image();
  return {reduction(before.mac_dynamic_fj(), after.mac_dynamic_fj()),
          reduction(before.dynamic_fj(), after.dynamic_fj()),
          reduction(before.total_fj(), after.total_fj())};
}

template <typename Member>
std::uint64_t sum_of(const Validation& validation, Member member) {
  std::uint64_t sum = 0;
  for (const NetworkValidation& network : validation.networks) sum += network.*member;
  return sum;
}

// Which registers were clocked; toggles are those of `toggles`.
Json clocks_json(const array::ClockCounts& clocks) {
  Json json;
  for (const array::ClockCountField& field : array::clock_count_fields) {
    const std::string name = field.name;
    if (name.find("toggles") == std::string::npos) json[name] = clocks.*field.member;
  }
  for (const array::GateCyclesField& field : array::gate_cycles_fields) {
    const array::GateCycles& gate = clocks.*field.member;
    json[field.name] = {{"arriving", gate.arriving}, {"passed", gate.passed}};
  }
  return json;
}

// Cycles · registers, flags left out.
std::uint64_t clocked_registers(const array::ClockCounts& clocks) {
  return clocks.activation + clocks.partial_sum + clocks.weight + clocks.skew_data +
         clocks.deskew_data + clocks.accumulator;
}

std::string verdict(bool equal) { return equal ? "equal" : "DIFFERENT"; }

}  // namespace

Json validation_json(const ValidationRun& run, const Validation& validation) {
  const double clock_period_ps = run.hardware->clock_period_ps;
  Json json = report::result_header("validate", run.seed);
  json["hardware"] = report::hardware_json(*run.hardware);
  json["model"] = report::model_json(run.model);
  if (run.baseline) json["baseline"] = report::model_json(*run.baseline);
  json["workload"] = run.workload;
  json["images"] = validation.networks.back().gate.images;
  json["batch_size"] = validation.networks.back().gate.batch_size;
  json["image_source"] = run.image_source;
  json["lockstep"] = {{"style", run.style},
                      {"cycles", validation.lockstep.cycles},
                      {"cycle_model_cycles", validation.model_cycles},
                      {"partial_sum_comparisons", validation.lockstep.partial_sum_comparisons},
                      {"weight_comparisons", validation.lockstep.weight_comparisons},
                      {"accumulator_comparisons", validation.lockstep.accumulator_comparisons},
                      {"mismatches", validation.lockstep.mismatches}};
  if (const auto& first = validation.lockstep.first_mismatch) {
    json["lockstep"]["first_mismatch"] = {{"kind", systemc::to_string(first->kind)},
                                          {"cycle", first->cycle},
                                          {"row", first->row},
                                          {"column", first->column},
                                          {"rtl", first->rtl},
                                          {"model", first->model}};
  }
  json["toggles"] = {{"rtl", report::toggles_json(validation.lockstep.toggles)},
                     {"engine", report::toggles_json(validation.engine_toggles)},
                     {"equal", validation.toggles_equal()}};
  if (validation.gated) {
    json["clocks"] = {{"rtl", clocks_json(validation.lockstep.clocks)},
                      {"closed_form", clocks_json(validation.model_clocks)},
                      {"equal", validation.clocks_equal()}};
  }
  json["operands"] = {{"compared", sum_of(validation, &NetworkValidation::operands_compared)},
                      {"mismatches", sum_of(validation, &NetworkValidation::operand_mismatches)}};
  json["outputs"] = {{"compared", sum_of(validation, &NetworkValidation::outputs_compared)},
                     {"mismatches", sum_of(validation, &NetworkValidation::output_mismatches)}};
  const NetworkValidation& after = validation.networks.back();
  json["gate"]["timing_model"] = after.gate.timing;
  json["gate"]["confidence_interval"] = report::interval_json(after.gate);
  json["gate"]["sources"] = report::sources_json(run.sources);
  json["gate"]["after"] = network_json(after, clock_period_ps);
  json["correct_images"]["after"] = after.correct;
  if (run.baseline) {
    const NetworkValidation& before = validation.networks.front();
    json["gate"]["before"] = network_json(before, clock_period_ps);
    json["correct_images"]["before"] = before.correct;
    const Reductions saved = reductions(validation);
    json["gate"]["mac_dynamic_reduction"] = saved.mac_dynamic;
    json["gate"]["dynamic_reduction"] = saved.dynamic;
    json["gate"]["total_reduction"] = saved.total;
    if (const auto half_widths = reduction_half_widths(validation)) {
      json["gate"]["mac_dynamic_reduction_half_width"] = half_widths->mac_dynamic;
      json["gate"]["dynamic_reduction_half_width"] = half_widths->dynamic;
      json["gate"]["total_reduction_half_width"] = half_widths->total;
    }
  }
  json["passed"] = validation.passed();
  json["timing"] = {{"seconds", run.seconds}};
  report::require_sums_agree(json, "validate.json");
  return json;
}

std::string validation_text(const ValidationRun& run, const Validation& validation) {
  using report::format_count;
  const systemc::LockstepStatistics& lockstep = validation.lockstep;
  report::ConsoleTable checks({{"Check", "", report::ConsoleTable::Align::left},
                               {"Compared", ""},
                               {"Mismatches", ""},
                               {"Result", "", report::ConsoleTable::Align::left}});
  const auto add = [&](const std::string& name, std::uint64_t compared, std::uint64_t wrong) {
    checks.add_row({name, format_count(compared), format_count(wrong), verdict(wrong == 0)});
  };
  add("partial sums and weights, RTL = SystemC, every cycle",
      lockstep.partial_sum_comparisons + lockstep.weight_comparisons, lockstep.mismatches);
  add("operands seen by the RTL = traces",
      sum_of(validation, &NetworkValidation::operands_compared),
      sum_of(validation, &NetworkValidation::operand_mismatches));
  add("accumulators, RTL = integer inference",
      sum_of(validation, &NetworkValidation::outputs_compared),
      sum_of(validation, &NetworkValidation::output_mismatches));
  checks.add_row({"cycles, RTL = cycle model", format_count(lockstep.cycles), "",
                  verdict(lockstep.cycles == validation.model_cycles)});
  checks.add_row({"partial-sum toggles, RTL = toggle engine",
                  format_count(lockstep.toggles.partial_sum.total()), "",
                  verdict(lockstep.toggles.partial_sum == validation.engine_toggles.partial_sum)});
  checks.add_row({validation.gated ? "toggles of weights and deskew, RTL = toggle engine"
                                   : "toggles of all other registers, RTL = toggle engine",
                  "", "", verdict(validation.toggles_equal())});
  if (validation.gated) {
    checks.add_row({"clocked registers, RTL with gated clocks = closed form",
                    format_count(clocked_registers(lockstep.clocks)), "",
                    verdict(validation.clocks_equal())});
  }
  std::string text = checks.text();
  if (const auto& first = lockstep.first_mismatch) {
    text += fmt::format("first mismatch: {}, cycle {}, PE ({}, {}): RTL {}, SystemC {}\n",
                        systemc::to_string(first->kind), first->cycle, first->row, first->column,
                        first->rtl, first->model);
  }

  const energy::NetworkEnergy& after = validation.networks.back().gate;
  std::vector<report::ConsoleTable::Column> columns{
      {fmt::format("Gate-level energy ({})", validation.networks.back().gate.timing), "",
       report::ConsoleTable::Align::left}};
  const bool intervals = after.half_widths().has_value();
  if (run.baseline) columns.push_back({"before", "nJ/image"});
  columns.push_back({run.baseline ? "after" : "energy", "nJ/image"});
  if (intervals) columns.push_back({"±", ""});
  if (run.baseline) columns.push_back({"change", ""});
  if (run.baseline && intervals) columns.push_back({"± of change", ""});
  report::ConsoleTable energy_table(columns);
  const int batches = after.batches();
  // Energies of single batches, paired: `before_fj` and `after_fj` are of the same images.
  const auto row = [&](const std::string& name, double before_fj, double after_fj,
                       std::vector<double> batches_before, std::vector<double> batches_after,
                       double constant_before_fj = 0, double constant_after_fj = 0) {
    for (double& fj : batches_before) fj += constant_before_fj;
    for (double& fj : batches_after) fj += constant_after_fj;
    std::vector<std::string> cells{name};
    if (run.baseline) cells.push_back(report::format_fixed(before_fj * 1e-6, 3));
    cells.push_back(report::format_fixed(after_fj * 1e-6, 3));
    if (intervals) {
      const double half_width = energy::half_width_of_mean(batches_after, batches).value_or(0);
      cells.push_back(report::format_fixed(half_width * 1e-6, 3));
    }
    if (run.baseline) {
      cells.push_back(report::format_change(report::relative_change(before_fj, after_fj)));
    }
    if (run.baseline && intervals) {
      const auto ratio = energy::half_width_of_ratio(batches_before, batches_after, batches);
      cells.push_back(report::format_fixed(100 * ratio.value_or(0), 2) + " points");
    }
    energy_table.add_row(std::move(cells));
  };
  const energy::NetworkEnergy& before = validation.networks.front().gate;
  for (std::size_t l = 0; l < after.layers.size(); ++l) {
    row(after.layers[l].name + ", MAC dynamic", before.layers[l].energy_per_image.mac_dynamic_fj(),
        after.layers[l].energy_per_image.mac_dynamic_fj(),
        before.layers[l].image_energies.mac_dynamic_fj,
        after.layers[l].image_energies.mac_dynamic_fj);
  }
  energy_table.add_rule();
  const energy::EnergyBreakdown b = before.energy_per_image();
  const energy::EnergyBreakdown a = after.energy_per_image();
  const energy::ImageEnergies bi = before.image_energies();
  const energy::ImageEnergies ai = after.image_energies();
  row("MAC dynamic (PEs that hold a weight)", b.mac_dynamic_fj(), a.mac_dynamic_fj(),
      bi.mac_dynamic_fj, ai.mac_dynamic_fj);
  row("dynamic (whole array)", b.dynamic_fj(), a.dynamic_fj(), bi.dynamic_fj, ai.dynamic_fj);
  row("total (with clock and leakage)", b.total_fj(), a.total_fj(), bi.dynamic_fj, ai.dynamic_fj,
      b.clock_fj + b.leakage_fj, a.clock_fj + a.leakage_fj);
  const std::string note =
      intervals ? "± is the half-width of the 95 % confidence interval over the images; that of a "
                  "change is of the same images in both networks\n"
                : report::no_interval_text(after) + "\n";
  return text + "\n" + energy_table.text() + note;
}

}  // namespace togglewise::cli
