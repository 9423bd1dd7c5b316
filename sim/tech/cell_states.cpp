#include "sim/tech/cell_states.h"

#include <algorithm>
#include <bitset>
#include <stdexcept>

namespace togglewise::tech {
namespace {

// More inputs than any standard cell has; 64 blocks of 64 states.
constexpr std::size_t kMaxStateBits = 12;
constexpr std::size_t kWordBits = 6;

std::uint64_t word_of(std::size_t variable, std::size_t block) {
  if (variable < kWordBits) return truth_table_word(static_cast<int>(variable));
  return ((block >> (variable - kWordBits)) & 1U) != 0 ? ~0ULL : 0;
}

// A function of at most 6 variables at 64 states.
std::uint64_t values_of(const TruthTable& function, const std::vector<std::uint64_t>& variables) {
  std::uint64_t result = 0;
  for (unsigned row = 0; row < (1U << function.variables); ++row) {
    if (!function.value(row)) continue;
    std::uint64_t here = ~0ULL;
    for (int v = 0; v < function.variables; ++v) {
      const std::uint64_t word = variables[static_cast<std::size_t>(v)];
      here &= ((row >> v) & 1U) != 0 ? word : ~word;
    }
    result |= here;
  }
  return result;
}

StateSet both(const StateSet& a, const StateSet& b) {
  StateSet result = a;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] &= b[i];
  return result;
}

StateSet without(const StateSet& a, const StateSet& b) {
  StateSet result = a;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] &= ~b[i];
  return result;
}

void unite(StateSet& a, const StateSet& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] |= b[i];
}

}  // namespace

std::uint64_t count(const StateSet& states) {
  std::uint64_t sum = 0;
  for (const std::uint64_t word : states) sum += std::bitset<64>(word).count();
  return sum;
}

CellStates::CellStates(const LibraryCell& cell) : cell_(cell) {
  for (const int pin : cell.inputs) {
    names_.push_back(cell.pins[static_cast<std::size_t>(pin)].name);
  }
  std::size_t bits = cell.inputs.size() + (cell.is_register() ? 1 : 0);
  for (const int pin : cell.outputs) {
    names_.push_back(cell.pins[static_cast<std::size_t>(pin)].name);
    if (!cell.pins[static_cast<std::size_t>(pin)].function) ++bits;
  }
  if (cell.is_register()) {
    names_.push_back(cell.flip_flop->state);
    names_.push_back(cell.flip_flop->inverted_state);
  }
  if (bits > kMaxStateBits) return;

  const std::size_t blocks = bits <= kWordBits ? 1 : std::size_t{1} << (bits - kWordBits);
  const std::uint64_t used = bits >= kWordBits ? ~0ULL : (1ULL << (1U << bits)) - 1;
  all_.assign(blocks, used);
  for (std::size_t block = 0; block < blocks; ++block) {
    std::vector<std::uint64_t> words;
    std::size_t variable = 0;
    while (variable < cell.inputs.size()) words.push_back(word_of(variable++, block));
    const std::vector<std::uint64_t> inputs = words;
    std::vector<std::uint64_t> state;
    if (cell.is_register()) {
      state.push_back(word_of(variable++, block));
      state.push_back(~state[0]);
    }
    for (const int index : cell.outputs) {
      const LibraryPin& pin = cell.pins[static_cast<std::size_t>(index)];
      words.push_back(pin.function ? values_of(*pin.function, cell.is_register() ? state : inputs)
                                   : word_of(variable++, block));
    }
    words.insert(words.end(), state.begin(), state.end());
    words_.push_back(std::move(words));
  }
}

std::optional<StateSet> CellStates::where(const std::string& when) const {
  if (all_.empty()) return std::nullopt;
  try {
    const BooleanExpression expression(when, names_);
    StateSet result;
    for (std::size_t block = 0; block < all_.size(); ++block) {
      result.push_back(expression.evaluate(words_[block]) & all_[block]);
    }
    return result;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::optional<StateSet> CellStates::sensitised(const LibraryPin& output,
                                               const std::string& input) const {
  if (all_.empty() || cell_.is_register() || !output.function) return std::nullopt;
  for (std::size_t i = 0; i < cell_.inputs.size(); ++i) {
    if (names_[i] != input) continue;
    StateSet result;
    for (std::size_t block = 0; block < all_.size(); ++block) {
      std::vector<std::uint64_t> inputs(
          words_[block].begin(),
          words_[block].begin() + static_cast<std::ptrdiff_t>(cell_.inputs.size()));
      inputs[i] = 0;
      const std::uint64_t low = values_of(*output.function, inputs);
      inputs[i] = ~0ULL;
      result.push_back((low ^ values_of(*output.function, inputs)) & all_[block]);
    }
    if (count(result) == 0) return std::nullopt;
    return result;
  }
  return std::nullopt;
}

std::vector<double> CellStates::weights(const std::vector<std::string>& whens,
                                        const std::optional<StateSet>& within) const {
  std::vector<double> equal(whens.size(), 1.0);
  if (all_.empty()) return equal;
  const StateSet& space = within ? *within : all_;
  StateSet covered(all_.size(), 0);
  std::vector<StateSet> sets;
  std::size_t defaults = 0;
  for (const std::string& when : whens) {
    if (when.empty()) {
      sets.emplace_back();
      ++defaults;
      continue;
    }
    const std::optional<StateSet> states = where(when);
    if (!states) return equal;
    unite(covered, *states);
    sets.push_back(both(*states, space));
  }
  const auto rest = static_cast<double>(count(without(space, covered)));
  std::vector<double> result;
  double sum = 0.0;
  for (const StateSet& states : sets) {
    result.push_back(states.empty() ? rest / static_cast<double>(defaults)
                                    : static_cast<double>(count(states)));
    sum += result.back();
  }
  if (sum > 0.0) return result;
  return within ? weights(whens) : equal;
}

double CellStates::share_of_rest(const std::vector<std::string>& whens) const {
  if (all_.empty()) return 0.0;
  StateSet rest = all_;
  for (const std::string& when : whens) {
    const std::optional<StateSet> states = where(when);
    if (!states) return 0.0;
    rest = without(rest, *states);
  }
  return static_cast<double>(count(rest)) / static_cast<double>(count(all_));
}

}  // namespace togglewise::tech
