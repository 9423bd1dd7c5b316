#include "sim/energy/transition_histogram.h"

#include <algorithm>

#include "sim/array/toggle_histogram.h"

namespace togglewise::energy {
namespace {

constexpr std::size_t kBlock = array::kBlockTransitions;

void add_into(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

// The transitions of one PE.
struct PeTransitions {
  const std::uint16_t* activation_cell;  // [kBlock]: first cell of the activation group
  const std::uint16_t* group;            // [kBlock]: of the partial sum
  std::uint64_t* counts;                 // [cell], of the PE's weight
};

// A transition's cell is the first of its activation group plus its partial-sum group. Cells are
// added up kStep at a time, which the compiler turns into vector instructions, and then counted, PE
// by PE in turn: a PE's transitions often fall into one cell, whose counter cannot be raised again
// before its last store has come back.
template <std::size_t kPes>
void count_cells(const PeTransitions* pes, std::size_t transitions) {
  constexpr std::size_t kStep = 32;
  std::uint16_t cell[kPes][kStep];
  for (std::size_t t = 0; t < transitions; t += kStep) {
    for (std::size_t k = 0; k < kPes; ++k) {
      for (std::size_t i = 0; i < kStep; ++i) {
        cell[k][i] =
            static_cast<std::uint16_t>(pes[k].activation_cell[t + i] + pes[k].group[t + i]);
      }
    }
    const std::size_t count = std::min(kStep, transitions - t);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < kPes; ++k) ++pes[k].counts[cell[k][i]];
    }
  }
}

// One block of time of a tile whose partial-sum groups the toggle engine numbers.
class BlockCounter {
 public:
  BlockCounter(const TransitionGrouping& grouping, const array::ArrayShape& shape,
               const array::TileStreams& streams, TransitionHistogram& histogram)
      : grouping_(grouping),
        shape_(shape),
        streams_(streams),
        histogram_(histogram),
        activation_cell_(static_cast<std::size_t>(streams.used_rows) * kBlock) {}

  // First cell of every transition's activation group, once for all columns.
  void count_activations(std::size_t first, std::size_t transitions) {
    const std::size_t width = grouping_.partial_sum_groups();
    const auto idle_columns = static_cast<std::uint64_t>(shape_.columns - streams_.used_columns);
    const std::size_t still = grouping_.partial_sum_group(0, 0);
    for (int r = 0; r < streams_.used_rows; ++r) {
      const std::int8_t* a = streams_.row(r) + first;
      std::uint16_t* cell = activation_cell_.data() + static_cast<std::size_t>(r) * kBlock;
      for (std::size_t t = 0; t < transitions; ++t) {
        cell[t] = static_cast<std::uint16_t>(grouping_.activation_group(a[t], a[t + 1]) * width);
        histogram_.idle_columns[cell[t] + still] += idle_columns;
      }
    }
  }

  void count_column(const array::TransitionGroups& groups, int column) {
    constexpr int kPes = 4;  // at a time
    PeTransitions pes[kPes];
    std::size_t live_rows_above = 0;
    for (int r = 0; r < streams_.used_rows; ++r) {
      const int weight = streams_.weight(r, column);
      pes[r % kPes] = {activation_cell_.data() + static_cast<std::size_t>(r) * kBlock,
                       groups.entering(live_rows_above),
                       histogram_.active.data() + weight_index(weight) * histogram_.cells};
      if (r % kPes == kPes - 1) count_cells<kPes>(pes, groups.transitions());
      if (weight != 0) ++live_rows_above;
    }
    for (int k = 0; k < streams_.used_rows % kPes; ++k) {
      count_cells<1>(pes + k, groups.transitions());
    }
    const auto idle_rows = static_cast<std::uint64_t>(shape_.rows - streams_.used_rows);
    if (idle_rows == 0) return;
    const std::size_t still = grouping_.activation_group(0, 0) * grouping_.partial_sum_groups();
    const std::uint16_t* leaving = groups.entering(live_rows_above);
    for (std::size_t t = 0; t < groups.transitions(); ++t) {
      histogram_.idle_rows[still + leaving[t]] += idle_rows;
    }
  }

