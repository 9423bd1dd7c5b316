#include "sim/gate/zero_delay_engine.h"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include "sim/gate/lut_network.h"
#include "sim/gate/scalar_engine.h"

namespace togglewise::gate {

namespace {

constexpr int kMaxPlanes = 32;

const KernelSet* choose_kernels(InstructionSet wanted) {
  const KernelSet* chosen = nullptr;
  if (wanted == InstructionSet::best || wanted == InstructionSet::avx512) chosen = avx512_kernels();
  if (chosen == nullptr && wanted != InstructionSet::generic) chosen = avx2_kernels();
  return chosen == nullptr ? generic_kernels() : chosen;
}

KernelFunction kernel_for(const KernelSet::Step& step, const KernelOperation& operation) {
  switch (operation.kind) {
    case OperationKind::load_activation:
      return step.count_load_activation;
    case OperationKind::load_partial_sum:
      return step.count_load_partial_sum;
    case OperationKind::store_sum:
      return step.store;
    case OperationKind::store_inverted_sum:
      return step.store_inverted;
    case OperationKind::store_constant:
      return step.store_constant;
    case OperationKind::table:
      break;
  }
  return operation.counter >= 0 ? step.count[operation.table] : step.plain[operation.table];
}

// Slots, aligned for any instruction set; not initialized, every slot is written before it is read.
class Workspace {
 public:
  Workspace(int slots, int words)
      : lines_(
            new Line[static_cast<std::size_t>(slots) * static_cast<std::size_t>(words) / 8 + 1]) {}
  std::uint64_t* slots() { return lines_.get()->words; }

 private:
  struct alignas(64) Line {
    std::uint64_t words[8];
  };
  std::unique_ptr<Line[]> lines_;
};

}  // namespace

// Walks a program over the planes, a step at a time.
class ZeroDelayEngine::Pass {
 public:
  Pass(const SpecializedMac& mac, const BitPlanes& activation, const BitPlanes& partial_sum_in,
       BitPlanes* partial_sum_out)
      : mac_(mac), last_words_(static_cast<std::size_t>(mac.program.counters)) {
    for (int bit = 0; bit < activation.bits(); ++bit) {
      activation_[static_cast<std::size_t>(bit)] = activation.plane(bit);
    }
    for (int bit = 0; bit < partial_sum_in.bits(); ++bit) {
      partial_sum_[static_cast<std::size_t>(bit)] = partial_sum_in.plane(bit);
      if (partial_sum_out != nullptr) {
        sum_[static_cast<std::size_t>(bit)] = partial_sum_out->plane(bit);
      }
    }
    context_.activation = activation_.data();
    context_.partial_sum = partial_sum_.data();
    context_.sum = sum_.data();
    context_.last_words = last_words_.data();
    context_.first = true;
  }

  KernelContext& context() { return context_; }

  void step(KernelFunction Run::*function, int words) {
    const KernelOperation* operations = mac_.program.operations.data();
    for (const Run& run : mac_.runs) (run.*function)(context_, operations + run.first, run.count);
    for (const std::uint64_t*& plane : activation_) advance(plane, words);
    for (const std::uint64_t*& plane : partial_sum_) advance(plane, words);
    for (std::uint64_t*& plane : sum_) advance(plane, words);
    context_.first = false;
  }

 private:
  template <typename Pointer>
  static void advance(Pointer& pointer, int words) {
    if (pointer != nullptr) pointer += words;
  }

  const SpecializedMac& mac_;
  std::vector<std::uint64_t> last_words_;
  std::array<const std::uint64_t*, kMaxPlanes> activation_{};
  std::array<const std::uint64_t*, kMaxPlanes> partial_sum_{};
  std::array<std::uint64_t*, kMaxPlanes> sum_{};
  KernelContext context_{};
};

ZeroDelayEngine::ZeroDelayEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                                 InstructionSet instructions)
    : MacEngine(mac), mac_(mac), energy_(energy), kernels_(choose_kernels(instructions)) {
  const LutNetwork network = build_lut_network(mac);
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    programs_.push_back(specialize(build_weight_program(network, weight)));
    const WeightProgram& program = programs_.back().program;
    add_weight(program.counter_of_net, program.counters, energy);
  }
  compute_weight_changes();
}

