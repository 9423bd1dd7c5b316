#include "sim/energy/layer_statistics.h"

#include <algorithm>
#include <unordered_map>

namespace togglewise::energy {
namespace {

// Transitions of every column's partial sums that are sampled, per tile and row.
constexpr std::size_t kSamplesPerRow = 256;

bool knows_partial_sums(const GroupingPart& part) { return part.partial_sum_groups() > 1; }

void add_row_exactly(const TableLookup& lookup, std::size_t part, const std::int8_t* a,
                     std::size_t transitions, std::int64_t* units) {
  const GroupingPart& grouping = *lookup.tables().grouping->parts()[part];
  std::unordered_map<std::size_t, std::int64_t> occurrences;
  for (std::size_t t = 0; t < transitions; ++t) {
    ++occurrences[grouping.activation_group(a[t], a[t + 1]) * grouping.partial_sum_groups()];
  }
  for (int v = -128; v < 128; ++v) {
    const std::int32_t* table = lookup.of_weight(part, v);
    for (const auto& [cell, count] : occurrences) units[weight_index(v)] += count * table[cell];
  }
}

}  // namespace

double LayerStatistics::energy_fj(std::size_t row, int weight) const {
  const std::size_t i = row * kWeightValues + weight_index(weight);
  double units = 0;
  if (transitions[row] > 0) {
    units += static_cast<double>(exact[i]) / static_cast<double>(transitions[row]);
  }
  if (samples[row] > 0) {
    units += static_cast<double>(sampled[i]) / static_cast<double>(samples[row]);
  }
  return units / kUnitsPerFj;
}

LayerStatistics& LayerStatistics::operator+=(const LayerStatistics& other) {
  const auto add = [](auto& to, const auto& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  add(exact, other.exact);
  add(sampled, other.sampled);
  add(transitions, other.transitions);
  add(samples, other.samples);
  return *this;
}

void add_statistics(const TableLookup& lookup, const network::TileRange& range, int reduction,
                    const array::TileStreams& streams, LayerStatistics& statistics) {
  const TransitionGrouping& grouping = *lookup.tables().grouping;
  const std::size_t transitions = streams.cycles - 1;
  const auto first_row =
      static_cast<std::size_t>(range.group) * static_cast<std::size_t>(reduction) +
      static_cast<std::size_t>(range.row_begin);
  const auto columns = static_cast<std::size_t>(streams.used_columns);
  // Every column is sampled at other times, `step` apart.
  const std::size_t step = std::max<std::size_t>(1, transitions * columns / kSamplesPerRow);
  std::vector<std::int32_t> partial_sum(streams.cycles * columns, 0);  // [column][cycle]
  for (int r = 0; r < streams.used_rows; ++r) {
    const std::int8_t* a = streams.row(r);
    const std::size_t row = first_row + static_cast<std::size_t>(r);
    std::int64_t* exact = statistics.exact.data() + row * kWeightValues;
    std::int64_t* sampled = statistics.sampled.data() + row * kWeightValues;
    const bool first_column_tile = range.column_begin == 0;
    for (std::size_t part = 0; part < grouping.parts().size(); ++part) {
      const GroupingPart& cells = *grouping.parts()[part];
      if (!knows_partial_sums(cells)) {
        if (first_column_tile) add_row_exactly(lookup, part, a, transitions, exact);
        continue;
      }
      for (std::size_t i = 0; i < transitions * columns; i += step) {
        const std::size_t t = i % transitions;
        const std::int32_t* p = partial_sum.data() + (i / transitions) * streams.cycles + t;
        const std::size_t entering =
            cells.activation_group(a[t], a[t + 1]) * cells.partial_sum_groups() +
            cells.in_code(p[0], p[1]);
        for (int v = -128; v < 128; ++v) {
          const std::size_t cell = entering + cells.out_code(p[0] + v * a[t], p[1] + v * a[t + 1]);
          sampled[weight_index(v)] += lookup.of_weight(part, v)[cell];
        }
      }
    }
    if (first_column_tile) statistics.transitions[row] += transitions;
    statistics.samples[row] += (transitions * columns + step - 1) / step;
    for (std::size_t c = 0; c < columns; ++c) {
      const int weight = streams.weight(r, static_cast<int>(c));
      std::int32_t* p = partial_sum.data() + c * streams.cycles;
      for (std::size_t t = 0; t < streams.cycles; ++t) p[t] += weight * a[t];
    }
  }
}

}  // namespace togglewise::energy
