#include "sim/gate/inertial_engine.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace togglewise::gate {

InertialEngine::InertialEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                               const InertialModel& model, InstructionSet instructions)
    : MacEngine(mac),
      quantum_ps_(model.quantum_ps),
      kernels_(choose_inertial_kernels(instructions)) {
  const auto compiled = [&](std::optional<int> weight) {
    return compile(build_inertial_program(build_inertial_network(mac, model, weight)), *kernels_);
  };
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    programs_.push_back(compiled(weight));
    const InertialProgram& program = programs_.back().program;
    add_weight(program.counter_of_net, program.counters, energy);
  }
  changing_weight_ = compiled(std::nullopt);
  const InertialProgram& program = changing_weight_.program;
  changing_weight_component_fj_ =
      energies_of_counters(program.counter_of_net, program.counters, energy);
  for (const ComponentEnergies& component : changing_weight_component_fj_) {
    changing_weight_fj_.push_back(component.total_fj());
  }
  compute_weight_changes();
}

std::string InertialEngine::timing() const { return fmt::format("inertial, {} ps", quantum_ps_); }

void InertialEngine::run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
                         BitPlanes& partial_sum_out, ToggleTally& tally) const {
  const std::size_t index = index_of(weight);
  require_streams(activation, partial_sum_in, partial_sum_out);
  if (activation.order() != time_order() || partial_sum_in.order() != time_order()) {
    return run(weight, activation.in_order(time_order()), partial_sum_in.in_order(time_order()),
               partial_sum_out, tally);
  }
  partial_sum_out.reshape(widths().partial_sum_bits, activation.cycles());
  if (activation.cycles() == 0) return;
  InertialPass pass(programs_[index], counters(tally, index, activation.cycles() - 1));
  const std::size_t words = activation.blocks() * BitPlanes::kBlockWords;
  std::size_t word = 0;
  for (; word + kLongStepWords <= words; word += kLongStepWords) {
    pass.count(activation, partial_sum_in, partial_sum_out, word, kLongStepWords);
  }
  for (; word < words; word += kShortStepWords) {
    pass.count(activation, partial_sum_in, partial_sum_out, word, kShortStepWords);
  }
}

void InertialEngine::transition_energies_fj(int weight, const std::int8_t* activation,
                                            const std::int32_t* partial_sum_in, std::size_t cycles,
                                            float* energy_fj) const {
  if (cycles < 2) return;
  const std::size_t index = index_of(weight);
  const BitPlanes activation_planes =
      BitPlanes::from_int8(activation, cycles, widths().activation_bits);
  const BitPlanes partial_sum_planes =
      BitPlanes::from_int32(partial_sum_in, cycles, widths().partial_sum_bits);
  std::array<double, kShortStepCycles> sum_fj{};
  InertialPass pass(programs_[index], counter_fj(index).data(), sum_fj.data());
  for (std::size_t first = 0; first < cycles; first += kShortStepCycles) {
    sum_fj.fill(0.0);
    pass.spread(activation_planes, partial_sum_planes, first / 64);
    // Entry i is the transition into cycle first + i; into cycle 0 there is none.
    const std::size_t end = std::min(cycles, first + kShortStepCycles);
    for (std::size_t cycle = std::max<std::size_t>(first, 1); cycle < end; ++cycle) {
      energy_fj[cycle - 1] = static_cast<float>(sum_fj[cycle - first]);
    }
  }
}

void InertialEngine::change_energies_fj(const PeOperands* before, const PeOperands* after,
                                        std::size_t count, double* energy_fj) const {
  std::array<double, kShortStepCycles> sum_fj{};
  InertialPass pass(changing_weight_, changing_weight_fj_.data(), sum_fj.data());
  for (std::size_t first = 0; first < count; first += kShortStepCycles) {
    const std::size_t cycles = std::min(count - first, kShortStepCycles);
    sum_fj.fill(0.0);
    pass.spread_changes(operand_planes(before + first, cycles, widths()),
                        operand_planes(after + first, cycles, widths()));
    std::copy_n(sum_fj.begin(), cycles, energy_fj + first);
  }
}

ComponentEnergies InertialEngine::sum_of_changes(const PeOperands* before, const PeOperands* after,
                                                 std::size_t count) const {
  std::vector<std::uint64_t> toggles(changing_weight_component_fj_.size(), 0);
  InertialPass pass(changing_weight_, toggles.data());
  for (std::size_t first = 0; first < count; first += kShortStepCycles) {
    const std::size_t cycles = std::min(count - first, kShortStepCycles);
    // Places without a change hold the same before and after.
    std::vector<PeOperands> from(kShortStepCycles);
    std::vector<PeOperands> to(kShortStepCycles);
    std::copy_n(before + first, cycles, from.begin());
    std::copy_n(after + first, cycles, to.begin());
    pass.count_changes(operand_planes(from.data(), kShortStepCycles, widths()),
                       operand_planes(to.data(), kShortStepCycles, widths()));
  }
  ComponentEnergies sum;
  for (std::size_t i = 0; i < toggles.size(); ++i) {
    sum += changing_weight_component_fj_[i] * static_cast<double>(toggles[i]);
  }
  return sum;
}

}  // namespace togglewise::gate
