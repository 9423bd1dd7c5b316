// Toggle counts of PEs by weight value: integers, so that merging them in any order gives the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace togglewise::gate {

// What the counters mean is the engine's business: get one from MacEngine::make_tally().
class ToggleTally {
 public:
  ToggleTally() = default;
  explicit ToggleTally(std::size_t weights) : counters_(weights), transitions_(weights, 0) {}

  // Adds another tally of the same engine; an empty one takes its shape.
  ToggleTally& operator+=(const ToggleTally& other) {
    add(other, 1);
    return *this;
  }
  // Adds it as often: PEs that all see the same operands are simulated once.
  void add(const ToggleTally& other, std::uint64_t times);

  // Transitions (cycle pairs) of PEs with the weight of this index.
  std::uint64_t transitions(std::size_t weight_index) const { return transitions_[weight_index]; }
  std::uint64_t total_transitions() const;
  bool empty() const { return transitions_.empty(); }

  friend bool operator==(const ToggleTally& a, const ToggleTally& b) {
    return a.counters_ == b.counters_ && a.transitions_ == b.transitions_;
  }

 private:
  friend class MacEngine;

  std::vector<std::vector<std::uint64_t>> counters_;  // per weight; empty until it is first used
  std::vector<std::uint64_t> transitions_;
};

}  // namespace togglewise::gate
