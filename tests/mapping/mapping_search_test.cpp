#include "sim/mapping/mapping_search.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/energy/calibration.h"
#include "sim/energy/network_energy.h"
#include "sim/mapping/layer_search.h"
#include "sim/mapping/offset_choice.h"
#include "sim/mapping/proposals.h"
#include "sim/network/tiling.h"
#include "tests/energy/small_network.h"

namespace togglewise::mapping {
namespace {

constexpr int kImages = 12;

// One calibration for all tests.
class MappingSearch : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    traces_ = new network::Traces(energy::small_traces(kImages));
    hardware_ = new energy::MacHardware(energy::small_hardware_config());
    energy::CalibrationParams params;
    params.transitions_per_weight = params.first_transitions = 2048;
    tables_ = new energy::EnergyTables(energy::calibrate(*hardware_, *traces_, params));
  }
  static void TearDownTestSuite() {
    delete tables_;
    delete hardware_;
    delete traces_;
  }

  static SearchParams params() {
    SearchParams params;
    params.proposing_images = 4;
    params.judging_images = 3;
    return params;
  }
  static SearchResult search(const SearchParams& params, const SearchMemory& memory = {}) {
    return search_mapping(*hardware_, *traces_, *tables_, params, memory);
  }
  static double dynamic_fj(const SearchResult& result, bool mapped) {
    double sum = 0;
    for (const LayerSearchResult& layer : result.layers) {
      sum += (mapped ? layer.mapped : layer.natural).dynamic_fj();
    }
    return sum;
  }

  static network::Traces* traces_;
  static energy::MacHardware* hardware_;
  static energy::EnergyTables* tables_;
};

network::Traces* MappingSearch::traces_ = nullptr;
energy::MacHardware* MappingSearch::hardware_ = nullptr;
energy::EnergyTables* MappingSearch::tables_ = nullptr;

TEST_F(MappingSearch, SavesEnergy_AndSaysWhatTheGatesSayOfTheJudgingImages) {
  const SearchResult result = search(params());
  EXPECT_LT(dynamic_fj(result, true), 0.9 * dynamic_fj(result, false));
  const energy::TableLookup lookup(*tables_);
  const SearchParams same = params();
  const LayerSearch one(*hardware_, lookup, same);
  for (std::size_t l = 0; l < result.layers.size(); ++l) {
    const network::TracedLayer judging = images_of(traces_->layers[l], 4, 3);
    EXPECT_EQ(one.measure(judging, result.layers[l].mapping).total_fj(),
              result.layers[l].mapped.total_fj());
    EXPECT_EQ(one.measure(judging, {}).total_fj(), result.layers[l].natural.total_fj());
  }
}

TEST_F(MappingSearch, EveryTrickThatIsKeptSavesEnergy_AndTheyAddUp) {
  const SearchResult result = search(params());
  for (const LayerSearchResult& layer : result.layers) {
    double now = layer.natural.total_fj();
    for (const TrickResult& trick : layer.tricks) {
      EXPECT_EQ(trick.before.total_fj(), now) << layer.layer << " " << trick.trick;
      if (!trick.kept) continue;
      if (trick.trick != "partial_sum_offset") {
        EXPECT_LT(trick.after.total_fj(), now);
      }
      now = trick.after.total_fj();
    }
    EXPECT_EQ(now, layer.mapped.total_fj());
  }
}

TEST_F(MappingSearch, GivesTheSameMapping_WithAnyNumberOfThreads) {
  SearchParams many = params();
  many.threads = 3;
  const SearchResult one = search(params());
  const SearchResult other = search(many);
  ASSERT_EQ(one.layers.size(), other.layers.size());
  for (std::size_t l = 0; l < one.layers.size(); ++l) {
    EXPECT_EQ(one.layers[l].mapping, other.layers[l].mapping);
    EXPECT_EQ(one.layers[l].mapped.total_fj(), other.layers[l].mapped.total_fj());
  }
}

TEST_F(MappingSearch, UsesNothingThatIsNotAllowed) {
  SearchParams none = params();
  none.allow = config::mapping_permissions({});
  for (const LayerSearchResult& layer : search(none).layers) {
    EXPECT_EQ(layer.mapping, network::LayerMapping{});
  }
  SearchParams rows = params();
  rows.allow = config::mapping_permissions({"row_order"});
  const SearchResult result = search(rows);
  EXPECT_EQ(result.partial_sum_offset, 0);
  EXPECT_FALSE(result.negates);
  for (const LayerSearchResult& layer : result.layers) {
    EXPECT_EQ(layer.mapping.pixel_order, network::PixelOrder{});
    EXPECT_TRUE(layer.mapping.column_order.empty());
    EXPECT_FALSE(layer.mapping.unused_rows_on_top);
    for (const network::TileMapping& tile : layer.mapping.tiles) EXPECT_TRUE(tile.negated.empty());
  }
}

TEST_F(MappingSearch, GoesOnWhereItWasInterrupted) {
  std::vector<std::optional<LayerSearchResult>> kept(traces_->layers.size());
  SearchMemory memory;
  memory.keep = [&](std::size_t l, const LayerSearchResult& layer) { kept[l] = layer; };
  const SearchResult whole = search(params(), memory);
  kept[1].reset();
  int searched = 0;
  memory.recall = [&](std::size_t l, LayerSearchResult& layer) {
    if (kept[l]) layer = *kept[l];
    return kept[l].has_value();
  };
  memory.keep = [&](std::size_t, const LayerSearchResult&) { ++searched; };
  const SearchResult resumed = search(params(), memory);
  EXPECT_EQ(searched, 1);
  for (std::size_t l = 0; l < whole.layers.size(); ++l) {
    EXPECT_EQ(resumed.layers[l].mapping, whole.layers[l].mapping);
  }
}

TEST_F(MappingSearch, RefusesTracesWithTooFewImages) {
  SearchParams more = params();
  more.proposing_images = kImages;
  try {
    search(more);
    FAIL() << "twelve images are not fifteen";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-MAP-010");
  }
}

TEST_F(MappingSearch, ColumnOrder_MovesNegatedColumnsAlong) {
  const energy::TableLookup lookup(*tables_);
  network::TracedLayer layer = images_of(traces_->layers[1], 0, 4);
  const array::ArrayShape shape = hardware_->shape();
  layer.mapping.tiles = proposed_signs({lookup, shape, layer});
  const std::vector<std::uint8_t> before =
      network::negated_weights(layer.layer.gemm(), layer.mapping, shape.rows, shape.columns);
  const network::LayerMapping ordered = with_column_order({lookup, shape, layer});
  EXPECT_NE(ordered.column_order, layer.mapping.column_order);
  EXPECT_EQ(network::negated_weights(layer.layer.gemm(), ordered, shape.rows, shape.columns),
            before);
}

TEST(OffsetCandidates, NeverOverflow) {
  const std::vector<std::int32_t> offsets = offset_candidates({64, 64, 8, 8, 22});
  EXPECT_EQ(offsets.front(), 0);
  EXPECT_EQ(offsets.back(), 0xAAAAA);
  for (const std::int32_t offset : offsets) {
    EXPECT_LE(offset, network::largest_partial_sum_offset(64, 8, 8, 22));
  }
}

}  // namespace
}  // namespace togglewise::mapping
