#include "sim/gate/inertial_pass.h"

#include <algorithm>
#include <utility>

namespace togglewise::gate {

using Call = CompiledInertialProgram::Call;
using Kind = InertialNode::Kind;

namespace {

InertialKernel evaluation(const InertialKernelSet::Step& step, const InertialOperation& operation) {
  if (operation.fanins == 1) return step.copy;
  return operation.fanins == 2 ? step.table2[operation.table] : step.table3[operation.table];
}

InertialKernel filter(const InertialKernelSet::Step& step, const InertialOperation& operation) {
  if (!operation.filtered) return operation.counter >= 0 ? step.count : nullptr;
  if (std::max(operation.rise, operation.fall) > kMostUnrolledWindow) return step.wide_filter;
  return step.filter[operation.rise][operation.fall];
}

// The cycle before each one: the same words a cycle later. The cycle before the first is like it.
void delay_one_cycle(const std::uint64_t* plane, bool first, int words, std::uint64_t* before) {
  std::uint64_t carry = first ? plane[0] & 1U : plane[-1] >> 63;
  for (int i = 0; i < words; ++i) {
    before[i] = plane[i] << 1 | carry;
    carry = plane[i] >> 63;
  }
}

const BitPlanes& planes_of(const OperandPlanes& operands, Kind kind) {
  if (kind == Kind::weight) return operands.weight;
  return kind == Kind::activation ? operands.activation : operands.partial_sum;
}

}  // namespace

const InertialKernelSet* choose_inertial_kernels(InstructionSet wanted) {
  const InertialKernelSet* chosen = nullptr;
  if (wanted == InstructionSet::best || wanted == InstructionSet::avx512) {
    chosen = avx512_inertial_kernels();
  }
  if (chosen == nullptr && wanted != InstructionSet::generic) chosen = avx2_inertial_kernels();
  return chosen == nullptr ? generic_inertial_kernels() : chosen;
}

CompiledInertialProgram compile(InertialProgram program, const InertialKernelSet& kernels) {
  CompiledInertialProgram result;
  for (const InertialOperation& operation : program.operations) {
    const auto call = [&](const InertialKernelSet::Step& step) {
      return Call{evaluation(step, operation), filter(step, operation)};
    };
    result.long_step.calls.push_back(call(kernels.long_step));
    result.short_step.calls.push_back(call(kernels.short_step));
    result.spread_step.calls.push_back(call(kernels.spread_step));
  }
  result.long_step.count_input = kernels.long_step.count;
  result.short_step.count_input = kernels.short_step.count;
  result.spread_step.count_input = kernels.spread_step.count;
  result.program = std::move(program);
  return result;
}

OperandPlanes operand_planes(const PeOperands* operands, std::size_t count,
                             const tech::MacWidths& widths) {
  std::vector<std::int8_t> weight(count);
  std::vector<std::int8_t> activation(count);
  std::vector<std::int32_t> partial_sum(count);
  for (std::size_t i = 0; i < count; ++i) {
    weight[i] = operands[i].weight;
    activation[i] = operands[i].activation;
    partial_sum[i] = operands[i].partial_sum;
  }
  return {BitPlanes::from_int8(weight, widths.weight_bits),
          BitPlanes::from_int8(activation, widths.activation_bits),
          BitPlanes::from_int32(partial_sum, widths.partial_sum_bits)};
}

InertialPass::InertialPass(const CompiledInertialProgram& compiled)
    : compiled_(compiled),
      program_(compiled.program),
      memory_(new Value[program_.values + 3 * program_.scratch_values]) {
  context_.values = memory_[0].bytes;
  context_.scratch = context_.values + program_.values * sizeof(Value);
  context_.scratch_values = program_.scratch_values;
  context_.offsets = program_.offsets.data();
}

InertialPass::InertialPass(const CompiledInertialProgram& compiled, std::uint64_t* counters)
    : InertialPass(compiled) {
  context_.counters = counters;
}

InertialPass::InertialPass(const CompiledInertialProgram& compiled, const double* energy_fj,
                           double* transition_fj)
    : InertialPass(compiled) {
  context_.energy_fj = energy_fj;
  context_.transition_fj = transition_fj;
}

void InertialPass::count(const BitPlanes& activation, const BitPlanes& partial_sum, BitPlanes& sums,
                         std::size_t word, int words) {
  load(activation, partial_sum, word, words);
  evaluate(words == kLongStepWords ? compiled_.long_step : compiled_.short_step);
  store(sums, word, words);
}

void InertialPass::spread(const BitPlanes& activation, const BitPlanes& partial_sum,
                          std::size_t word) {
  load(activation, partial_sum, word, kShortStepWords);
  evaluate(compiled_.spread_step);
}

void InertialPass::count_changes(const OperandPlanes& before, const OperandPlanes& after) {
  load_changes(before, after);
  evaluate(compiled_.short_step);
}

void InertialPass::spread_changes(const OperandPlanes& before, const OperandPlanes& after) {
  load_changes(before, after);
  evaluate(compiled_.spread_step);
}

void InertialPass::load(const BitPlanes& activation, const BitPlanes& partial_sum, std::size_t word,
                        int words) {
  for (const InertialInput& input : program_.inputs) {
    const BitPlanes& planes = input.kind == Kind::activation ? activation : partial_sum;
    const std::uint64_t* plane = planes.plane(input.bit) + word;
    delay_one_cycle(plane, word == 0, words, value(input.operation.target));
    std::copy_n(plane, words, value(input.operation.target + kValueBytes));
  }
}

void InertialPass::load_changes(const OperandPlanes& before, const OperandPlanes& after) {
  for (const InertialInput& input : program_.inputs) {
    std::copy_n(planes_of(before, input.kind).plane(input.bit), kShortStepWords,
                value(input.operation.target));
    std::copy_n(planes_of(after, input.kind).plane(input.bit), kShortStepWords,
                value(input.operation.target + kValueBytes));
  }
}

void InertialPass::evaluate(const CompiledInertialProgram::Step& step) {
  for (const InertialInput& input : program_.inputs) {
    if (input.operation.counter >= 0) step.count_input(context_, input.operation);
  }
  const InertialOperation* operation = program_.operations.data();
  for (const Call& call : step.calls) {
    call.evaluate(context_, *operation);
    if (call.filter != nullptr) call.filter(context_, *operation);
    ++operation;
  }
}

void InertialPass::store(BitPlanes& sums, std::size_t word, int words) {
  for (std::size_t bit = 0; bit < program_.sums.size(); ++bit) {
    const InertialSum& sum = program_.sums[bit];
    std::uint64_t* plane = sums.plane(static_cast<int>(bit)) + word;
    const std::uint64_t flip = sum.inverted ? ~0ULL : 0ULL;
    const std::uint64_t* settled = value(sum.final_offset);
    for (int i = 0; i < words; ++i) plane[i] = sum.constant ? flip : settled[i] ^ flip;
  }
}

}  // namespace togglewise::gate
