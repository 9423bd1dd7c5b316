#include "sim/energy/gating_study.h"

#include <algorithm>
#include <utility>

#include "sim/energy/mac_hardware.h"

namespace togglewise::energy {
namespace {

array::Gating gating_of(unsigned bits) {
  array::Gating gating;
  const std::vector<GatingOption>& options = gating_options();
  for (std::size_t i = 0; i < options.size(); ++i) {
    gating.*options[i].member = (bits >> i & 1U) != 0;
  }
  return gating;
}

bool meets_clock(const MacHardware& hardware, const GatedTiming& timing) {
  const double period_ps = hardware.config().clock_period_ps;
  return timing.critical_path_ps <= period_ps && timing.enable_path_ps <= period_ps / 2;
}

}  // namespace

const std::vector<GatingOption>& gating_options() {
  using Gating = array::Gating;
  static const std::vector<GatingOption> options{
      {"idle_columns", &Gating::idle_columns},
      {"idle_rows", &Gating::idle_rows},
      {"zero_weight", &Gating::zero_weight},
      {"zero_activation", &Gating::zero_activation},
      {"unchanged_partial_sum", &Gating::unchanged_partial_sum},
      {"weight_registers", &Gating::weight_registers}};
  return options;
}

std::string gating_name(const array::Gating& gating) {
  std::string name;
  for (const GatingOption& option : gating_options()) {
    if (!(gating.*option.member)) continue;
    name += (name.empty() ? "" : " + ") + std::string(option.name);
  }
  return name.empty() ? "none" : name;
}

double GatingStudy::saved_dynamic(const GatingTrial& trial) const {
  const double none = trials.front().energy.energy_per_image().dynamic_fj();
  return 1 - trial.energy.energy_per_image().dynamic_fj() / none;
}

double GatingStudy::saved_total(const GatingTrial& trial) const {
  const double none = trials.front().energy.energy_per_image().total_fj();
  return 1 - trial.energy.energy_per_image().total_fj() / none;
}

GatingStudy study_gating(const MacHardware& hardware, const network::Traces& traces,
                         Fidelity fidelity, const EnergyTables* tables, int threads,
                         const ProgressFunction& progress) {
  const unsigned all = (1U << gating_options().size()) - 1;
  GatingFactory factory(hardware);
  std::vector<std::shared_ptr<const GatingHardware>> sets;
  for (unsigned bits = 1; bits <= all; ++bits) sets.push_back(factory.make(gating_of(bits)));
  std::vector<NetworkEnergy> energies = gated_network_energies(hardware, traces, fidelity, tables,
                                                               threads, GatingSets(sets), progress);

  GatingStudy study;
  study.sets = sets.size();
  const auto add = [&](unsigned bits, std::string name) {
    GatingTrial trial;
    trial.name = std::move(name);
    trial.timing.critical_path_ps = hardware.timing().critical_path_ps;
    if (bits != 0) {
      trial.hardware = sets[bits - 1];
      trial.timing = gated_timing(hardware, trial.hardware->stage());
      trial.meets_clock = meets_clock(hardware, trial.timing);
    }
    trial.energy = energies[bits];
    study.trials.push_back(std::move(trial));
    return study.trials.back().meets_clock;
  };
  add(0, "none");
  for (unsigned bit = 1; bit <= all; bit <<= 1) add(bit, gating_name(gating_of(bit)));
  add(all, "all");
  std::vector<unsigned> order(all);
  for (unsigned bits = 1; bits <= all; ++bits) order[bits - 1] = bits;
  std::stable_sort(order.begin(), order.end(), [&](unsigned a, unsigned b) {
    return energies[a].energy_per_image().total_fj() < energies[b].energy_per_image().total_fj();
  });
  for (const unsigned bits : order) {
    if (add(bits, "best: " + gating_name(gating_of(bits)))) break;
    study.trials.pop_back();
  }
  return study;
}

}  // namespace togglewise::energy
