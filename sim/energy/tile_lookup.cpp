#include "sim/energy/tile_lookup.h"

#include <algorithm>

namespace togglewise::energy {
namespace {

constexpr std::size_t kRowStride = kTileBlock + kLookupPadding;

// How many columns of a row have each weight, [weight][row].
std::vector<std::uint16_t> columns_by_weight(const array::TileStreams& streams) {
  const auto rows = static_cast<std::size_t>(streams.used_rows);
  std::vector<std::uint16_t> columns(kWeightValues * rows, 0);
  for (std::size_t r = 0; r < rows; ++r) {
    for (int c = 0; c < streams.used_columns; ++c) {
      ++columns[weight_index(streams.weight(static_cast<int>(r), c)) * rows + r];
    }
  }
  return columns;
}

}  // namespace

TileLookup::TileLookup(const TableLookup& lookup, const array::ArrayShape& shape,
                       const array::TileStreams& streams, const TransitionSpan& span)
    : lookup_(lookup),
      shape_(shape),
      streams_(streams),
      span_(span),
      partial_sum_(kTileBlock + 1 + kLookupPadding, 0) {
  const TransitionGrouping& grouping = *lookup.tables().grouping;
  for (std::size_t p = 0; p < grouping.parts().size(); ++p) {
    const GroupingPart& part = *grouping.parts()[p];
    if (part.partial_sum_groups() == 1) continue;
    SumPart sum;
    sum.index = p;
    sum.grouping = &part;
    sum.cells.resize(static_cast<std::size_t>(streams.used_rows) * kRowStride, 0);
    sum.quiet.assign(kRowStride, lookup.activation_cells(p)[activation_pair(0, 0)]);
    const std::int32_t rest = streams.partial_sum_offset;
    sum.still_in.assign(kRowStride, static_cast<std::uint16_t>(part.in_code(rest, rest)));
    sum.still_out.assign(kRowStride, static_cast<std::uint16_t>(part.out_code(rest, rest)));
    sum.in = sum.still_in;
    sum.out = sum.still_out;
    sum_parts_.push_back(std::move(sum));
  }
}

void TileLookup::add(bool idle_only, TableTally& tally) {
  const TransitionGrouping& grouping = *lookup_.tables().grouping;
  if (sum_parts_.size() < grouping.parts().size()) {
    PairCounter counter;
    for (int r = 0; r < streams_.used_rows; ++r) {
      pairs_.push_back(counter.count(streams_.row(r) + span_.first, span_.count));
    }
  }
  for (std::size_t p = 0; p < grouping.parts().size(); ++p) {
    if (grouping.parts()[p]->partial_sum_groups() == 1) add_pair_part(p, idle_only, tally);
  }
  for (std::size_t t = 0; t < span_.count && !sum_parts_.empty(); t += kTileBlock) {
    add_block({span_.first + t, std::min(kTileBlock, span_.count - t)}, idle_only, tally);
  }
  if (idle_only) return;
  for (const std::int8_t weight : streams_.weights) {
    tally.active_transitions[weight_index(weight)] += span_.count;
  }
}

// Weights outside, so that a weight's table stays in the caches.
void TileLookup::add_pair_part(std::size_t part, bool idle_only, TableTally& tally) {
  const std::uint32_t* cell_of = lookup_.activation_cells(part);
  std::vector<std::vector<std::uint32_t>> cells;
  for (const PairCounts& row : pairs_) {
    cells.emplace_back(row.size);
    std::transform(row.pair.begin(), row.pair.begin() + static_cast<std::ptrdiff_t>(row.size),
                   cells.back().begin(), [&](std::uint32_t pair) { return cell_of[pair]; });
  }
  const std::int64_t idle_columns = shape_.columns - streams_.used_columns;
  const std::vector<std::uint16_t> columns = columns_by_weight(streams_);
  const std::size_t rows = pairs_.size();
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    const int weight = static_cast<int>(w) - 128;
    const std::int64_t idle = weight == 0 ? idle_columns : 0;
    const std::int32_t* table = lookup_.of_weight(part, weight);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::int64_t active = idle_only ? 0 : columns[w * rows + r];
      const bool of_gating = weight == 0 && lookup_.for_gating();
      if (active + idle == 0 && !of_gating) continue;
      const std::int64_t sum =
          weighted_sum(table, cells[r].data(), pairs_[r].count.data(), pairs_[r].size);
      tally.active[w] += active * sum;
      tally.idle_columns += idle * sum;
      if (weight != 0 || !lookup_.for_gating()) continue;
      const std::int64_t zeros = columns[w * rows + r];
      tally.first_idle_column += idle > 0 ? sum : 0;
      tally.zero_weight += zeros * sum;
      tally.zero_weight_quiet +=
          zeros * static_cast<std::int64_t>(span_.count) * table[cell_of[activation_pair(0, 0)]];
    }
  }
  const std::int64_t idle_rows =
      std::int64_t{streams_.rows_below(shape_.rows)} * streams_.used_columns;
  tally.idle_rows += idle_rows * static_cast<std::int64_t>(span_.count) *
                     lookup_.of_weight(part, 0)[cell_of[activation_pair(0, 0)]];
}

