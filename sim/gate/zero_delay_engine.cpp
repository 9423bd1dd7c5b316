#include "sim/gate/zero_delay_engine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/gate/lut_network.h"

namespace togglewise::gate {

namespace {

constexpr std::size_t kChanges = BitPlanes::kBlockCycles;  // at a time

// Changes as interleaved planes of two blocks: even cycles are before, odd ones after.
template <typename Value>
class ChangePlanes {
 public:
  void set(std::size_t change, Value before, Value after) {
    values_[2 * change] = before;
    values_[2 * change + 1] = after;
  }
  // Nothing changes from change `count` on.
  BitPlanes planes(std::size_t count, int bits) {
    std::fill(values_.begin() + static_cast<std::ptrdiff_t>(2 * count), values_.end(), Value{0});
    if constexpr (sizeof(Value) == 1) {
      return BitPlanes::from_int8(values_.data(), values_.size(), bits, TimeOrder::interleaved);
    } else {
      return BitPlanes::from_int32(values_.data(), values_.size(), bits, TimeOrder::interleaved);
    }
  }

 private:
  std::array<Value, 2 * kChanges> values_;
};

// Calls work(first, count, planes) for at most kChanges changes at a time; the planes are those of
// the program with a variable weight.
template <typename Work>
void for_each_block(const tech::MacWidths& widths, const PeOperands* before,
                    const PeOperands* after, std::size_t count, const Work& work) {
  ChangePlanes<std::int8_t> weight;
  ChangePlanes<std::int8_t> activation;
  ChangePlanes<std::int32_t> partial_sum;
  for (std::size_t first = 0; first < count; first += kChanges) {
    const std::size_t size = std::min(kChanges, count - first);
    for (std::size_t i = 0; i < size; ++i) {
      const PeOperands& old_operands = before[first + i];
      const PeOperands& new_operands = after[first + i];
      weight.set(i, old_operands.weight, new_operands.weight);
      activation.set(i, old_operands.activation, new_operands.activation);
      partial_sum.set(i, old_operands.partial_sum, new_operands.partial_sum);
    }
    const BitPlanes activations = activation.planes(size, widths.activation_bits);
    const BitPlanes partial_sums = partial_sum.planes(size, widths.partial_sum_bits);
    const BitPlanes weights = weight.planes(size, widths.weight_bits);
    work(first, size, InputPlanes().add(activations).add(partial_sums).add(weights));
  }
}

}  // namespace

ZeroDelayEngine::ZeroDelayEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                                 InstructionSet instructions)
    : MacEngine(mac), kernels_(choose_kernels(instructions)) {
  const LutNetwork network = build_mac_network(mac);
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    programs_.emplace_back(build_weight_program(network, widths().weight_bits, weight), *kernels_);
    const WeightProgram& program = programs_.back().program();
    add_weight(program.counter_of_net, program.counters, energy);
  }
  open_program_ = std::make_unique<PlaneProgram>(build_program(network), *kernels_);
  const WeightProgram& open = open_program_->program();
  open_component_fj_ = energies_of_counters(open.counter_of_net, open.counters, energy);
  for (const ComponentEnergies& component : open_component_fj_) {
    open_counter_fj_.push_back(component.total_fj());
  }
  compute_weight_changes();
}

void ZeroDelayEngine::run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
                          BitPlanes& partial_sum_out, ToggleTally& tally) const {
  const std::size_t index = index_of(weight);
  require_streams(activation, partial_sum_in, partial_sum_out);
  if (activation.order() != TimeOrder::interleaved ||
      partial_sum_in.order() != TimeOrder::interleaved) {
    return run(weight, activation.in_order(TimeOrder::interleaved),
               partial_sum_in.in_order(TimeOrder::interleaved), partial_sum_out, tally);
  }
  partial_sum_out.reshape(widths().partial_sum_bits, activation.cycles(), TimeOrder::interleaved);
  if (activation.cycles() == 0) return;
  programs_[index].count(InputPlanes().add(activation).add(partial_sum_in), partial_sum_out,
                         counters(tally, index, activation.cycles() - 1));
}

void ZeroDelayEngine::transition_energies_fj(int weight, const std::int8_t* activation,
                                             const std::int32_t* partial_sum_in, std::size_t cycles,
                                             float* energy_fj) const {
  if (cycles < 2) return;
  const std::size_t index = index_of(weight);
  ChangePlanes<std::int8_t> activation_changes;
  ChangePlanes<std::int32_t> partial_sum_changes;
  std::array<double, kChanges> change_fj{};
  for (std::size_t first = 0; first + 1 < cycles; first += kChanges) {
    const std::size_t size = std::min(kChanges, cycles - 1 - first);
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t t = first + i;
      activation_changes.set(i, activation[t], activation[t + 1]);
      partial_sum_changes.set(i, partial_sum_in[t], partial_sum_in[t + 1]);
    }
    const BitPlanes activations = activation_changes.planes(size, widths().activation_bits);
    const BitPlanes partial_sums = partial_sum_changes.planes(size, widths().partial_sum_bits);
    change_fj.fill(0.0);
    programs_[index].spread_changes(InputPlanes().add(activations).add(partial_sums),
                                    counter_fj(index).data(), change_fj.data());
    for (std::size_t i = 0; i < size; ++i) energy_fj[first + i] = static_cast<float>(change_fj[i]);
  }
}

void ZeroDelayEngine::change_energies_fj(const PeOperands* before, const PeOperands* after,
                                         std::size_t count, double* energy_fj) const {
  std::array<double, kChanges> change_fj{};
  for_each_block(widths(), before, after, count,
                 [&](std::size_t first, std::size_t size, const InputPlanes& planes) {
                   change_fj.fill(0.0);
                   open_program_->spread_changes(planes, open_counter_fj_.data(), change_fj.data());
                   std::copy_n(change_fj.data(), size, energy_fj + first);
                 });
}

ComponentEnergies ZeroDelayEngine::sum_of_changes(const PeOperands* before, const PeOperands* after,
                                                  std::size_t count) const {
  std::vector<std::uint64_t> toggles(open_component_fj_.size(), 0);
  for_each_block(widths(), before, after, count,
                 [&](std::size_t, std::size_t, const InputPlanes& planes) {
                   open_program_->count_changes(planes, toggles.data());
                 });
  ComponentEnergies sum;
  for (std::size_t i = 0; i < toggles.size(); ++i) {
    sum += open_component_fj_[i] * static_cast<double>(toggles[i]);
  }
  return sum;
}

}  // namespace togglewise::gate
