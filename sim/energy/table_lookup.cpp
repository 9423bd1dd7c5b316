#include "sim/energy/table_lookup.h"

#include <algorithm>

#include "sim/base/parallel.h"
#include "sim/energy/pair_counts.h"
#include "sim/energy/tile_lookup.h"

namespace togglewise::energy {
namespace {

std::vector<std::int32_t> to_units(const std::vector<float>& energy_fj) {
  std::vector<std::int32_t> units(energy_fj.size());
  std::transform(energy_fj.begin(), energy_fj.end(), units.begin(), [](float fj) {
    const double exact = static_cast<double>(fj) * kUnitsPerFj;
    return static_cast<std::int32_t>(exact + (exact < 0 ? -0.5 : 0.5));
  });
  return units;
}

std::vector<std::uint32_t> cells_by_pair(const GroupingPart& part) {
  std::vector<std::uint32_t> cells(kActivationPairs);
  for (int a0 = -128; a0 < 128; ++a0) {
    for (int a1 = -128; a1 < 128; ++a1) {
      cells[activation_pair(a0, a1)] =
          static_cast<std::uint32_t>(part.activation_group(a0, a1) * part.partial_sum_groups());
    }
  }
  return cells;
}

std::optional<BoundaryRecipes> recipes_of(const GroupingPart& part) {
  const std::optional<CodeRecipe> in = part.in_recipe();
  const std::optional<CodeRecipe> out = part.out_recipe();
  if (!in || !out) return std::nullopt;
  const bool both = in->distance_factor != 0 && out->distance_factor != 0;
  if (both && in->mask != out->mask) return std::nullopt;
  const bool both_signs = in->sign_factor != 0 && out->sign_factor != 0;
  if (both_signs && in->zeros_apart != out->zeros_apart) return std::nullopt;
  return BoundaryRecipes{*in, *out};
}

// A tile's transitions cut into spans, each on its own.
void add_spans(const TableLookup& lookup, const array::ArrayShape& shape,
               const array::TileStreams& streams, bool idle_only, int threads, TableTally& tally) {
  const std::size_t transitions = streams.transitions_per_pe();
  const std::size_t blocks = (transitions + kTileBlock - 1) / kTileBlock;
  const std::size_t spans = std::clamp<std::size_t>(blocks, 1, static_cast<std::size_t>(threads));
  std::vector<TableTally> tallies(spans);
  parallel_for(spans, threads, [&](std::size_t i) {
    const std::size_t first = blocks * i / spans * kTileBlock;
    const std::size_t last = std::min(blocks * (i + 1) / spans * kTileBlock, transitions);
    TileLookup(lookup, shape, streams, {first, last - first}).add(idle_only, tallies[i]);
  });
  for (const TableTally& part : tallies) tally += part;
}

}  // namespace

TableTally& TableTally::operator+=(const TableTally& other) {
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    active[w] += other.active[w];
    active_transitions[w] += other.active_transitions[w];
  }
  idle_columns += other.idle_columns;
  idle_rows += other.idle_rows;
  zero_weight += other.zero_weight;
  zero_weight_quiet += other.zero_weight_quiet;
  first_idle_column += other.first_idle_column;
  return *this;
}

TableLookup::TableLookup(const EnergyTables& tables, bool for_gating)
    : for_gating_(for_gating), tables_(tables) {
  for (const TablePart& part : tables.parts) units_.push_back(to_units(part.energy_fj));
  for (const auto& part : tables.grouping->parts()) {
    activation_cells_.push_back(cells_by_pair(*part));
    recipes_.push_back(recipes_of(*part));
    by_cell_.push_back(std::make_unique<LazyTable>());
  }
}

const CellMajorTable& TableLookup::by_cell(std::size_t part) const {
  LazyTable& lazy = *by_cell_[part];
  std::call_once(lazy.once, [&] {
    lazy.table = std::make_unique<const CellMajorTable>(units_[part].data(),
                                                        tables_.grouping->parts()[part]->cells());
  });
  return *lazy.table;
}

void TableLookup::add(const array::ArrayShape& shape, const array::TileStreams& streams,
                      TableTally& tally, int threads) const {
  add_spans(*this, shape, streams, false, threads, tally);
}

void TableLookup::add_idle(const array::ArrayShape& shape, const array::TileStreams& streams,
                           TableTally& tally, int threads) const {
  add_spans(*this, shape, streams, true, threads, tally);
}

}  // namespace togglewise::energy