ZeroDelayEngine::SpecializedMac ZeroDelayEngine::specialize(WeightProgram program) const {
  SpecializedMac result;
  for (const KernelOperation& operation : program.operations) {
    const KernelFunction long_step = kernel_for(kernels_->long_step, operation);
    if (result.runs.empty() || result.runs.back().long_step != long_step) {
      const int first = static_cast<int>(&operation - program.operations.data());
      result.runs.push_back({first, 0, long_step, kernel_for(kernels_->short_step, operation),
                             kernel_for(kernels_->spread_step, operation)});
    }
    ++result.runs.back().count;
  }
  result.program = std::move(program);
  return result;
}

void ZeroDelayEngine::run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
                          BitPlanes& partial_sum_out, ToggleTally& tally) const {
  const std::size_t index = index_of(weight);
  const SpecializedMac& mac = programs_[index];
  require_streams(activation, partial_sum_in, partial_sum_out);
  partial_sum_out.reshape(widths().partial_sum_bits, activation.cycles());
  if (activation.cycles() == 0) return;
  Workspace workspace(mac.program.slots, kLongStepWords);
  Pass pass(mac, activation, partial_sum_in, &partial_sum_out);
  pass.context().slots = workspace.slots();
  pass.context().counters = counters(tally, index, activation.cycles() - 1);
  std::size_t words = activation.blocks() * BitPlanes::kBlockWords;
  for (; words >= kLongStepWords; words -= kLongStepWords)
    pass.step(&Run::long_step, kLongStepWords);
  for (; words > 0; words -= kShortStepWords) pass.step(&Run::short_step, kShortStepWords);
}

void ZeroDelayEngine::transition_energies_fj(int weight, const std::int8_t* activation,
                                             const std::int32_t* partial_sum_in, std::size_t cycles,
                                             float* energy_fj) const {
  if (cycles < 2) return;
  const std::size_t index = index_of(weight);
  const SpecializedMac& mac = programs_[index];
  const BitPlanes activation_planes =
      BitPlanes::from_int8(activation, cycles, widths().activation_bits);
  const BitPlanes partial_sum_planes =
      BitPlanes::from_int32(partial_sum_in, cycles, widths().partial_sum_bits);
  // Sums go to a scratch plane: nobody reads them here.
  BitPlanes sums(widths().partial_sum_bits, cycles);
  Workspace workspace(mac.program.slots, kShortStepWords);
  Pass pass(mac, activation_planes, partial_sum_planes, &sums);
  std::array<double, BitPlanes::kBlockCycles> sum_fj{};
  pass.context().slots = workspace.slots();
  pass.context().energy_fj = counter_fj(index).data();
  pass.context().transition_fj = sum_fj.data();
  for (std::size_t first = 0; first < cycles; first += BitPlanes::kBlockCycles) {
    sum_fj.fill(0.0);
    pass.step(&Run::spread_step, kShortStepWords);
    // Entry i is the transition into cycle first + i; into cycle 0 there is none.
    const std::size_t end = std::min(cycles, first + BitPlanes::kBlockCycles);
    for (std::size_t cycle = std::max<std::size_t>(first, 1); cycle < end; ++cycle) {
      energy_fj[cycle - 1] = static_cast<float>(sum_fj[cycle - first]);
    }
  }
}

void ZeroDelayEngine::change_energies_fj(const PeOperands* before, const PeOperands* after,
                                         std::size_t count, double* energy_fj) const {
  ScalarEngine engine(mac_);
  const auto settle = [&](const PeOperands& operands) {
    engine.set_input("weight", static_cast<std::uint64_t>(operands.weight));
    engine.set_input("activation_in", static_cast<std::uint64_t>(operands.activation));
    engine.set_input("partial_sum_in", static_cast<std::uint64_t>(operands.partial_sum));
    engine.settle();
    engine.clock_edge();  // registers follow, so that their toggles count as well
    engine.settle();
  };
  for (std::size_t i = 0; i < count; ++i) {
    settle(before[i]);
    const std::vector<std::uint8_t> old = engine.values();
    settle(after[i]);
    energy_fj[i] = 0.0;
    for (std::size_t net = 0; net < old.size(); ++net) {
      if (engine.values()[net] != old[net]) energy_fj[i] += energy_.nets[net].total_fj();
    }
  }
}

}  // namespace togglewise::gate
