#include "sim/gate/plane_program.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace togglewise::gate {

namespace {

static_assert(kBlockWords == BitPlanes::kBlockWords && kChunkBlocks == BitPlanes::kChunkBlocks);

const KernelVariants& kernel_of(const KernelSet& set, const KernelOperation& operation) {
  const bool counted = operation.counter >= 0;
  switch (operation.kind) {
    case OperationKind::load:
      return counted ? set.counted_load : set.plain_load;
    case OperationKind::store:
      return set.store;
    case OperationKind::store_inverted:
      return set.store_inverted;
    case OperationKind::store_constant:
      return set.store_constant;
    case OperationKind::table:
      break;
  }
  return counted ? set.counted[operation.table] : set.plain[operation.table];
}

struct alignas(64) Block {
  std::uint64_t words[kBlockWords];
};

}  // namespace

// Slots and sums of one pass: on the stack where they fit, which they do for a MAC. Not
// initialized: every slot and every sum is written before it is read.
class PlaneProgram::Workspace {
 public:
  explicit Workspace(const WeightProgram& program) {
    const auto slots = static_cast<std::size_t>(program.slots) * kChunkBlocks;
    const std::size_t blocks = slots + static_cast<std::size_t>(program.counters);
    if (blocks > kNear) far_.reset(new Block[blocks]);
    slots_ = (far_ ? far_.get() : near_)->words;
    sums_ = slots_ + slots * kBlockWords;
  }
  std::uint64_t* slots() { return slots_; }
  std::uint64_t* sums() { return sums_; }

 private:
  static constexpr std::size_t kNear = 2048;
  Block near_[kNear];
  std::unique_ptr<Block[]> far_;
  std::uint64_t* slots_ = nullptr;
  std::uint64_t* sums_ = nullptr;
};

namespace {

// counters[i] += sign · sum over the words of sums[i]; modulo 2^64.
void add_sums(const std::uint64_t* sums, int count, bool negative, std::uint64_t* counters) {
  for (int i = 0; i < count; ++i, sums += kBlockWords) {
    const std::uint64_t even = (sums[0] + sums[2]) + (sums[4] + sums[6]);
    const std::uint64_t odd = (sums[1] + sums[3]) + (sums[5] + sums[7]);
    counters[i] += negative ? 0 - (even + odd) : even + odd;
  }
}

}  // namespace

const KernelSet* choose_kernels(InstructionSet wanted) {
  const KernelSet* chosen = nullptr;
  if (wanted == InstructionSet::best || wanted == InstructionSet::avx512) chosen = avx512_kernels();
  if (chosen == nullptr && wanted != InstructionSet::generic) chosen = avx2_kernels();
  return chosen == nullptr ? generic_kernels() : chosen;
}

InputPlanes& InputPlanes::add(const BitPlanes& planes) {
  if (!words_.empty() && planes.cycles() != cycles_) {
    throw std::invalid_argument("planes of different lengths");
  }
  if (planes.order() != TimeOrder::interleaved) throw std::invalid_argument("wrong order of time");
  cycles_ = planes.cycles();
  chunks_ = planes.chunks();
  chunk_blocks_ = planes.chunk_blocks();
  ends_as_it_begins_ = ends_as_it_begins_ && planes.ends_as_it_begins();
  words_.reserve(words_.size() + static_cast<std::size_t>(planes.bits()));
  for (int bit = 0; bit < planes.bits(); ++bit) words_.push_back(planes.plane(bit));
  return *this;
}

PlaneProgram::PlaneProgram(WeightProgram program, const KernelSet& kernels)
    : program_(std::move(program)), kernels_(kernels) {
  for (std::size_t i = 0; i < program_.operations.size(); ++i) {
    const KernelVariants* kernel = &kernel_of(kernels, program_.operations[i]);
    if (runs_.empty() || runs_.back().kernel != kernel) {
      runs_.push_back({static_cast<int>(i), 0, kernel});
    }
    ++runs_.back().count;
  }
}

