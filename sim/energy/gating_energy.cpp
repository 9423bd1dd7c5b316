#include "sim/energy/gating_energy.h"

namespace togglewise::energy {
namespace {

using array::BitCounts;
using array::ClockCounts;

double times(std::uint64_t count, double fj) { return static_cast<double>(count) * fj; }

double times(const BitCounts& counts, const std::array<double, 8>& fj) {
  double sum = 0;
  for (std::size_t bit = 0; bit < counts.size(); ++bit) sum += times(counts[bit], fj[bit]);
  return sum;
}

BitCounts difference(BitCounts a, const BitCounts& b) {
  for (std::size_t bit = 0; bit < a.size(); ++bit) a[bit] -= b[bit];
  return a;
}

// Works on sums over all images.
class Gated {
 public:
  Gated(const GatingHardware& set, const StageTally* tally, const GatedRun& run)
      : set_(set), gating_(set.gating()), stage_(set.stage()), stage_tally_(tally), run_(run) {}

  void change_active(EnergyBreakdown& sum) const {
    if (gating_.zero_weight) {
      const gate::ComponentEnergies& with = run_.macs.zero_weight;
      const gate::ComponentEnergies& quiet = run_.macs.zero_weight_quiet;
      sum.multiplier_fj += quiet.multiplier_fj - with.multiplier_fj;
      sum.adder_fj += quiet.adder_fj - with.adder_fj;
      sum.partial_sum_register_fj += quiet.partial_sum_register_fj - with.partial_sum_register_fj;
      sum.activation_register_fj += quiet.activation_register_fj - with.activation_register_fj;
      sum.pin_loads_fj += quiet.pin_loads_fj - with.pin_loads_fj;
    }
    if (!stage_.activation) return;
    const BitCounts seen = gating_.zero_weight
                               ? difference(tally().active_bits, tally().zero_weight_bits)
                               : tally().active_bits;
    // The MAC's own activation register is not there. What is left of its line where the lines are
    // estimates goes to the pins.
    sum.activation_register_fj -= times(seen, set_.mac_register_fj());
    sum.pin_loads_fj += sum.activation_register_fj - times(seen, set_.mac_register_pin_fj());
    const ActivationStage::Energies stage = stage_.activation->energies(stage_tally_->active);
    sum.activation_register_fj = stage.registers_fj;
    sum.pin_loads_fj += stage.pins_fj;
    sum.gating_fj += stage.flags_fj + stage.logic_fj;
  }

  void change_idle_columns(EnergyBreakdown& sum) const {
    const bool off = gating_.idle_columns;
    double& fj = sum.idle_columns_fj;
    if (off) fj = run_.macs.first_idle_column_fj;
    const BitCounts& bits = off ? tally().first_idle_bits : tally().idle_bits;
    // Registers without a clock do not toggle; nor do those that are not there.
    if (off || stage_.activation) fj -= times(bits, set_.mac_register_fj());
    if (stage_.activation) fj -= times(bits, set_.mac_register_pin_fj());
    if (gating_.zero_weight) fj = 0;  // no activation reaches a multiplier
    if (!stage_.activation) return;
    fj += off ? stage_.activation->energies(stage_tally_->first_idle).still_fj()
              : stage_.activation->energies(stage_tally_->idle).total_fj();
  }

  void change_delays(EnergyBreakdown& sum) const {
    const double delay_fj = set_.delay_fj();
    const std::uint64_t enables = gating_.zero_activation && gating_.unchanged_partial_sum
                                      ? tally().skew_nonzero_move
                                  : gating_.zero_activation       ? tally().skew_zero
                                  : gating_.unchanged_partial_sum ? tally().skew_move
                                                                  : 0;
    sum.skew_fj = times(clocks().skew_toggles + clocks().skew_flag_toggles, delay_fj) +
                  times(enables, stage_.skew_enable_fj);
    if (!gating_.unchanged_partial_sum) return;
    sum.deskew_fj +=
        times(clocks().deskew_flag_toggles, delay_fj) +
        times(tally().changes.deskew_toggles, set_.gate_of(&ClockCounts::deskew_gates).enable_fj);
  }

