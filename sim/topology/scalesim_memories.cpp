#include "sim/topology/scalesim_memories.h"

#include <algorithm>

namespace togglewise::topology {
namespace {

constexpr std::int64_t sets_per_buffer = 100;
constexpr std::int64_t first_prefetch_words_per_cycle = 10;
constexpr std::int64_t port_latency_cycles = 1;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

ScaleSimReadBuffer::ScaleSimReadBuffer(std::int64_t words, std::size_t addresses)
    : set_words_(words / sets_per_buffer), set_of_(addresses, -1) {}

void ScaleSimReadBuffer::prefetch(std::int64_t words) {
  if (!prefetched_) dram_.start_cycle = prefetch_start_ + port_latency_cycles;
  dram_.stop_cycle = prefetch_end_ + port_latency_cycles;
  dram_.count += words;
  prefetched_ = true;
}

void ScaleSimReadBuffer::add_word(std::int64_t cycle) {
  if (!first_request_seen_) {
    first_request_seen_ = true;
    first_request_cycle_ = cycle;
  }
  if (++words_in_set_ < set_words_) return;
  words_in_set_ = 0;
  ++current_set_;
  if (current_set_ != first_set_ + kept_sets) return;
  if (!prefetched_) {
    prefetch_end_ = first_request_cycle_ - 1 - port_latency_cycles;
    prefetch_start_ =
        prefetch_end_ - ceil_div(kept_sets * set_words_, first_prefetch_words_per_cycle) + 1;
  }
  prefetch(kept_sets * set_words_);
  first_set_ += kept_sets;
  prefetch_start_ = prefetch_end_ + 1;
  prefetch_end_ = cycle;
}

ScaleSimDramAccesses ScaleSimReadBuffer::finish() {
  const std::int64_t words = (current_set_ - first_set_) * set_words_ + words_in_set_;
  if (!prefetched_) return fetch_once(words);
  prefetch(words);
  return dram_;
}

ScaleSimDramAccesses ScaleSimReadBuffer::fetch_once(std::int64_t addresses) const {
  const std::int64_t sets = ceil_div(addresses, set_words_);
  const std::int64_t cycles = ceil_div(sets * set_words_, first_prefetch_words_per_cycle);
  return {-cycles, -1, addresses};
}

ScaleSimWriteBuffer::ScaleSimWriteBuffer(std::int64_t words, std::int64_t line_words)
    : line_words_(line_words),
      active_words_(ceil_div(words, 2)),
      drain_words_(words - active_words_),
      free_words_(words) {}

void ScaleSimWriteBuffer::store(std::int64_t count) {
  free_words_ -= count;
  words_in_line_ += count;
  lines_ += words_in_line_ / line_words_;
  words_in_line_ %= line_words_;
}

void ScaleSimWriteBuffer::flush_line() {
  if (words_in_line_ == 0) return;
  short_lines_[lines_++] = words_in_line_;
  words_in_line_ = 0;
}

void ScaleSimWriteBuffer::drain(std::int64_t cycle) {
  const std::int64_t end = std::min(drained_lines_ + ceil_div(drain_words_, line_words_), lines_);
  const std::int64_t lines = end - drained_lines_;
  const auto last = short_lines_.find(end - 1);
  const std::int64_t missing = last == short_lines_.end() ? 0 : line_words_ - last->second;
  const std::int64_t words = lines * line_words_ - missing;
  drain_end_ = cycle + lines - 1;
  dram_.start_cycle = drained_ ? std::min(dram_.start_cycle, cycle) : cycle;
  dram_.stop_cycle = drained_ ? std::max(dram_.stop_cycle, drain_end_) : drain_end_;
  dram_.count += words;
  drained_ = true;
  free_words_ += words;
  drained_lines_ = end;
}

std::int64_t ScaleSimWriteBuffer::write(std::int64_t cycle, std::int64_t count) {
  const bool nothing_happens =
      cycle < drain_end_ ? free_words_ - count > 0 : free_words_ - count >= active_words_;
  if (nothing_happens) {
    store(count);
    return cycle;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    store(1);
    if (cycle < drain_end_) {
      if (free_words_ <= 0) cycle = drain_end_;
    } else if (free_words_ < active_words_) {
      flush_line();
      drain(cycle);
    }
  }
  return cycle;
}

ScaleSimDramAccesses ScaleSimWriteBuffer::finish(std::int64_t cycle) {
  flush_line();
  while (drained_lines_ < lines_) {
    drain(cycle);
    cycle = drain_end_ + 1;
  }
  return dram_;
}

}  // namespace togglewise::topology