void TileLookup::add_block(const TransitionSpan& block, bool idle_only, TableTally& tally) {
  for (SumPart& part : sum_parts_) set_cells(block, part);
  add_idle_columns(block.count, tally);
  if (idle_only && streams_.rows_below(shape_.rows) == 0 && !lookup_.for_gating()) return;
  for (int c = 0; c < streams_.used_columns; ++c) add_column(c, block, idle_only, tally);
}

void TileLookup::set_cells(const TransitionSpan& block, SumPart& part) {
  const std::uint32_t* cell_of = lookup_.activation_cells(part.index);
  for (int r = 0; r < streams_.used_rows; ++r) {
    const std::int8_t* a = streams_.row(r) + block.first;
    std::uint32_t* cells = part.cells.data() + static_cast<std::size_t>(r) * kRowStride;
    for (std::size_t t = 0; t < block.count; ++t)
      cells[t] = cell_of[activation_pair(a[t], a[t + 1])];
  }
}

void TileLookup::add_idle_columns(std::size_t count, TableTally& tally) {
  const std::int64_t columns = shape_.columns - streams_.used_columns;
  if (columns == 0) return;
  for (const SumPart& part : sum_parts_) {
    for (int r = 0; r < streams_.used_rows; ++r) {
      const std::uint32_t* cells = part.cells.data() + static_cast<std::size_t>(r) * kRowStride;
      const std::int64_t sum = look_up(lookup_.of_weight(part.index, 0), cells,
                                       part.still_in.data(), part.still_out.data(), count);
      tally.idle_columns += columns * sum;
      if (lookup_.for_gating()) tally.first_idle_column += sum;
    }
  }
}

void TileLookup::add_column(int column, const TransitionSpan& block, bool idle_only,
                            TableTally& tally) {
  std::fill_n(partial_sum_.begin(), block.count + 1, streams_.partial_sum_offset);
  for (SumPart& part : sum_parts_) std::copy_n(part.still_in.begin(), block.count, part.in.begin());
  for (int r = 0; r < streams_.used_rows; ++r) {
    const int weight = streams_.weight(r, column);
    const std::int8_t* a = streams_.row(r) + block.first;
    if (weight != 0) add_products(a, weight, block.count + 1, partial_sum_.data());
    if (weight == 0 && lookup_.for_gating()) add_zero_weight(r, block.count, tally);
    if (idle_only) continue;
    for (SumPart& part : sum_parts_) {
      const std::uint32_t* cells = part.cells.data() + static_cast<std::size_t>(r) * kRowStride;
      tally.active[weight_index(weight)] += sum_of_pe(part, weight, cells, block.count);
    }
  }
  if (streams_.rows_below(shape_.rows) == 0) return;
  if (idle_only) {
    for (SumPart& part : sum_parts_) set_codes(part, block.count);
  }
  add_idle_rows(block.count, tally);
}

// The partial sum that enters is the one that leaves: looking it up changes no codes.
void TileLookup::add_zero_weight(int row, std::size_t count, TableTally& tally) {
  for (SumPart& part : sum_parts_) {
    set_codes(part, count);
    const std::uint32_t* cells = part.cells.data() + static_cast<std::size_t>(row) * kRowStride;
    tally.zero_weight += sum_of_pe(part, 0, cells, count);
    tally.zero_weight_quiet += sum_of_pe(part, 0, part.quiet.data(), count);
  }
}

// The partial sums of the column's bottom pass through them unchanged.
void TileLookup::add_idle_rows(std::size_t count, TableTally& tally) {
  const std::int64_t rows = streams_.rows_below(shape_.rows);
  for (SumPart& part : sum_parts_) {
    tally.idle_rows += rows * sum_of_pe(part, 0, part.quiet.data(), count);
  }
}

std::int64_t TileLookup::sum_of_pe(SumPart& part, int weight, const std::uint32_t* cells,
                                   std::size_t count) {
  const std::int32_t* table = lookup_.of_weight(part.index, weight);
  if (const auto& recipes = lookup_.recipes(part.index)) {
    return look_up_and_advance(*recipes, table, cells, partial_sum_.data(), count, part.in.data());
  }
  part.grouping->out_codes(partial_sum_.data(), count, part.out.data());
  const std::int64_t sum = look_up(table, cells, part.in.data(), part.out.data(), count);
  set_codes(part, count);
  return sum;
}

void TileLookup::set_codes(SumPart& part, std::size_t count) const {
  part.grouping->in_codes(partial_sum_.data(), count, part.in.data());
}

}  // namespace togglewise::energy