void PlaneProgram::count_falls(std::vector<const std::uint64_t*> inputs,
                               std::vector<std::uint64_t*> outputs, std::size_t chunks,
                               std::size_t chunk_blocks, Workspace& workspace) const {
  KernelContext context{};
  context.slots = workspace.slots();
  context.sums = workspace.sums();
  context.inputs = inputs.data();
  context.outputs = outputs.data();
  const KernelOperation* operations = program_.operations.data();
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    for (const Run& run : runs_) {
      const KernelVariants& kernel = *run.kernel;
      (chunk == 0 ? kernel.set_falls : kernel.add_falls)[chunk_blocks](
          context, operations + run.first, run.count);
    }
    for (const std::uint64_t*& plane : inputs) plane += chunk_blocks * kBlockWords;
    for (std::uint64_t*& plane : outputs) plane += chunk_blocks * kBlockWords;
  }
}

void PlaneProgram::count(const InputPlanes& inputs, BitPlanes& outputs,
                         std::uint64_t* counters) const {
  if (inputs.chunks() == 0) return;
  std::vector<std::uint64_t*> out;
  out.reserve(static_cast<std::size_t>(outputs.bits()));
  for (int bit = 0; bit < outputs.bits(); ++bit) out.push_back(outputs.plane(bit));
  Workspace workspace(program_);
  count_falls(inputs.words(), std::move(out), inputs.chunks(), inputs.chunk_blocks(), workspace);
  kernels_.add_twice(workspace.sums(), program_.counters, counters);
  if (!inputs.end_as_they_begin()) count_ends(inputs, counters);
}

// Adds each signal's last value and subtracts its first one: what it has risen more often than it
// has fallen. Both come from streams of one step, from one of these values to the other.
void PlaneProgram::count_ends(const InputPlanes& inputs, std::uint64_t* counters) const {
  const std::size_t last_word = inputs.chunks() * inputs.chunk_blocks() * kBlockWords - 1;
  Workspace workspace(program_);
  std::vector<Block> input(inputs.words().size());
  std::vector<Block> output(program_.operations.size());  // at least as many as outputs
  std::vector<const std::uint64_t*> in;
  std::vector<std::uint64_t*> out;
  for (const Block& block : input) in.push_back(block.words);
  for (Block& block : output) out.push_back(block.words);
  for (const bool from_last : {true, false}) {
    for (std::size_t i = 0; i < input.size(); ++i) {
      const bool first = (inputs.words()[i][0] & 1U) != 0;
      const bool last = inputs.words()[i][last_word] >> 63 != 0;
      const bool before = from_last ? last : first;
      const bool after = from_last ? first : last;
      for (std::uint64_t& word : input[i].words) word = after ? ~0ULL : 0;
      input[i].words[0] = (input[i].words[0] & ~1ULL) | static_cast<std::uint64_t>(before);
    }
    count_falls(in, out, 1, 1, workspace);
    add_sums(workspace.sums(), program_.counters, !from_last, counters);
  }
}

void PlaneProgram::run(KernelFunction KernelVariants::*function,
                       const KernelContext& context) const {
  for (const Run& run : runs_) {
    const KernelOperation* operations = program_.operations.data() + run.first;
    if (operations->kind >= OperationKind::store) return;  // outputs come last; nobody reads them
    (run.kernel->*function)(context, operations, run.count);
  }
}

void PlaneProgram::count_changes(const InputPlanes& changes, std::uint64_t* counters) const {
  Workspace workspace(program_);
  std::fill_n(workspace.sums(), static_cast<std::size_t>(program_.counters) * kBlockWords, 0);
  KernelContext context{};
  context.slots = workspace.slots();
  context.sums = workspace.sums();
  context.inputs = changes.words().data();
  run(&KernelVariants::add_changes, context);
  add_sums(workspace.sums(), program_.counters, false, counters);
}

void PlaneProgram::spread_changes(const InputPlanes& changes, const double* energy_fj,
                                  double* change_fj) const {
  Workspace workspace(program_);
  KernelContext context{};
  context.slots = workspace.slots();
  context.inputs = changes.words().data();
  context.energy_fj = energy_fj;
  context.change_fj = change_fj;
  run(&KernelVariants::spread, context);
}

}  // namespace togglewise::gate
