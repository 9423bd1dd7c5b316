#include "sim/energy/table_lookup.h"

#include <cmath>

namespace togglewise::energy {
namespace {

// Cells of every transition of a row: the activation's share, [part][transition].
using ActivationCells = std::vector<std::vector<std::uint32_t>>;

ActivationCells activation_cells(const TransitionGrouping& grouping, const std::int8_t* a,
                                 std::size_t transitions) {
  ActivationCells cells;
  for (const auto& part : grouping.parts()) {
    std::vector<std::uint32_t> first(transitions);
    for (std::size_t t = 0; t < transitions; ++t) {
      first[t] = static_cast<std::uint32_t>(part->activation_group(a[t], a[t + 1]) *
                                            part->partial_sum_groups());
    }
    cells.push_back(std::move(first));
  }
  return cells;
}

// Codes of a partial sum, [part][transition].
struct Codes {
  std::vector<std::vector<std::uint16_t>> in;
  std::vector<std::vector<std::uint16_t>> out;

  Codes(const TransitionGrouping& grouping, std::size_t transitions) {
    for (std::size_t p = 0; p < grouping.parts().size(); ++p) {
      in.emplace_back(transitions);
      out.emplace_back(transitions);
    }
  }
  void set(const TransitionGrouping& grouping, const std::vector<std::int32_t>& partial_sum) {
    for (std::size_t p = 0; p < in.size(); ++p) {
      grouping.parts()[p]->in_codes(partial_sum.data(), in[p].size(), in[p].data());
      grouping.parts()[p]->out_codes(partial_sum.data(), out[p].size(), out[p].data());
    }
  }
};

// Sum over one PE's transitions; `entering` and `leaving` may be the same.
std::int64_t sum_of_pe(const TableLookup& lookup, int weight, const ActivationCells& activations,
                       const Codes& entering, const Codes& leaving) {
  std::int64_t sum = 0;
  for (std::size_t p = 0; p < activations.size(); ++p) {
    const std::int32_t* table = lookup.of_weight(p, weight);
    for (std::size_t t = 0; t < activations[p].size(); ++t) {
      sum += table[activations[p][t] + entering.in[p][t] + leaving.out[p][t]];
    }
  }
  return sum;
}

}  // namespace

TableTally& TableTally::operator+=(const TableTally& other) {
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    active[w] += other.active[w];
    active_transitions[w] += other.active_transitions[w];
  }
  idle_columns += other.idle_columns;
  idle_rows += other.idle_rows;
  return *this;
}

TableLookup::TableLookup(const EnergyTables& tables) : tables_(tables) {
  for (const TablePart& part : tables.parts) {
    std::vector<std::int32_t> units;
    units.reserve(part.energy_fj.size());
    for (const float fj : part.energy_fj) {
      units.push_back(
          static_cast<std::int32_t>(std::lround(static_cast<double>(fj) * kUnitsPerFj)));
    }
    units_.push_back(std::move(units));
  }
}

namespace {

// One tile, with what its columns share.
class TileLookup {
 public:
  TileLookup(const TableLookup& lookup, const array::ArrayShape& shape,
             const array::TileStreams& streams)
      : lookup_(lookup),
        grouping_(*lookup.tables().grouping),
        shape_(shape),
        streams_(streams),
        transitions_(streams.cycles - 1),
        still_(grouping_, transitions_) {
    const std::vector<std::int32_t> zeros(streams.cycles, 0);
    still_.set(grouping_, zeros);
    for (int r = 0; r < streams.used_rows; ++r) {
      activations_.push_back(activation_cells(grouping_, streams.row(r), transitions_));
    }
    const std::vector<std::int8_t> no_activation(streams.cycles, 0);
    quiet_ = activation_cells(grouping_, no_activation.data(), transitions_);
  }

  void add_idle_columns(TableTally& tally) const {
    const std::int64_t columns = shape_.columns - streams_.used_columns;
    if (columns == 0) return;
    for (const ActivationCells& row : activations_) {
      tally.idle_columns += columns * sum_of_pe(lookup_, 0, row, still_, still_);
    }
  }

  // Of the PEs below a column whose partial sums these are.
  void add_idle_rows(const Codes& partial_sum, TableTally& tally) const {
    const std::int64_t rows = shape_.rows - streams_.used_rows;
    if (rows > 0) tally.idle_rows += rows * sum_of_pe(lookup_, 0, quiet_, partial_sum, partial_sum);
  }

  void add_column(int c, TableTally& tally) const {
    std::vector<std::int32_t> partial_sum(streams_.cycles, 0);
    Codes entering = still_;
    Codes leaving(grouping_, transitions_);
    for (int r = 0; r < streams_.used_rows; ++r) {
      add_row(c, r, partial_sum);
      leaving.set(grouping_, partial_sum);
      const int weight = streams_.weight(r, c);
      const std::size_t w = weight_index(weight);
      tally.active[w] +=
          sum_of_pe(lookup_, weight, activations_[static_cast<std::size_t>(r)], entering, leaving);
      tally.active_transitions[w] += transitions_;
      std::swap(entering, leaving);
    }
    add_idle_rows(entering, tally);
  }

  void add_idle_rows_of_column(int c, TableTally& tally) const {
    std::vector<std::int32_t> partial_sum(streams_.cycles, 0);
    for (int r = 0; r < streams_.used_rows; ++r) add_row(c, r, partial_sum);
    Codes leaving(grouping_, transitions_);
    leaving.set(grouping_, partial_sum);
    add_idle_rows(leaving, tally);
  }

 private:
  void add_row(int c, int r, std::vector<std::int32_t>& partial_sum) const {
    const int weight = streams_.weight(r, c);
    const std::int8_t* a = streams_.row(r);
    for (std::size_t t = 0; t < partial_sum.size(); ++t) partial_sum[t] += weight * a[t];
  }

  const TableLookup& lookup_;
  const TransitionGrouping& grouping_;
  const array::ArrayShape& shape_;
  const array::TileStreams& streams_;
  std::size_t transitions_;
  Codes still_;  // of partial sums that stay zero
  std::vector<ActivationCells> activations_;
  ActivationCells quiet_;  // of activations that stay zero
};

}  // namespace

void TableLookup::add(const array::ArrayShape& shape, const array::TileStreams& streams,
                      TableTally& tally) const {
  const TileLookup tile(*this, shape, streams);
  tile.add_idle_columns(tally);
  for (int c = 0; c < streams.used_columns; ++c) tile.add_column(c, tally);
}

void TableLookup::add_idle(const array::ArrayShape& shape, const array::TileStreams& streams,
                           TableTally& tally) const {
  const TileLookup tile(*this, shape, streams);
  tile.add_idle_columns(tally);
  if (streams.used_rows == shape.rows) return;
  for (int c = 0; c < streams.used_columns; ++c) tile.add_idle_rows_of_column(c, tally);
}

}  // namespace togglewise::energy