  void add_logic(int pes, EnergyBreakdown& sum) const {
    const array::ClockCounter::EnableToggles& enables = tally().enables[run_.set];
    double& fj = sum.gating_fj;
    if (stage_.partial_sum && gating_.unchanged_partial_sum) {
      fj += stage_.partial_sum->energy_fj(
          tally().changes, gating_.idle_columns ? tally().first_idle_moves : tally().idle_moves);
    }
    if (stage_.port) fj += stage_.port->energy_fj(stage_tally_->port);
    fj += times(enables.columns, set_.gate_of(&ClockCounts::column_gates).enable_fj);
    fj += times(enables.rows, set_.gate_of(&ClockCounts::row_gates).enable_fj);
    fj += times(enables.weight, pes * set_.gate_of(&ClockCounts::weight_gates).enable_fj);
    if (gating_.idle_rows) {
      fj += times(enables.row_pes, stage_.activation->row_on_fj());
      fj += times(enables.sum_row_pes, stage_.partial_sum->row_on_fj());
    }
  }

  GatedClock clock() const {
    const GatingHardware::ClockPins& pins = set_.clock_pins();
    const ClockCounts& counts = clocks();
    GatedClock clock;
    clock.activation_fj = times(counts.activation, pins.activation_fj);
    clock.partial_sum_fj = times(counts.partial_sum, pins.partial_sum_fj);
    clock.weight_fj = times(counts.weight, pins.weight_fj);
    clock.flags_fj = times(counts.flags + counts.skew_flags + counts.deskew_flags, pins.flag_fj) +
                     times(counts.port_flags, pins.port_fj);
    clock.skew_fj = times(counts.skew_data, pins.skew_fj);
    clock.deskew_fj = times(counts.deskew_data, pins.deskew_fj);
    clock.accumulator_fj = times(counts.accumulator, pins.accumulator_fj);
    for (const array::GateCyclesField& field : array::gate_cycles_fields) {
      const ClockGateEnergies& gate = set_.gate_of(field.member);
      const array::GateCycles& cycles = counts.*field.member;
      clock.gates_fj +=
          times(cycles.arriving, gate.arriving_fj) + times(cycles.passed, gate.passed_fj);
    }
    return clock;
  }

  const ClockCounts& clocks() const { return tally().clocks[run_.set]; }

 private:
  const GatingTally& tally() const { return run_.tally; }

  const GatingHardware& set_;
  const array::Gating& gating_;
  const GatedStage& stage_;
  const StageTally* stage_tally_;
  const GatedRun& run_;
};

}  // namespace

std::vector<std::pair<std::string, double>> GatedClock::lines() const {
  return {{"clock_activation", activation_fj}, {"clock_partial_sum", partial_sum_fj},
          {"clock_weight", weight_fj},         {"clock_flags", flags_fj},
          {"clock_gates", gates_fj},           {"clock_skew", skew_fj},
          {"clock_deskew", deskew_fj},         {"clock_accumulator", accumulator_fj}};
}

GatedClock& GatedClock::operator+=(const GatedClock& other) {
  activation_fj += other.activation_fj;
  partial_sum_fj += other.partial_sum_fj;
  weight_fj += other.weight_fj;
  flags_fj += other.flags_fj;
  gates_fj += other.gates_fj;
  skew_fj += other.skew_fj;
  deskew_fj += other.deskew_fj;
  accumulator_fj += other.accumulator_fj;
  return *this;
}

GatedClock operator*(GatedClock clock, double factor) {
  for (double* fj : {&clock.activation_fj, &clock.partial_sum_fj, &clock.weight_fj, &clock.flags_fj,
                     &clock.gates_fj, &clock.skew_fj, &clock.deskew_fj, &clock.accumulator_fj}) {
    *fj *= factor;
  }
  return clock;
}

GatedClock apply_gating(const GatingHardware& set, int stage, const GatedRun& run, int pes,
                        EnergyBreakdown& per_image) {
  const StageTally* tally =
      stage < 0 ? nullptr : &run.tally.stages[static_cast<std::size_t>(stage)];
  const Gated gated(set, tally, run);
  EnergyBreakdown sum = per_image * run.images;
  gated.change_active(sum);
  gated.change_idle_columns(sum);
  gated.change_delays(sum);
  gated.add_logic(pes, sum);
  sum.weight_load_fj += run.weight_change_fj;
  per_image = sum * (1.0 / run.images);
  const double cycles = static_cast<double>(gated.clocks().cycles);
  const GatedClock clock = gated.clock() * (run.cycles_per_image / cycles);
  per_image.clock_fj = clock.total_fj();
  per_image.leakage_fj = run.cycles_per_image * set.leakage_fj_per_cycle();
  return clock;
}

}  // namespace togglewise::energy
