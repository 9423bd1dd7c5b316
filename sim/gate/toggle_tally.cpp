#include "sim/gate/toggle_tally.h"

#include <numeric>

namespace togglewise::gate {

void ToggleTally::add(const ToggleTally& other, std::uint64_t times) {
  if (other.empty() || times == 0) return;
  if (empty()) *this = ToggleTally(other.counters_.size());
  for (std::size_t w = 0; w < counters_.size(); ++w) {
    transitions_[w] += times * other.transitions_[w];
    if (other.counters_[w].empty()) continue;
    counters_[w].resize(other.counters_[w].size(), 0);
    for (std::size_t i = 0; i < counters_[w].size(); ++i) {
      counters_[w][i] += times * other.counters_[w][i];
    }
  }
}

std::uint64_t ToggleTally::total_transitions() const {
  return std::accumulate(transitions_.begin(), transitions_.end(), std::uint64_t{0});
}

}  // namespace togglewise::gate