 private:
  const TransitionGrouping& grouping_;
  const array::ArrayShape& shape_;
  const array::TileStreams& streams_;
  TransitionHistogram& histogram_;
  std::vector<std::uint16_t> activation_cell_;  // [row][kBlock]
};

void add_engine_groups(const TransitionGrouping& grouping, array::ToggleGroup kind,
                       const array::ArrayShape& shape, const array::TileStreams& streams,
                       TransitionHistogram& histogram) {
  array::TransitionGroups groups(kind, shape, streams);
  BlockCounter counter(grouping, shape, streams, histogram);
  for (std::size_t first = 0; first + 1 < streams.cycles; first += kBlock) {
    groups.select_block(first);
    counter.count_activations(first, groups.transitions());
    for (int c = 0; c < streams.used_columns; ++c) {
      groups.select_column(c);
      counter.count_column(groups, c);
    }
  }
}

// Any grouping, transition by transition.
void add_any_groups(const TransitionGrouping& grouping, const array::ArrayShape& shape,
                    const array::TileStreams& streams, TransitionHistogram& histogram) {
  const std::size_t transitions = streams.cycles - 1;
  const std::size_t width = grouping.partial_sum_groups();
  const auto rows = static_cast<std::size_t>(streams.used_rows);

  // First cell of every transition's activation group, once for all columns.
  std::vector<std::uint32_t> activation_cell(rows * transitions);
  for (int r = 0; r < streams.used_rows; ++r) {
    const std::int8_t* a = streams.row(r);
    std::uint32_t* cell = activation_cell.data() + static_cast<std::size_t>(r) * transitions;
    for (std::size_t t = 0; t < transitions; ++t) {
      cell[t] = static_cast<std::uint32_t>(grouping.activation_group(a[t], a[t + 1]) * width);
    }
  }

  std::vector<std::int32_t> partial_sum(streams.cycles);
  std::vector<std::uint16_t> group(transitions);
  for (int c = 0; c < streams.used_columns; ++c) {
    std::fill(partial_sum.begin(), partial_sum.end(), 0);
    grouping.group_partial_sums(partial_sum.data(), transitions, group.data());
    for (int r = 0; r < streams.used_rows; ++r) {
      const int weight = streams.weight(r, c);
      std::uint64_t* counts = histogram.active.data() + weight_index(weight) * histogram.cells;
      const std::uint32_t* cell =
          activation_cell.data() + static_cast<std::size_t>(r) * transitions;
      for (std::size_t t = 0; t < transitions; ++t) ++counts[cell[t] + group[t]];
      if (weight == 0) continue;  // what leaves is what came in
      const std::int8_t* a = streams.row(r);
      for (std::size_t t = 0; t < streams.cycles; ++t) partial_sum[t] += weight * a[t];
      grouping.group_partial_sums(partial_sum.data(), transitions, group.data());
    }
    const auto idle_rows = static_cast<std::uint64_t>(shape.rows - streams.used_rows);
    if (idle_rows == 0) continue;
    const std::size_t still = grouping.activation_group(0, 0) * width;
    for (std::size_t t = 0; t < transitions; ++t)
      histogram.idle_rows[still + group[t]] += idle_rows;
  }

  const auto idle_columns = static_cast<std::uint64_t>(shape.columns - streams.used_columns);
  const std::size_t still = grouping.partial_sum_group(0, 0);
  if (idle_columns == 0) return;
  for (const std::uint32_t cell : activation_cell)
    histogram.idle_columns[cell + still] += idle_columns;
}

}  // namespace

TransitionHistogram& TransitionHistogram::operator+=(const TransitionHistogram& other) {
  add_into(active, other.active);
  add_into(idle_columns, other.idle_columns);
  add_into(idle_rows, other.idle_rows);
  add_into(active_pes, other.active_pes);
  return *this;
}

void add_transitions(const TransitionGrouping& grouping, const array::ArrayShape& shape,
                     const array::TileStreams& streams, TransitionHistogram& histogram) {
  for (const std::int8_t weight : streams.weights) ++histogram.active_pes[weight_index(weight)];
  const std::optional<array::ToggleGroup> kind = grouping.engine_groups();
  if (kind && grouping.cells() <= 65536) {
    add_engine_groups(grouping, *kind, shape, streams, histogram);
  } else {
    add_any_groups(grouping, shape, streams, histogram);
  }
}

}  // namespace togglewise::energy
