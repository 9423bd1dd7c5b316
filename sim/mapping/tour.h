// A closed tour through nodes as an array, changed by reversing parts of it: any exchange of edges
// is a series of reversals, and what was changed can be taken back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace togglewise::mapping {

class Tour {
 public:
  explicit Tour(std::vector<std::uint32_t> order) : order_(std::move(order)), at_(order_.size()) {
    for (std::size_t i = 0; i < order_.size(); ++i) at_[order_[i]] = i;
  }

  const std::vector<std::uint32_t>& order() const { return order_; }
  std::size_t size() const { return order_.size(); }
  std::uint32_t node(std::size_t position) const { return order_[position % size()]; }
  // The tour has no direction of its own: reversals may turn it round.
  std::uint32_t next(std::uint32_t node) const {
    const std::size_t i = at_[node] + 1;
    return order_[i == size() ? 0 : i];
  }
  std::uint32_t previous(std::uint32_t node) const {
    const std::size_t i = at_[node];
    return order_[i == 0 ? size() - 1 : i - 1];
  }
  std::uint32_t neighbour(std::uint32_t node, bool forwards) const {
    return forwards ? next(node) : previous(node);
  }

  // Reverses the part that goes forwards from `first` to `last`, or, which makes the same tour, the
  // rest, whichever is shorter.
  void reverse(std::uint32_t first, std::uint32_t last) {
    const std::size_t begin = at_[first];
    const std::size_t end = at_[last];
    const std::size_t length = (end + size() - begin) % size() + 1;
    if (2 * length <= size()) {
      reverse_positions(begin, length);
      changes_.push_back({begin, length});
    } else {
      const std::size_t rest = (end + 1) % size();
      reverse_positions(rest, size() - length);
      changes_.push_back({rest, size() - length});
    }
  }
  // Reverses the part with these ends of which `outside` is the neighbour beyond `one`.
  void reverse_beside(std::uint32_t outside, std::uint32_t one, std::uint32_t other) {
    if (previous(one) == outside) {
      reverse(one, other);
    } else {
      reverse(other, one);
    }
  }

  // Reversals since the last one of these two.
  void keep_changes() { changes_.clear(); }
  void undo_changes() {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      reverse_positions(change->first, change->second);
    }
    changes_.clear();
  }

 private:
  void reverse_positions(std::size_t begin, std::size_t length) {
    std::size_t i = begin;
    std::size_t j = (begin + length + size() - 1) % size();
    for (std::size_t swaps = length / 2; swaps > 0; --swaps) {
      std::swap(order_[i], order_[j]);
      at_[order_[i]] = i;
      at_[order_[j]] = j;
      if (++i == size()) i = 0;
      j = j == 0 ? size() - 1 : j - 1;
    }
  }

  std::vector<std::uint32_t> order_;
  std::vector<std::size_t> at_;                               // [node]: its position
  std::vector<std::pair<std::size_t, std::size_t>> changes_;  // (begin, length)
};

}  // namespace togglewise::mapping
