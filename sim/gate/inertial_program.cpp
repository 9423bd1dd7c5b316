#include "sim/gate/inertial_program.h"

#include <algorithm>
#include <map>
#include <utility>

namespace togglewise::gate {

using Kind = InertialNode::Kind;

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// Runs of free places; the lowest that is long enough is taken, so that memory stays in use that
// the caches hold.
class Places {
 public:
  int take(int count) {
    for (auto run = free_.begin(); run != free_.end(); ++run) {
      if (run->second < count) continue;
      const int begin = run->first;
      const int left = run->second - count;
      free_.erase(run);
      if (left > 0) free_.emplace(begin + count, left);
      return begin;
    }
    const int begin = end_;
    end_ += count;
    return begin;
  }

  void give_back(int begin, int count) {
    auto next = free_.lower_bound(begin);
    if (next != free_.end() && begin + count == next->first) {
      count += next->second;
      next = free_.erase(next);
    }
    if (next != free_.begin()) {
      const auto before = std::prev(next);
      if (before->first + before->second == begin) {
        before->second += count;
        return;
      }
    }
    free_.emplace(begin, count);
  }

  int end() const { return end_; }

 private:
  std::map<int, int> free_;  // begin → count
  int end_ = 0;
};

// Where a node's values lie and for which times they are.
struct Waveform {
  int place = 0;
  int places = 0;
  std::vector<int> times;  // value 1 + i is the node's from times[i] on
  int readers = 0;         // operations that still have to read it
};

class ProgramBuilder {
 public:
  explicit ProgramBuilder(const InertialNetwork& network)
      : network_(network), waveforms_(network.nodes.size()), counters_(network.nodes.size(), -1) {}

