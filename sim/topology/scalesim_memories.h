// SCALE-Sim's buffers as it models them with InterfaceBandwidth CALC: they decide the DRAM columns
// of its reports, and the stalls. Described here from its behaviour: v2 and v3, `ws`, word size 1.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace togglewise::topology {

struct ScaleSimDramAccesses {
  std::int64_t start_cycle = 0;
  std::int64_t stop_cycle = 0;
  std::int64_t count = 0;
};

// IFMAP and FILTER. A buffer of `words` is managed in sets of words/100. New addresses fill sets;
// whenever 50 sets are full, they are taken as one prefetch and the oldest 50 are forgotten. The
// first prefetch ends before the first request, at 10 words a cycle; each further one took place
// while the one before it was used. An address outside the sets that are kept is fetched again.
class ScaleSimReadBuffer {
 public:
  // Addresses are 0 … addresses − 1.
  ScaleSimReadBuffer(std::int64_t words, std::size_t addresses);

  void read(std::int64_t cycle, std::size_t address) {
    std::int32_t& set = set_of_[address];
    if (set >= first_set_) return;
    set = current_set_;
    add_word(cycle);
  }
  // Reads of `count` addresses that were never read before.
  void read_new(std::int64_t cycle, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) add_word(cycle);
  }
  ScaleSimDramAccesses finish();  // once, after the last read

  // Whether so many different addresses never fill the first 50 sets.
  bool holds(std::int64_t addresses) const { return addresses < kept_sets * set_words_; }
  // The same as read_new() and finish() where holds(addresses): the order does not matter then.
  ScaleSimDramAccesses fetch_once(std::int64_t addresses) const;

 private:
  static constexpr std::int64_t kept_sets = 50;

  void add_word(std::int64_t cycle);
  void prefetch(std::int64_t words);

  std::int64_t set_words_;
  std::vector<std::int32_t> set_of_;  // the set that an address was last put into
  std::int32_t first_set_ = 0;
  std::int32_t current_set_ = 0;
  std::int64_t words_in_set_ = 0;
  bool first_request_seen_ = false;
  bool prefetched_ = false;
  std::int64_t first_request_cycle_ = 0;
  std::int64_t prefetch_start_ = -2;
  std::int64_t prefetch_end_ = -1;
  ScaleSimDramAccesses dram_;
};

// OFMAP. Words are collected in lines of `line_words` (the array's columns). When half of the
// buffer is full, lines worth the other half are drained, one a cycle, while writing goes on; the
// array stalls only when the buffer is full before a drain ends. A line that was cut short by a
// drain counts as a full one unless it is the last of a drain.
class ScaleSimWriteBuffer {
 public:
  ScaleSimWriteBuffer(std::int64_t words, std::int64_t line_words);

  // Writes `count` words in `cycle`; the cycle in which the last of them was taken.
  std::int64_t write(std::int64_t cycle, std::int64_t count);
  ScaleSimDramAccesses finish(std::int64_t cycle);  // once, after the last write

 private:
  void store(std::int64_t count);
  void flush_line();
  void drain(std::int64_t cycle);

  std::int64_t line_words_;
  std::int64_t active_words_;
  std::int64_t drain_words_;
  std::int64_t free_words_;
  std::int64_t lines_ = 0;  // whole ones and those flushed
  std::int64_t drained_lines_ = 0;
  std::int64_t words_in_line_ = 0;
  std::map<std::int64_t, std::int64_t> short_lines_;  // line → words
  std::int64_t drain_end_ = 0;
  bool drained_ = false;
  ScaleSimDramAccesses dram_;
};

}  // namespace togglewise::topology
