#include "sim/gate/mac_engine.h"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/gate/lut_network.h"
#include "sim/gate/mac_function.h"
#include "sim/gate/scalar_engine.h"

namespace togglewise::gate {

using tech::Component;
using tech::NetIndex;

namespace {

constexpr int kMaxPlanes = 32;

const KernelSet* choose_kernels(InstructionSet wanted) {
  const KernelSet* chosen = nullptr;
  if (wanted == InstructionSet::best || wanted == InstructionSet::avx512) chosen = avx512_kernels();
  if (chosen == nullptr && wanted != InstructionSet::generic) chosen = avx2_kernels();
  return chosen == nullptr ? generic_kernels() : chosen;
}

void add_net(const tech::NetEnergy& net, ComponentEnergies& sum) {
  switch (net.component) {
    case Component::multiplier:
      sum.multiplier_fj += net.total_fj();
      break;
    case Component::adder:
      sum.adder_fj += net.total_fj();
      break;
    case Component::partial_sum_register:
      sum.partial_sum_register_fj += net.total_fj();
      break;
    case Component::activation_register:
      sum.activation_register_fj += net.total_fj();
      break;
    case Component::pin_loads:
      sum.pin_loads_fj += net.total_fj();
      break;
    case Component::other:
      throw std::logic_error("net energies are not those of a MAC");
  }
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
class MacEngine::Pass {
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

MacEngine::MacEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                     InstructionSet instructions)
    : widths_(tech::mac_widths(mac)), kernels_(choose_kernels(instructions)) {
  tech::require_mac_contract(mac, widths_);
  if (widths_.weight_bits > 8 || widths_.activation_bits > 8 ||
      widths_.partial_sum_bits > kMaxPlanes) {
    throw Error::input(
        "TW-GATE-001",
        fmt::format("the MAC has {} weight, {} activation and {} partial-sum bits",
                    widths_.weight_bits, widths_.activation_bits, widths_.partial_sum_bits))
        .expected("at most 8, 8 and 32");
  }
  require_mac_function(mac);
  const LutNetwork network = build_lut_network(mac);
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    programs_.push_back(specialize(build_weight_program(network, weight), energy));
  }
  compute_weight_changes(mac, energy);
}

MacEngine::SpecializedMac MacEngine::specialize(WeightProgram program,
                                                const tech::NetlistEnergy& energy) const {
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
  result.component_fj.resize(static_cast<std::size_t>(program.counters));
  for (std::size_t net = 0; net < program.counter_of_net.size(); ++net) {
    const int counter = program.counter_of_net[net];
    if (counter < 0) continue;
    add_net(energy.nets[net], result.component_fj[static_cast<std::size_t>(counter)]);
  }
  for (const ComponentEnergies& component : result.component_fj) {
    result.counter_fj.push_back(component.total_fj());
  }
  result.program = std::move(program);
  return result;
}

std::size_t MacEngine::index_of(int weight) const {
  if (weight < lowest_weight() || weight > highest_weight()) {
    throw std::out_of_range(fmt::format("weight {} is outside the MAC's range", weight));
  }
  return static_cast<std::size_t>(weight - lowest_weight());
}

ToggleTally MacEngine::make_tally() const { return ToggleTally(programs_.size()); }

void MacEngine::run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
                    BitPlanes& partial_sum_out, ToggleTally& tally) const {
  const std::size_t index = index_of(weight);
  const SpecializedMac& mac = programs_[index];
  if (activation.bits() != widths_.activation_bits ||
      partial_sum_in.bits() != widths_.partial_sum_bits ||
      activation.cycles() != partial_sum_in.cycles() || &partial_sum_out == &partial_sum_in) {
    throw std::invalid_argument("streams do not fit the MAC or each other");
  }
  partial_sum_out.reshape(widths_.partial_sum_bits, activation.cycles());
  if (activation.cycles() == 0) return;
  if (tally.empty()) tally = make_tally();
  std::vector<std::uint64_t>& counters = tally.counters_[index];
  counters.resize(static_cast<std::size_t>(mac.program.counters));
  tally.transitions_[index] += activation.cycles() - 1;

  Workspace workspace(mac.program.slots, kLongStepWords);
  Pass pass(mac, activation, partial_sum_in, &partial_sum_out);
  pass.context().slots = workspace.slots();
  pass.context().counters = counters.data();
  std::size_t words = activation.blocks() * BitPlanes::kBlockWords;
  for (; words >= kLongStepWords; words -= kLongStepWords)
    pass.step(&Run::long_step, kLongStepWords);
  for (; words > 0; words -= kShortStepWords) pass.step(&Run::short_step, kShortStepWords);
}

void MacEngine::transition_energies_fj(int weight, const std::int8_t* activation,
                                       const std::int32_t* partial_sum_in, std::size_t cycles,
                                       float* energy_fj) const {
  if (cycles < 2) return;
  const SpecializedMac& mac = programs_[index_of(weight)];
  const BitPlanes activation_planes =
      BitPlanes::from_int8(activation, cycles, widths_.activation_bits);
  const BitPlanes partial_sum_planes =
      BitPlanes::from_int32(partial_sum_in, cycles, widths_.partial_sum_bits);
  // Sums go to a scratch plane: nobody reads them here.
  BitPlanes sums(widths_.partial_sum_bits, cycles);
  Workspace workspace(mac.program.slots, kShortStepWords);
  Pass pass(mac, activation_planes, partial_sum_planes, &sums);
  std::array<double, BitPlanes::kBlockCycles> sum_fj{};
  pass.context().slots = workspace.slots();
  pass.context().energy_fj = mac.counter_fj.data();
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

ComponentEnergies MacEngine::energy_of_weight(const ToggleTally& tally, int weight) const {
  ComponentEnergies sum;
  const std::size_t index = index_of(weight);
  if (tally.empty()) return sum;
  const std::vector<std::uint64_t>& counters = tally.counters_[index];
  for (std::size_t i = 0; i < counters.size(); ++i) {
    sum += programs_[index].component_fj[i] * static_cast<double>(counters[i]);
  }
  return sum;
}

ComponentEnergies MacEngine::energy(const ToggleTally& tally) const {
  ComponentEnergies sum;
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    sum += energy_of_weight(tally, weight);
  }
  return sum;
}

std::uint64_t MacEngine::net_toggles(const ToggleTally& tally, NetIndex net) const {
  std::uint64_t toggles = 0;
  for (std::size_t w = 0; w < tally.counters_.size(); ++w) {
    const int counter = programs_[w].program.counter_of_net[static_cast<std::size_t>(net)];
    if (counter >= 0 && !tally.counters_[w].empty()) {
      toggles += tally.counters_[w][static_cast<std::size_t>(counter)];
    }
  }
  return toggles;
}

void MacEngine::compute_weight_changes(const tech::Netlist& mac,
                                       const tech::NetlistEnergy& energy) {
  const std::size_t count = programs_.size();
  std::vector<std::vector<std::uint8_t>> values;
  ScalarEngine engine(mac);
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    engine.set_input("weight", static_cast<std::uint64_t>(weight));
    engine.settle();
    values.push_back(engine.values());
  }
  // Most nets stay where they are when activation and partial sum are zero.
  std::vector<std::size_t> moving;
  for (std::size_t net = 0; net < mac.nets().size(); ++net) {
    const bool moves = std::any_of(values.begin(), values.end(),
                                   [&](const auto& row) { return row[net] != values[0][net]; });
    if (moves) moving.push_back(net);
  }
  weight_change_fj_.assign(count * count, 0.0);
  for (std::size_t from = 0; from < count; ++from) {
    for (std::size_t to = 0; to < count; ++to) {
      for (const std::size_t net : moving) {
        if (values[from][net] != values[to][net]) {
          weight_change_fj_[from * count + to] += energy.nets[net].total_fj();
        }
      }
    }
  }
}

double MacEngine::weight_change_energy_fj(int from, int to) const {
  return weight_change_fj_[index_of(from) * programs_.size() + index_of(to)];
}

}  // namespace togglewise::gate
