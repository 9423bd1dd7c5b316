#include "sim/energy/transition_histogram.h"

namespace togglewise::energy {
namespace {

void add_into(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
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
      ++histogram.active_pes[weight_index(weight)];
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

}  // namespace togglewise::energy
