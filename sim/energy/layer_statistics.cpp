#include "sim/energy/layer_statistics.h"

#include <algorithm>

#include "sim/energy/pair_counts.h"
#include "sim/energy/row_samples.h"
#include "sim/energy/statistics_kernels.h"

namespace togglewise::energy {
namespace {

// Pairs of cells that are worked on for all rows, so that they stay in the second-level cache.
constexpr std::size_t kPairsAtOnce = 256;
// Products take counts as 16-bit numbers.
constexpr std::size_t kMostCounted = 32767;

CellCounts counted_cells(const PairCounts& pairs, const std::uint32_t* cell_of) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cells;  // cell, count
  cells.reserve(pairs.size);
  for (std::size_t i = 0; i < pairs.size; ++i) {
    cells.emplace_back(cell_of[pairs.pair[i]], pairs.count[i]);
  }
  if (!std::is_sorted(cells.begin(), cells.end())) std::sort(cells.begin(), cells.end());
  CellCounts counts;
  for (const auto& [cell, count] : cells) counts.add(cell, count);
  return counts;
}

// Sums of the high and low halves over one row's cells.
struct RowSums {
  std::int32_t high[kWeightValues] = {};
  std::int32_t low[kWeightValues] = {};
};

void add_pair_part(const TableLookup& lookup, std::size_t part,
                   const std::vector<std::size_t>& rows, const std::vector<PairCounts>& pairs,
                   LayerStatistics& statistics) {
  const CellMajorTable& table = lookup.by_cell(part);
  std::vector<CellCounts> counts;
  for (const PairCounts& row : pairs) {
    counts.push_back(counted_cells(row, lookup.activation_cells(part)));
  }
  std::vector<RowSums> sums(counts.size());
  std::vector<std::size_t> at(counts.size(), 0);
  for (std::size_t last = kPairsAtOnce; last < table.cells / 2 + 1 + kPairsAtOnce;
       last += kPairsAtOnce) {
    for (std::size_t r = 0; r < counts.size(); ++r) {
      const auto begin = counts[r].pair.begin() + static_cast<std::ptrdiff_t>(at[r]);
      const auto found = std::lower_bound(begin, counts[r].pair.end(), last);
      const auto end = static_cast<std::size_t>(found - counts[r].pair.begin());
      add_counted_cells(table.high.data(), counts[r], at[r], end, sums[r].high);
      add_counted_cells(table.low.data(), counts[r], at[r], end, sums[r].low);
      at[r] = end;
    }
  }
  for (std::size_t r = 0; r < counts.size(); ++r) {
    std::int64_t* exact = statistics.exact.data() + rows[r] * kWeightValues;
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      exact[w] += std::int64_t{sums[r].high[w]} * 32768 + sums[r].low[w];
    }
  }
}

// What the rows' activations make of the parts that know of nothing else.
void add_pair_parts(const TableLookup& lookup, const std::vector<std::size_t>& rows,
                    const array::TileStreams& streams, LayerStatistics& statistics) {
  const auto& parts = lookup.tables().grouping->parts();
  const auto is_pair_part = [](const auto& part) { return part->partial_sum_groups() == 1; };
  const std::size_t transitions = streams.transitions_per_pe();
  if (std::none_of(parts.begin(), parts.end(), is_pair_part)) return;
  PairCounter counter;
  for (std::size_t t = 0; t < transitions; t += kMostCounted) {
    std::vector<PairCounts> pairs;
    for (int r = 0; r < streams.used_rows; ++r) {
      pairs.push_back(counter.count(streams.row(r) + t, std::min(kMostCounted, transitions - t)));
      for (std::size_t i = 0; i < pairs.back().size; ++i) {
        statistics.pairs[pairs.back().pair[i]] += pairs.back().count[i];
      }
    }
    for (std::size_t p = 0; p < parts.size(); ++p) {
      if (is_pair_part(parts[p])) add_pair_part(lookup, p, rows, pairs, statistics);
    }
  }
}

// A weight of zero and an activation that stays zero, by the parts that know of activations alone.
std::int64_t quiet_pair_units(const TableLookup& lookup) {
  const auto& parts = lookup.tables().grouping->parts();
  std::int64_t units = 0;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (parts[p]->partial_sum_groups() > 1) continue;
    units += lookup.of_weight(p, 0)[lookup.activation_cells(p)[activation_pair(0, 0)]];
  }
  return units;
}

template <typename Value>
void add_to(std::vector<Value>& to, const std::vector<Value>& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

// Femtojoules: the mean of the exact sum and that of the sampled one.
double per_transition(std::int64_t exact, std::uint64_t transitions, std::int64_t sampled,
                      std::uint64_t represented) {
  double units = 0;
  if (transitions > 0) units += static_cast<double>(exact) / static_cast<double>(transitions);
  if (represented > 0) units += static_cast<double>(sampled) / static_cast<double>(represented);
  return units / kUnitsPerFj;
}

}  // namespace

LayerStatistics::LayerStatistics(std::size_t rows)
    : exact(rows * kWeightValues, 0),
      sampled(rows * kWeightValues, 0),
      transitions(rows, 0),
      represented(rows, 0),
      quiet_exact(rows, 0),
      quiet_sampled(rows, 0),
      replicates(rows == 0 ? 0 : kReplicates * kWeightValues, 0),
      replicates_represent(rows == 0 ? 0 : kReplicates, 0),
      pairs(rows == 0 ? 0 : kActivationPairs, 0) {}

double LayerStatistics::energy_fj(std::size_t row, int weight) const {
  const std::size_t i = row * kWeightValues + weight_index(weight);
  return per_transition(exact[i], transitions[row], sampled[i], represented[row]);
}

double LayerStatistics::quiet_energy_fj(std::size_t row) const {
  return per_transition(quiet_exact[row], transitions[row], quiet_sampled[row], represented[row]);
}

LayerStatistics& LayerStatistics::operator+=(const LayerStatistics& other) {
  add_to(exact, other.exact);
  add_to(sampled, other.sampled);
  add_to(transitions, other.transitions);
  add_to(represented, other.represented);
  add_to(quiet_exact, other.quiet_exact);
  add_to(quiet_sampled, other.quiet_sampled);
  samples += other.samples;
  add_to(replicates, other.replicates);
  add_to(replicates_represent, other.replicates_represent);
  add_to(pairs, other.pairs);
  return *this;
}

void add_statistics(const TableLookup& lookup, const network::MappedTile& tile, int reduction,
                    const array::TileStreams& streams, LayerStatistics& statistics) {
  const auto of_group = static_cast<std::size_t>(tile.range.group * reduction);
  std::vector<std::size_t> rows;  // of the statistics
  for (const int k : tile.reduction) rows.push_back(of_group + static_cast<std::size_t>(k));
  if (tile.range.column_begin == 0) {
    add_pair_parts(lookup, rows, streams, statistics);
    const std::int64_t quiet = quiet_pair_units(lookup);
    for (const std::size_t row : rows) {
      statistics.transitions[row] += streams.transitions_per_pe();
      statistics.quiet_exact[row] +=
          quiet * static_cast<std::int64_t>(streams.transitions_per_pe());
    }
  }
  // Every tile has samples of its own, whatever the order of tiles.
  const std::uint64_t seed = (of_group + static_cast<std::size_t>(tile.range.row_begin)) << 32U |
                             static_cast<std::uint64_t>(tile.range.column_begin);
  add_row_samples(lookup, rows, streams, seed, statistics);
}

}  // namespace togglewise::energy
