// A set of points in time, counted in quanta from the clock edge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace togglewise::gate {

class TimeSet {
 public:
  void add(int time) {
    reserve(time);
    words_[at(time)] |= 1ULL << (time % 64);
  }

  // Adds every point of `other`, moved by `shift` (at least 0).
  void add_shifted(const TimeSet& other, int shift) {
    if (other.words_.empty()) return;
    const std::size_t words = at(shift);
    const int bits = shift % 64;
    if (words_.size() < other.words_.size() + words + 1) {
      words_.resize(other.words_.size() + words + 1, 0);
    }
    for (std::size_t i = 0; i < other.words_.size(); ++i) {
      words_[i + words] |= other.words_[i] << bits;
      if (bits != 0) words_[i + words + 1] |= other.words_[i] >> (64 - bits);
    }
  }

  bool empty() const { return next(0) == kNone; }
  int first() const { return next(0); }
  int last() const {
    for (std::size_t i = words_.size(); i-- > 0;) {
      if (words_[i] != 0) return static_cast<int>(64 * i) + 63 - __builtin_clzll(words_[i]);
    }
    return kNone;
  }

  // The earliest point at or after `time`; kNone where there is none.
  static constexpr int kNone = -1;
  int next(int time) const {
    std::size_t i = at(time);
    if (i >= words_.size()) return kNone;
    std::uint64_t word = words_[i] & (~0ULL << (time % 64));
    while (word == 0) {
      if (++i == words_.size()) return kNone;
      word = words_[i];
    }
    return static_cast<int>(64 * i) + __builtin_ctzll(word);
  }

  // Shortest time from a point of this set to a later point of `other`; kForever where none is
  // later.
  static constexpr int kForever = std::numeric_limits<int>::max() / 4;
  int shortest_time_to(const TimeSet& other) const {
    int shortest = kForever;
    for (int time = next(0); time != kNone; time = next(time + 1)) {
      const int later = other.next(time + 1);
      if (later == kNone) break;
      if (later - time < shortest) shortest = later - time;
    }
    return shortest;
  }

 private:
  static std::size_t at(int time) { return static_cast<std::size_t>(time) / 64; }
  void reserve(int time) {
    if (words_.size() <= at(time)) words_.resize(at(time) + 1, 0);
  }

  std::vector<std::uint64_t> words_;
};

}  // namespace togglewise::gate
