#include "sim/mapping/tile_model.h"

#include <algorithm>
#include <utility>

#include "sim/energy/pair_counts.h"
#include "sim/energy/table_kernels.h"

namespace togglewise::mapping {
namespace {

// The kernels add up at most so many transitions at a time.
constexpr std::size_t kMostTransitions = 32000;

}  // namespace

TileModel::TileModel(const energy::TableLookup& lookup, const array::TileStreams& streams)
    : lookup_(lookup),
      streams_(streams),
      transitions_(std::min(streams.cycles - 1, kMostTransitions)),
      stride_(transitions_ + 1 + energy::kLookupPadding) {
  const auto& parts = lookup.tables().grouping->parts();
  for (std::size_t p = 0; p < parts.size(); ++p) {
    std::vector<std::uint32_t> cells(static_cast<std::size_t>(rows()) * stride_, 0);
    const std::uint32_t* cell_of = lookup.activation_cells(p);
    for (int r = 0; r < rows(); ++r) {
      const std::int8_t* a = streams.row(r);
      std::uint32_t* of_row = cells.data() + static_cast<std::size_t>(r) * stride_;
      for (std::size_t t = 0; t < transitions_; ++t) {
        of_row[t] = cell_of[energy::activation_pair(a[t], a[t + 1])];
      }
    }
    if (parts[p]->partial_sum_groups() == 1) {
      pair_parts_.push_back(p);
      pair_cells_.push_back(std::move(cells));
    } else {
      sum_parts_.push_back({p, parts[p].get(), std::move(cells)});
    }
  }
}

bool TileModel::can_negate(int column) const {
  for (int r = 0; r < rows(); ++r) {
    if (streams_.weight(r, column) == -128) return false;
  }
  return true;
}

TileModel::Boundary TileModel::top() const {
  Boundary boundary;
  boundary.sums.assign(stride_, streams_.partial_sum_offset);
  for (const SumPart& part : sum_parts_) {
    const std::size_t code =
        part.grouping->in_code(streams_.partial_sum_offset, streams_.partial_sum_offset);
    boundary.codes.emplace_back(stride_, static_cast<std::uint16_t>(code));
  }
  return boundary;
}

std::int64_t TileModel::pass(int row, int weight, Boundary& boundary) const {
  if (weight != 0) {
    energy::add_products(streams_.row(row), weight, transitions_ + 1, boundary.sums.data());
  }
  std::int64_t units = 0;
  for (std::size_t i = 0; i < sum_parts_.size(); ++i) {
    const SumPart& part = sum_parts_[i];
    const std::uint32_t* cells = part.cells.data() + static_cast<std::size_t>(row) * stride_;
    const std::int32_t* table = lookup_.of_weight(part.index, weight);
    std::uint16_t* in = boundary.codes[i].data();
    if (const auto& recipes = lookup_.recipes(part.index)) {
      units += energy::look_up_and_advance(*recipes, table, cells, boundary.sums.data(),
                                           transitions_, in);
      continue;
    }
    std::vector<std::uint16_t> out(stride_);
    part.grouping->out_codes(boundary.sums.data(), transitions_, out.data());
    units += energy::look_up(table, cells, in, out.data(), transitions_);
    part.grouping->in_codes(boundary.sums.data(), transitions_, in);
  }
  return units;
}

std::int64_t TileModel::activation_units(int row, int weight) const {
  std::int64_t units = 0;
  for (std::size_t i = 0; i < pair_parts_.size(); ++i) {
    const std::int32_t* table = lookup_.of_weight(pair_parts_[i], weight);
    const std::uint32_t* cells = pair_cells_[i].data() + static_cast<std::size_t>(row) * stride_;
    for (std::size_t t = 0; t < transitions_; ++t) units += table[cells[t]];
  }
  return units;
}

std::int64_t TileModel::column_units(const std::vector<std::uint16_t>& order, int column,
                                     int sign) const {
  Boundary boundary = top();
  std::int64_t units = 0;
  for (const std::uint16_t row : order) {
    const int weight = held(row, column, sign);
    units += activation_units(row, weight) + pass(row, weight, boundary);
  }
  return units;
}

std::int64_t TileModel::units(const std::vector<std::uint16_t>& order,
                              const std::vector<int>& signs) const {
  std::int64_t sum = 0;
  for (int c = 0; c < columns(); ++c) {
    sum += column_units(order, c, signs[static_cast<std::size_t>(c)]);
  }
  return sum;
}

bool TileModel::exchange_once(const std::vector<int>& signs, std::vector<std::uint16_t>& order,
                              std::int64_t& saved) const {
  std::vector<Boundary> boundaries(static_cast<std::size_t>(columns()), top());
  bool changed = false;
  Boundary as_it_is;
  Boundary exchanged;
  std::vector<Boundary> below(boundaries);       // behind the upper row as it is
  std::vector<Boundary> below_exchanged(below);  // behind the lower row, if it were the upper one
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const int upper = order[i];
    const int lower = order[i + 1];
    std::int64_t difference = 0;
    for (std::size_t c = 0; c < boundaries.size(); ++c) {
      const int column = static_cast<int>(c);
      const int upper_weight = held(upper, column, signs[c]);
      const int lower_weight = held(lower, column, signs[c]);
      below[c] = boundaries[c];
      difference -= pass(upper, upper_weight, below[c]);
      as_it_is = below[c];
      difference -= pass(lower, lower_weight, as_it_is);
      below_exchanged[c] = boundaries[c];
      difference += pass(lower, lower_weight, below_exchanged[c]);
      exchanged = below_exchanged[c];
      difference += pass(upper, upper_weight, exchanged);
    }
    if (difference < 0) {
      std::swap(order[i], order[i + 1]);
      saved -= difference;
      changed = true;
      std::swap(boundaries, below_exchanged);
    } else {
      std::swap(boundaries, below);
    }
  }
  return changed;
}

std::int64_t TileModel::exchange_neighbours(const std::vector<int>& signs, int most_passes,
                                            std::vector<std::uint16_t>& order) const {
  std::int64_t saved = 0;
  for (int pass = 0; pass < most_passes; ++pass) {
    if (!exchange_once(signs, order, saved)) break;
  }
  return saved;
}

}  // namespace togglewise::mapping
