#include "sim/gate/inertial_engine.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace togglewise::gate {

using Kind = InertialNode::Kind;

namespace {

constexpr int kMaxPlanes = 32;
constexpr std::size_t kShortStepCycles = 64 * kShortStepWords;

const InertialKernelSet* choose_kernels(InstructionSet wanted) {
  const InertialKernelSet* chosen = nullptr;
  if (wanted == InstructionSet::best || wanted == InstructionSet::avx512) {
    chosen = avx512_inertial_kernels();
  }
  if (chosen == nullptr && wanted != InstructionSet::generic) chosen = avx2_inertial_kernels();
  return chosen == nullptr ? generic_inertial_kernels() : chosen;
}

InertialKernel evaluation(const InertialKernelSet::Step& step, const InertialOperation& operation) {
  if (operation.fanins == 1) return step.copy;
  return operation.fanins == 2 ? step.table2[operation.table] : step.table3[operation.table];
}

InertialKernel filter(const InertialKernelSet::Step& step, const InertialOperation& operation) {
  if (!operation.filtered) return operation.counter >= 0 ? step.count : nullptr;
  if (std::max(operation.rise, operation.fall) > kMostUnrolledWindow) return step.wide_filter;
  return step.filter[operation.rise][operation.fall];
}

// Waveforms and scratch, aligned for any instruction set; not initialized, everything is written
// before it is read.
class Workspace {
 public:
  explicit Workspace(const InertialProgram& program)
      : scratch_values_(program.scratch_values),
        values_(new Value[program.values + 3 * program.scratch_values]),
        scratch_(values_.get() + program.values) {}

  unsigned char* values() { return values_.get()->bytes; }
  unsigned char* scratch() { return scratch_->bytes; }
  std::size_t scratch_values() const { return scratch_values_; }

 private:
  struct alignas(64) Value {
    unsigned char bytes[kValueBytes];
  };
  std::size_t scratch_values_;
  std::unique_ptr<Value[]> values_;
  Value* scratch_;
};

void count_toggles(const std::uint64_t* before, const std::uint64_t* after, int words,
                   std::uint64_t& counter) {
  for (int i = 0; i < words; ++i) {
    counter += static_cast<std::uint64_t>(__builtin_popcountll(before[i] ^ after[i]));
  }
}

void spread_toggles(const std::uint64_t* before, const std::uint64_t* after, int words,
                    double toggle_fj, double* cycle_fj) {
  for (int i = 0; i < words; ++i) {
    for (std::uint64_t rest = before[i] ^ after[i]; rest != 0; rest &= rest - 1) {
      cycle_fj[64 * i + __builtin_ctzll(rest)] += toggle_fj;
    }
  }
}

// The cycle before each one: the same words a cycle later. The cycle before the first is like it.
void delay_one_cycle(const std::uint64_t* plane, bool first, int words, std::uint64_t* before) {
  std::uint64_t carry = first ? plane[0] & 1U : plane[-1] >> 63;
  for (int i = 0; i < words; ++i) {
    before[i] = plane[i] << 1 | carry;
    carry = plane[i] >> 63;
  }
}

}  // namespace

// Walks a program over the planes, a step at a time.
class InertialEngine::Pass {
 public:
  explicit Pass(const CompiledProgram& compiled)
      : compiled_(compiled), program_(compiled.program), workspace_(compiled.program) {
    context_.values = workspace_.values();
    context_.scratch = workspace_.scratch();
    context_.scratch_values = workspace_.scratch_values();
    context_.offsets = program_.offsets.data();
  }

  InertialContext& context() { return context_; }

  // Consecutive cycles of a stream, from word `word` of its planes on.
  void load(const BitPlanes& activation, const BitPlanes& partial_sum, std::size_t word,
            int words) {
    for (const InertialInput& input : program_.inputs) {
      const BitPlanes& planes = input.kind == Kind::activation ? activation : partial_sum;
      const std::uint64_t* plane = planes.plane(input.bit) + word;
      delay_one_cycle(plane, word == 0, words, value(input.offset));
      std::memcpy(value(input.offset + kValueBytes), plane, at(words) * sizeof(std::uint64_t));
    }
  }

