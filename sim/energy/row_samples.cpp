#include "sim/energy/row_samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "sim/base/random.h"
#include "sim/energy/pair_counts.h"
#include "sim/energy/statistics_kernels.h"

namespace togglewise::energy {
namespace {

using WeightSums = std::array<std::int64_t, kWeightValues>;

// One transition of a column, and the partial sums that enter the row that is looked at.
struct SampledTransition {
  int column = 0;
  std::size_t time = 0;
  std::int32_t p0 = 0;
  std::int32_t p1 = 0;
};

using Replicates = std::array<std::vector<SampledTransition>, kReplicates>;

// One in every stretch of equal length, anywhere in it: a fixed step would meet the same pixels of
// every line of a feature map. For the same reason neighbouring stretches go to the replicates in
// an order of their own each time.
Replicates draw_samples(const array::TileStreams& streams, std::uint64_t seed) {
  const std::int32_t rest = streams.partial_sum_offset;
  const std::size_t transitions = streams.transitions_per_pe();
  const std::size_t all = transitions * static_cast<std::size_t>(streams.used_columns);
  const std::size_t count = std::min(all, kSamplesPerTile);
  Random random(seed);
  std::array<std::size_t, kReplicates> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  Replicates replicates;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t turn = i % kReplicates;
    std::swap(order[turn], order[turn + random.below(kReplicates - turn)]);
    const std::size_t begin = all * i / count;
    const std::size_t end = all * (i + 1) / count;
    const std::size_t at = begin + random.below(end - begin);
    replicates[order[turn]].push_back(
        {static_cast<int>(at / transitions), at % transitions, rest, rest});
  }
  return replicates;
}

// The partial sums that enter the next row.
void add_row(const array::TileStreams& streams, int row, std::vector<SampledTransition>& samples) {
  const std::int8_t* a = streams.row(row);
  for (SampledTransition& sample : samples) {
    const int weight = streams.weight(row, sample.column);
    sample.p0 += weight * a[sample.time];
    sample.p1 += weight * a[sample.time + 1];
  }
}

// A part that knows of partial sums, at the samples of one row.
class SampledPart {
 public:
  SampledPart(const TableLookup& lookup, std::size_t part)
      : lookup_(lookup),
        part_(part),
        grouping_(*lookup.tables().grouping->parts()[part]),
        out_(grouping_.out_recipe()),
        table_(lookup.by_cell(part)),
        dense_((table_.cells / 2 + 64) / 64 * 64, 0) {}

  // Energies of these samples with a weight of zero that no activation reaches.
  std::int64_t quiet_units(const std::vector<SampledTransition>& samples) const {
    const std::int32_t* table =
        lookup_.of_weight(part_, 0) + lookup_.activation_cells(part_)[activation_pair(0, 0)];
    std::int64_t units = 0;
    for (const SampledTransition& sample : samples) {
      units +=
          table[grouping_.in_code(sample.p0, sample.p1) + grouping_.out_code(sample.p0, sample.p1)];
    }
    return units;
  }

  // sums[w] += energies of these samples with every weight.
  void add(const std::int8_t* a, const std::vector<SampledTransition>& samples, WeightSums& sums) {
    moving_.clear();
    for (const SampledTransition& sample : samples) {
      const int a0 = a[sample.time];
      const int a1 = a[sample.time + 1];
      const auto cell =
          static_cast<std::uint32_t>(lookup_.activation_cells(part_)[activation_pair(a0, a1)] +
                                     grouping_.in_code(sample.p0, sample.p1));
      const bool still = a0 == 0 && a1 == 0;  // what leaves is what enters, whatever the weight
      if (still || (out_ && out_->is_zero())) {
        count(cell + static_cast<std::uint32_t>(grouping_.out_code(sample.p0, sample.p1)));
      } else if (out_) {
        append(static_cast<std::int32_t>(cell), a0, a1, sample);
      } else {
        add_slowly(cell, a0, a1, sample, sums);
      }
    }
    if (!moving_.cell.empty()) add_samples(*out_, table_, moving_, sums.data());
    add_counted(sums);
  }

 private:
  void count(std::uint32_t cell) { dense_[cell / 2] += cell % 2 == 0 ? 1U : 1U << 16U; }