  InertialProgram build() {
    count_readers();
    // Inputs are written before the first operation: their places are free again only after it.
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      if (is_input(network_.nodes[i])) add_input(network_.nodes[i], i);
    }
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      if (!is_input(network_.nodes[i])) add_operation(network_.nodes[i], i);
    }
    for (const InertialSignal& signal : network_.partial_sum_out) {
      InertialSum sum;
      sum.constant = signal.is_constant();
      sum.inverted = signal.inverted;
      if (!sum.constant) sum.final_offset = final_offset(waveforms_[at(signal.node)]);
      program_.sums.push_back(sum);
    }
    assign_counters();
    program_.values = at(places_.end());
    return std::move(program_);
  }

 private:
  static std::uint32_t offset(const Waveform& waveform, int value) {
    return static_cast<std::uint32_t>((waveform.place + value) * kValueBytes);
  }
  static std::uint32_t final_offset(const Waveform& waveform) {
    return offset(waveform, static_cast<int>(waveform.times.size()));
  }

  // Outputs are read after the last operation.
  void count_readers() {
    for (const InertialNode& node : network_.nodes) {
      for_distinct_fanins(node, [&](Waveform& waveform) { ++waveform.readers; });
    }
    for (const InertialSignal& signal : network_.partial_sum_out) {
      if (!signal.is_constant()) ++waveforms_[at(signal.node)].readers;
    }
  }

  template <typename Action>
  void for_distinct_fanins(const InertialNode& node, const Action& action) {
    for (std::size_t i = 0; i < node.fanin.size(); ++i) {
      bool seen = false;
      for (std::size_t j = 0; j < i; ++j) seen = seen || node.fanin[j].node == node.fanin[i].node;
      if (!seen) action(waveforms_[at(node.fanin[i].node)]);
    }
  }

  int counter_of(const InertialNode& node) { return node.counted ? program_.counters++ : -1; }

  void place(Waveform& waveform, int places) {
    waveform.places = places;
    waveform.place = places_.take(places);
  }
  void release_if_unread(const Waveform& waveform) {
    if (waveform.readers == 0) places_.give_back(waveform.place, waveform.places);
  }

  static bool is_input(const InertialNode& node) {
    return node.kind != Kind::table && node.kind != Kind::settled;
  }

  void add_input(const InertialNode& node, std::size_t index) {
    Waveform& waveform = waveforms_[index];
    waveform.times = {node.rises.first()};
    place(waveform, 2);
    counters_[index] = counter_of(node);
    InertialInput input{node.kind, node.bit, {}};
    input.operation.counter = static_cast<std::int16_t>(counters_[index]);
    input.operation.target = offset(waveform, 0);
    input.operation.changes = 1;
    program_.inputs.push_back(input);
  }

  void add_operation(const InertialNode& node, std::size_t index) {
    Waveform& waveform = waveforms_[index];
    InertialOperation operation;
    operation.table = node.table;
    operation.fanins = static_cast<std::uint8_t>(node.fanin.size());
    operation.filtered = node.rise != 1 || node.fall != 1;
    operation.rise = node.rise;
    operation.fall = node.fall;
    operation.first_offset = static_cast<std::uint32_t>(program_.offsets.size());
    operation.counter = static_cast<std::int16_t>(counter_of(node));
    counters_[index] = operation.counter;

    const std::vector<int> wanted = wanted_times(node);
    operation.points = static_cast<int>(wanted.size());
    add_reads(node, wanted);
    if (operation.filtered) {
      choose_filter_points(node, wanted, operation, waveform);
    } else {
      operation.changes = operation.points;
      waveform.times = wanted;
    }
    // The settled value of the cycle before; what the unrolled filters compute beyond the last
    // change; g is complete before a filter writes, an unfiltered g reads while it writes.
    const int spare = operation.filtered ? std::max(1, std::min(node.rise, node.fall)) : 0;
    place(waveform, 1 + operation.changes + spare);
    operation.target = offset(waveform, 0);
    program_.operations.push_back(operation);
    const int window = std::max(node.rise, node.fall);
    program_.scratch_values = std::max(program_.scratch_values, wanted.size() + 4 * at(window) + 8);
    for_distinct_fanins(node, [&](Waveform& read) {
      --read.readers;
      release_if_unread(read);
    });
    release_if_unread(waveform);
  }

  // When g is evaluated: wherever it can change and, between two such points, as long as the change
  // is inside a window. Time in which nothing can happen is left out.
  static std::vector<int> wanted_times(const InertialNode& node) {
    TimeSet changes = node.wanted_rises;
    changes.add_shifted(node.wanted_falls, 0);
    const int window = std::max(node.rise, node.fall);
    std::vector<int> times;
    for (int time = changes.first(); time != TimeSet::kNone;) {
      const int next = changes.next(time + 1);
      const int end = next == TimeSet::kNone ? time + 1 : std::min(next, time + window);
      for (int t = time; t < end; ++t) times.push_back(t);
      time = next;
    }
    return times;
  }

  void choose_filter_points(const InertialNode& node, std::vector<int> times,
                            InertialOperation& operation, Waveform& waveform) const {
    for (int more = 1; more < std::max(node.rise, node.fall); ++more) {
      times.push_back(times.back() + 1);
    }
    TimeSet changes = node.rises;
    changes.add_shifted(node.falls, 0);
    const auto first = std::lower_bound(times.begin(), times.end(), changes.first());
    const auto last = std::lower_bound(times.begin(), times.end(), changes.last());
    operation.first_change = static_cast<int>(first - times.begin()) + 1;
    operation.changes = static_cast<int>(last - first) + 1;
    waveform.times.assign(first, last + 1);
  }

  void add_reads(const InertialNode& node, const std::vector<int>& times) {
    for (const InertialNode::Fanin& fanin : node.fanin) {
      program_.offsets.push_back(offset(waveforms_[at(fanin.node)], 0));
    }
    if (node.kind == Kind::settled) {
      for (const InertialNode::Fanin& fanin : node.fanin) {
        program_.offsets.push_back(final_offset(waveforms_[at(fanin.node)]));
      }
      return;
    }
    std::array<std::size_t, 3> passed{};
    for (const int time : times) {
      for (std::size_t i = 0; i < node.fanin.size(); ++i) {
        const Waveform& input = waveforms_[at(node.fanin[i].node)];
        const int read_at = time - node.fanin[i].shift;
        while (passed[i] < input.times.size() && input.times[passed[i]] <= read_at) ++passed[i];
        program_.offsets.push_back(offset(input, static_cast<int>(passed[i])));
      }
    }
  }

  void assign_counters() {
    for (const InertialSignal& signal : network_.signal_of_net) {
      int counter = -1;
      if (!signal.is_constant()) {
        counter = counters_[at(network_.nodes[at(signal.node)].toggles_of)];
      }
      program_.counter_of_net.push_back(static_cast<std::int16_t>(counter));
    }
  }

  const InertialNetwork& network_;
  std::vector<Waveform> waveforms_;  // per node
  std::vector<int> counters_;        // per node
  Places places_;
  InertialProgram program_;
};

}  // namespace

std::size_t InertialProgram::table_points() const {
  std::size_t sum = 0;
  for (const InertialOperation& operation : operations) sum += at(operation.points);
  return sum;
}

std::size_t InertialProgram::filter_points() const {
  std::size_t sum = 0;
  for (const InertialOperation& operation : operations) {
    if (operation.filtered) sum += at(operation.changes);
  }
  return sum;
}

InertialProgram build_inertial_program(const InertialNetwork& network) {
  return ProgramBuilder(network).build();
}

}  // namespace togglewise::gate