  // 512 transitions that have nothing to do with each other; one plane set for all three ports.
  void load_pairs(const std::array<BitPlanes, 3>& before, const std::array<BitPlanes, 3>& after) {
    for (const InertialInput& input : program_.inputs) {
      const std::size_t port = input.kind == Kind::weight       ? 0
                               : input.kind == Kind::activation ? 1
                                                                : 2;
      constexpr std::size_t bytes = kShortStepWords * sizeof(std::uint64_t);
      std::memcpy(value(input.offset), before[port].plane(input.bit), bytes);
      std::memcpy(value(input.offset + kValueBytes), after[port].plane(input.bit), bytes);
    }
  }

  void count_inputs(int words) {
    for (const InertialInput& input : program_.inputs) {
      if (input.counter < 0) continue;
      count_toggles(value(input.offset), value(input.offset + kValueBytes), words,
                    context_.counters[input.counter]);
    }
  }
  void spread_inputs() {
    for (const InertialInput& input : program_.inputs) {
      if (input.counter < 0) continue;
      spread_toggles(value(input.offset), value(input.offset + kValueBytes), kShortStepWords,
                     context_.energy_fj[input.counter], context_.transition_fj);
    }
  }

  void evaluate(const std::vector<Call>& calls) {
    const InertialOperation* operation = program_.operations.data();
    for (const Call& call : calls) {
      call.evaluate(context_, *operation);
      if (call.filter != nullptr) call.filter(context_, *operation);
      ++operation;
    }
  }

  void store(BitPlanes& sums, std::size_t word, int words) {
    for (std::size_t bit = 0; bit < program_.sums.size(); ++bit) {
      const InertialSum& sum = program_.sums[bit];
      std::uint64_t* plane = sums.plane(static_cast<int>(bit)) + word;
      const std::uint64_t flip = sum.inverted ? ~0ULL : 0ULL;
      const std::uint64_t* settled = value(sum.final_offset);
      for (int i = 0; i < words; ++i) plane[i] = sum.constant ? flip : settled[i] ^ flip;
    }
  }

  // One step of consecutive cycles, counted.
  void step(const BitPlanes& activation, const BitPlanes& partial_sum, BitPlanes& sums,
            std::size_t word, int words) {
    load(activation, partial_sum, word, words);
    count_inputs(words);
    evaluate(words == kLongStepWords ? compiled_.long_step : compiled_.short_step);
    store(sums, word, words);
  }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }
  std::uint64_t* value(std::uint32_t offset) {
    return reinterpret_cast<std::uint64_t*>(context_.values + offset);
  }

  const CompiledProgram& compiled_;
  const InertialProgram& program_;
  Workspace workspace_;
  InertialContext context_{};
};

InertialEngine::InertialEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                               const InertialModel& model, InstructionSet instructions)
    : MacEngine(mac), quantum_ps_(model.quantum_ps), kernels_(choose_kernels(instructions)) {
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    programs_.push_back(compile(build_inertial_network(mac, model, weight)));
    const InertialProgram& program = programs_.back().program;
    add_weight(program.counter_of_net, program.counters, energy);
  }
  changing_weight_ = compile(build_inertial_network(mac, model, std::nullopt));
  const InertialProgram& program = changing_weight_.program;
  changing_weight_fj_.assign(static_cast<std::size_t>(program.counters), 0.0);
  for (std::size_t net = 0; net < program.counter_of_net.size(); ++net) {
    const int counter = program.counter_of_net[net];
    if (counter < 0) continue;
    changing_weight_fj_[static_cast<std::size_t>(counter)] += energy.nets[net].total_fj();
  }
  compute_weight_changes();
}