  void append(std::int32_t cell, int a0, int a1, const SampledTransition& sample) {
    moving_.cell.push_back(cell);
    moving_.a0.push_back(a0);
    moving_.a1.push_back(a1);
    moving_.p0.push_back(sample.p0);
    moving_.p1.push_back(sample.p1);
  }

  void add_slowly(std::uint32_t cell, int a0, int a1, const SampledTransition& sample,
                  WeightSums& sums) const {
    for (int v = -128; v < 128; ++v) {
      const std::size_t code = grouping_.out_code(sample.p0 + v * a0, sample.p1 + v * a1);
      sums[weight_index(v)] += lookup_.of_weight(part_, v)[cell + code];
    }
  }

  void add_counted(WeightSums& sums) {
    counts_.pair.resize(dense_.size() + kLookupPadding);
    counts_.count.resize(dense_.size() + kLookupPadding);
    const std::size_t size =
        compact(dense_.data(), dense_.size(), counts_.pair.data(), counts_.count.data());
    for (std::size_t i = 0; i < size; ++i) dense_[counts_.pair[i]] = 0;
    std::array<std::int32_t, kWeightValues> high{};
    std::array<std::int32_t, kWeightValues> low{};
    add_counted_cells(table_.high.data(), counts_, 0, size, high.data());
    add_counted_cells(table_.low.data(), counts_, 0, size, low.data());
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      sums[w] += std::int64_t{high[w]} * 32768 + low[w];
    }
  }

  const TableLookup& lookup_;
  std::size_t part_;
  const GroupingPart& grouping_;
  std::optional<CodeRecipe> out_;
  const CellMajorTable& table_;
  std::vector<std::uint32_t> dense_;  // counts of cells, two by two; zero between calls
  CellCounts counts_;
  PeSamples moving_;
};

std::int64_t scaled(std::int64_t sum, std::uint64_t to, std::uint64_t from) {
  return std::llrint(static_cast<double>(sum) *
                     (static_cast<double>(to) / static_cast<double>(from)));
}

}  // namespace

void add_row_samples(const TableLookup& lookup, const std::vector<std::size_t>& rows,
                     const array::TileStreams& streams, std::uint64_t seed,
                     LayerStatistics& statistics) {
  const TransitionGrouping& grouping = *lookup.tables().grouping;
  std::vector<SampledPart> parts;
  for (std::size_t p = 0; p < grouping.parts().size(); ++p) {
    if (grouping.parts()[p]->partial_sum_groups() > 1) parts.emplace_back(lookup, p);
  }
  if (parts.empty()) return;
  Replicates replicates = draw_samples(streams, seed);
  const std::uint64_t represented =
      streams.transitions_per_pe() * static_cast<std::uint64_t>(streams.used_columns);
  for (int r = 0; r < streams.used_rows; ++r) {
    const std::int8_t* a = streams.row(r);
    const std::size_t row = rows[static_cast<std::size_t>(r)];
    WeightSums sum_of_row{};
    std::int64_t quiet_of_row = 0;
    std::uint64_t size_of_row = 0;
    for (std::size_t g = 0; g < kReplicates; ++g) {
      if (replicates[g].empty()) continue;
      WeightSums sums{};
      for (SampledPart& part : parts) {
        part.add(a, replicates[g], sums);
        quiet_of_row += part.quiet_units(replicates[g]);
      }
      for (std::size_t w = 0; w < kWeightValues; ++w) {
        sum_of_row[w] += sums[w];
        statistics.replicates[g * kWeightValues + w] +=
            scaled(sums[w], represented, replicates[g].size());
      }
      statistics.replicates_represent[g] += represented;
      size_of_row += replicates[g].size();
    }
    std::int64_t* sampled = statistics.sampled.data() + row * kWeightValues;
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      sampled[w] += scaled(sum_of_row[w], represented, size_of_row);
    }
    statistics.quiet_sampled[row] += scaled(quiet_of_row, represented, size_of_row);
    statistics.represented[row] += represented;
    statistics.samples += size_of_row;
    for (auto& samples : replicates) add_row(streams, r, samples);
  }
}

}  // namespace togglewise::energy
