#include "sim/gate/quantum_choice.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/base/random.h"
#include "sim/gate/inertial_engine.h"

namespace togglewise::gate {
namespace {

double median_delay_ps(const tech::NetlistDelays& delays) {
  std::vector<double> all;
  for (const std::vector<tech::EdgeDelays>& arcs : delays.arcs) {
    for (const tech::EdgeDelays& arc : arcs) {
      if (arc.mean_ps() > 0.0) all.push_back(arc.mean_ps());
    }
  }
  if (all.empty()) throw std::invalid_argument("the netlist has no delays");
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

std::vector<PeOperands> stream(const QuantumChoiceParams& params, const tech::MacWidths& widths) {
  constexpr double kMeanActivation = 20.0;
  constexpr double kStep = 6000.0;
  constexpr double kMemory = 0.7;
  Random random(params.seed);
  const double most_activation = std::ldexp(1.0, widths.activation_bits - 1) - 1.0;
  const double most_sum = std::ldexp(1.0, widths.partial_sum_bits - 1) - 1.0;
  std::vector<PeOperands> operands(params.transitions + 1);
  double level = 0.0;
  for (PeOperands& cycle : operands) {
    const bool zero = random.unit() < 0.5;
    const double size = zero ? 0.0 : -kMeanActivation * std::log(1.0 - random.unit());
    cycle.activation = static_cast<std::int8_t>(std::min(size, most_activation));
    level = kMemory * level + (random.unit() - 0.5) * kStep;
    cycle.partial_sum = static_cast<std::int32_t>(std::clamp(level, -most_sum, most_sum));
  }
  return operands;
}

// Mean over all weights, with one program in which the weight's bits are inputs that stay.
double mean_transition_fj(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                          const InertialModel& model, const QuantumChoiceParams& params) {
  const tech::MacWidths widths = tech::mac_widths(mac);
  const CompiledInertialProgram compiled =
      compile(build_inertial_program(build_inertial_network(mac, model, std::nullopt)),
              *choose_inertial_kernels(InstructionSet::best));
  const InertialProgram& program = compiled.program;
  std::vector<std::uint64_t> toggles(static_cast<std::size_t>(program.counters), 0);
  InertialPass pass(compiled, toggles.data());
  std::vector<PeOperands> operands = stream(params, widths);
  for (const int weight : params.weights) {
    for (PeOperands& cycle : operands) cycle.weight = static_cast<std::int8_t>(weight);
    for (std::size_t first = 0; first < params.transitions; first += kShortStepCycles) {
      pass.count_changes(operand_planes(&operands[first], kShortStepCycles, widths),
                         operand_planes(&operands[first + 1], kShortStepCycles, widths));
    }
  }
  double sum_fj = 0.0;
  for (std::size_t net = 0; net < program.counter_of_net.size(); ++net) {
    const int counter = program.counter_of_net[net];
    if (counter < 0) continue;
    sum_fj += energy.nets[net].total_fj() *
              static_cast<double>(toggles[static_cast<std::size_t>(counter)]);
  }
  return sum_fj / static_cast<double>(params.transitions * params.weights.size());
}

}  // namespace

QuantumChoice choose_quantum(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                             const tech::NetlistDelays& delays, const QuantumChoiceParams& params) {
  if (params.transitions == 0 || params.transitions % kShortStepCycles != 0 ||
      params.weights.empty() || params.most_trials < 3) {
    throw std::invalid_argument("a choice of the quantum needs whole blocks of 512 transitions");
  }
  QuantumChoice choice;
  choice.median_delay_ps = median_delay_ps(delays);
  const double first_ps = 100.0 * std::exp2(std::floor(std::log2(choice.median_delay_ps / 100.0)));
  const auto measure = [&](double quantum_ps) {
    const InertialModel model = make_inertial_model(mac, delays, quantum_ps);
    choice.trials.push_back({quantum_ps, mean_transition_fj(mac, energy, model, params)});
  };
  const auto difference = [&](std::size_t trial, std::size_t finer) {
    return choice.trials[trial].transition_fj / choice.trials[finer].transition_fj - 1.0;
  };
  measure(first_ps);
  measure(first_ps / 2.0);
  std::size_t chosen = 0;
  for (;; ++chosen) {
    measure(choice.trials.back().quantum_ps / 2.0);
    choice.converged = std::abs(difference(chosen, chosen + 1)) <= params.tolerance &&
                       std::abs(difference(chosen, chosen + 2)) <= params.tolerance;
    if (choice.converged || static_cast<int>(choice.trials.size()) == params.most_trials) break;
  }
  if (!choice.converged) ++chosen;  // the finest of which half is known
  choice.quantum_ps = choice.trials[chosen].quantum_ps;
  choice.transition_fj = choice.trials[chosen].transition_fj;
  choice.half_transition_fj = choice.trials[chosen + 1].transition_fj;
  choice.relative_difference = difference(chosen, chosen + 1);
  return choice;
}

}  // namespace togglewise::gate