InertialEngine::CompiledProgram InertialEngine::compile(const InertialNetwork& network) const {
  CompiledProgram result;
  result.program = build_inertial_program(network);
  for (const InertialOperation& operation : result.program.operations) {
    const auto call = [&](const InertialKernelSet::Step& step) {
      return Call{evaluation(step, operation), filter(step, operation)};
    };
    result.long_step.push_back(call(kernels_->long_step));
    result.short_step.push_back(call(kernels_->short_step));
    result.spread_step.push_back(call(kernels_->spread_step));
  }
  return result;
}

std::string InertialEngine::timing() const { return fmt::format("inertial, {} ps", quantum_ps_); }

void InertialEngine::run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
                         BitPlanes& partial_sum_out, ToggleTally& tally) const {
  const std::size_t index = index_of(weight);
  require_streams(activation, partial_sum_in, partial_sum_out);
  partial_sum_out.reshape(widths().partial_sum_bits, activation.cycles());
  if (activation.cycles() == 0) return;
  Pass pass(programs_[index]);
  pass.context().counters = counters(tally, index, activation.cycles() - 1);
  const std::size_t words = activation.blocks() * BitPlanes::kBlockWords;
  std::size_t word = 0;
  for (; word + kLongStepWords <= words; word += kLongStepWords) {
    pass.step(activation, partial_sum_in, partial_sum_out, word, kLongStepWords);
  }
  for (; word < words; word += kShortStepWords) {
    pass.step(activation, partial_sum_in, partial_sum_out, word, kShortStepWords);
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
  Pass pass(programs_[index]);
  std::array<double, kShortStepCycles> sum_fj{};
  pass.context().energy_fj = counter_fj(index).data();
  pass.context().transition_fj = sum_fj.data();
  for (std::size_t first = 0; first < cycles; first += kShortStepCycles) {
    sum_fj.fill(0.0);
    pass.load(activation_planes, partial_sum_planes, first / 64, kShortStepWords);
    pass.spread_inputs();
    pass.evaluate(programs_[index].spread_step);
    // Entry i is the transition into cycle first + i; into cycle 0 there is none.
    const std::size_t end = std::min(cycles, first + kShortStepCycles);
    for (std::size_t cycle = std::max<std::size_t>(first, 1); cycle < end; ++cycle) {
      energy_fj[cycle - 1] = static_cast<float>(sum_fj[cycle - first]);
    }
  }
}

void InertialEngine::change_energies_fj(const PeOperands* before, const PeOperands* after,
                                        std::size_t count, double* energy_fj) const {
  Pass pass(changing_weight_);
  std::array<double, kShortStepCycles> sum_fj{};
  pass.context().energy_fj = changing_weight_fj_.data();
  pass.context().transition_fj = sum_fj.data();
  const auto planes = [&](const PeOperands* operands, std::size_t cycles) {
    std::vector<std::int8_t> weight(cycles);
    std::vector<std::int8_t> activation(cycles);
    std::vector<std::int32_t> partial_sum(cycles);
    for (std::size_t i = 0; i < cycles; ++i) {
      weight[i] = operands[i].weight;
      activation[i] = operands[i].activation;
      partial_sum[i] = operands[i].partial_sum;
    }
    return std::array<BitPlanes, 3>{BitPlanes::from_int8(weight, widths().weight_bits),
                                    BitPlanes::from_int8(activation, widths().activation_bits),
                                    BitPlanes::from_int32(partial_sum, widths().partial_sum_bits)};
  };
  for (std::size_t first = 0; first < count; first += kShortStepCycles) {
    const std::size_t cycles = std::min(count - first, kShortStepCycles);
    sum_fj.fill(0.0);
    pass.load_pairs(planes(before + first, cycles), planes(after + first, cycles));
    pass.spread_inputs();
    pass.evaluate(changing_weight_.spread_step);
    std::copy_n(sum_fj.begin(), cycles, energy_fj + first);
  }
}

}  // namespace togglewise::gate
