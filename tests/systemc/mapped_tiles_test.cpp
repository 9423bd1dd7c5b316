// Tiles as mappings lay them: unused rows on top, rows in any order, negated columns, a constant
// that enters at the top. The accumulators of the RTL must hold what the natural mapping gives, and
// every register's toggles must be those of the toggle engine and its reference.
#include <algorithm>
#include <limits>
#include <numeric>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/array/toggle_reference.h"
#include "sim/array/toggle_sequence.h"
#include "sim/network/tiling.h"
#include "sim/systemc/lockstep.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using array::ArrayShape;
using array::TileOperands;
using testing::matrix_product;
using testing::random_tile;
using testing::shape_of;

enum class Values { random, highest_sums, lowest_sums };

TileOperands natural_tile(Random& random, const ArrayShape& shape, int used_rows, int used_columns,
                          int stream_length, Values values) {
  TileOperands tile = random_tile(random, used_rows, used_columns, stream_length, shape.weight_bits,
                                  shape.activation_bits);
  if (values == Values::random) return tile;
  const int weight_limit = 1 << (shape.weight_bits - 1);
  const int weight = values == Values::highest_sums ? -weight_limit : weight_limit - 1;
  std::fill(tile.weights.begin(), tile.weights.end(), static_cast<std::int8_t>(weight));
  std::fill(tile.activations.begin(), tile.activations.end(),
            static_cast<std::int8_t>(-(1 << (shape.activation_bits - 1))));
  return tile;
}

// The tile with its rows in another order and place, and half of its columns negated but those that
// hold the lowest weight, which has no negative.
TileOperands mapped(Random& random, const ArrayShape& shape, const TileOperands& natural,
                    std::int32_t offset) {
  TileOperands tile = natural;
  tile.partial_sum_offset = offset;
  const int unused = shape.rows - natural.used_rows;
  tile.first_row = random.below(2) == 0 ? unused : random.between(0, unused);
  std::vector<int> order(static_cast<std::size_t>(natural.used_rows));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(static_cast<int>(i)))]);
  const int lowest = -(1 << (shape.weight_bits - 1));
  if (random.below(4) != 0) {
    for (int c = 0; c < natural.used_columns; ++c) {
      bool may = random.below(2) == 0;
      for (int r = 0; r < natural.used_rows; ++r)
        may = may && natural.weights[r * natural.used_columns + c] != lowest;
      tile.negated.push_back(may ? 1 : 0);
    }
  }
  for (int r = 0; r < natural.used_rows; ++r) {
    const int from = order[static_cast<std::size_t>(r)];
    for (int c = 0; c < natural.used_columns; ++c) {
      const int weight = natural.weights[from * natural.used_columns + c];
      const bool negated = !tile.negated.empty() && tile.negated[static_cast<std::size_t>(c)];
      tile.weights[r * natural.used_columns + c] =
          static_cast<std::int8_t>(negated ? -weight : weight);
    }
    for (int m = 0; m < natural.stream_length; ++m)
      tile.activations[m * natural.used_rows + r] =
          natural.activations[m * natural.used_rows + from];
  }
  return tile;
}

// Tiles that add up to the same outputs.
struct Block {
  std::vector<TileOperands> tiles;
  std::vector<std::int32_t> expected;  // [stream_length][used_columns]: the natural tiles' sums
  std::vector<std::int32_t> accumulators;
};

Block draw_block(Random& random, const ArrayShape& shape, int longest_stream, std::int32_t offset,
                 Values values) {
  Block block;
  const int used_columns = random.below(3) == 0 ? shape.columns : random.between(1, shape.columns);
  const int length = random.below(4) == 0 ? 1 : random.between(1, longest_stream);
  block.expected.assign(static_cast<std::size_t>(length) * used_columns, 0);
  block.accumulators.assign(block.expected.size(), 0);
  for (int tiles = random.between(1, 4); tiles > 0; --tiles) {
    const int used_rows =
        tiles == 1 && values == Values::random ? random.between(1, shape.rows) : shape.rows;
    const TileOperands natural =
        natural_tile(random, shape, used_rows, used_columns, length, values);
    const std::vector<std::int32_t> product = matrix_product(natural);
    for (std::size_t i = 0; i < product.size(); ++i) block.expected[i] += product[i];
    block.tiles.push_back(mapped(random, shape, natural, offset));
    // What each tile's offset adds in each column is taken off before.
    for (std::size_t i = 0; i < block.accumulators.size(); ++i) {
      const std::vector<std::uint8_t>& negated = block.tiles.back().negated;
      const bool subtracts = !negated.empty() && negated[i % negated.size()] != 0;
      block.accumulators[i] -= subtracts ? -offset : offset;
    }
  }
  return block;
}

// What the array itself must put out.
std::vector<std::int32_t> outputs_of(const TileOperands& tile) {
  std::vector<std::int32_t> outputs = matrix_product(tile);
  for (std::int32_t& output : outputs) output += tile.partial_sum_offset;
  return outputs;
}

// One sequence of blocks with this offset.
void expect_natural_results(Lockstep& lockstep, const ArrayShape& shape, bool double_buffered,
                            std::vector<Block> blocks) {
  std::vector<TileOperands> tiles;
  std::vector<array::TileStreams> streams;
  std::vector<TileRecord> records;
  const auto take = [&](std::vector<TileRecord> more) {
    std::move(more.begin(), more.end(), std::back_inserter(records));
  };
  for (Block& block : blocks) {
    for (const TileOperands& tile : block.tiles) {
      take(lockstep.push(tile, &block.accumulators));
      tiles.push_back(tile);
      streams.push_back(array::to_streams(tile));
    }
  }
  take(lockstep.drain());
  ASSERT_EQ(records.size(), tiles.size());
  for (std::size_t f = 0; f < tiles.size(); ++f) {
    EXPECT_EQ(records[f].partial_sums, outputs_of(tiles[f])) << "tile " << f;
    EXPECT_EQ(records[f].seen.weights, tiles[f].weights) << "tile " << f;
    EXPECT_EQ(records[f].seen.activations, tiles[f].activations) << "tile " << f;
  }
  for (std::size_t b = 0; b < blocks.size(); ++b)
    EXPECT_EQ(blocks[b].accumulators, blocks[b].expected) << "block " << b;

  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_EQ(statistics.mismatches, 0U);
  EXPECT_GT(statistics.accumulator_comparisons, 0U);
  const array::ToggleCounts reference =
      array::reference_sequence_toggles(shape, double_buffered, tiles);
  const array::ToggleCounts engine = array::count_sequence_toggles(shape, double_buffered, streams);
  EXPECT_EQ(statistics.toggles.partial_sum.active, engine.partial_sum.active);
  EXPECT_EQ(statistics.toggles.partial_sum.idle_rows, engine.partial_sum.idle_rows);
  EXPECT_EQ(statistics.toggles.activation.idle_rows, engine.activation.idle_rows);
  EXPECT_EQ(statistics.toggles.deskew, engine.deskew);
  EXPECT_TRUE(statistics.toggles == engine);
  EXPECT_TRUE(statistics.toggles == reference);
}

struct Case {
  const char* name;
  ArrayShape shape;
  RtlStyle style;
  bool double_buffered;
  int blocks;
  int longest_stream;
};

void PrintTo(const Case& tested, std::ostream* stream) { *stream << tested.name; }

class MappedTiles : public ::testing::TestWithParam<Case> {};

// Without an offset, with the largest that leaves room for every sum, with others, and without one
// again: each sequence begins at rest with its own.
TEST_P(MappedTiles, GiveTheNaturalResults_AndTheEnginesToggles) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const Case& c = GetParam();
  Random random(51);
  Lockstep lockstep(c.shape, c.style, c.double_buffered);
  const std::int32_t largest = network::largest_partial_sum_offset(
      c.shape.rows, c.shape.weight_bits, c.shape.activation_bits, c.shape.partial_sum_bits);
  for (const std::int32_t offset :
       {std::int32_t{0}, largest, random.between(1, largest), std::int32_t{0}, 0x55555 & largest}) {
    std::vector<Block> blocks;
    for (int i = 0; i < c.blocks; ++i) {
      const Values values = i == 1   ? Values::highest_sums
                            : i == 2 ? Values::lowest_sums
                                     : Values::random;
      blocks.push_back(draw_block(random, c.shape, c.longest_stream, offset, values));
    }
    expect_natural_results(lockstep, c.shape, c.double_buffered, std::move(blocks));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, MappedTiles,
    ::testing::Values(
        Case{"Structural16x16", shape_of(16, 16), RtlStyle::structural, false, 5, 60},
        Case{"Structural8x12", shape_of(8, 12), RtlStyle::structural, false, 6, 60},
        Case{"Structural16x16DoubleBuffered", shape_of(16, 16), RtlStyle::structural, true, 5, 90},
        Case{"Structural8x12DoubleBuffered", shape_of(8, 12), RtlStyle::structural, true, 6, 60},
        Case{"Loop64x64", shape_of(64, 64), RtlStyle::loop, false, 3, 60},
        Case{"Loop64x64DoubleBuffered", shape_of(64, 64), RtlStyle::loop, true, 3, 220},
        Case{"Loop24x40", shape_of(24, 40), RtlStyle::loop, false, 5, 60},
        Case{"Loop24x40DoubleBuffered", shape_of(24, 40), RtlStyle::loop, true, 5, 120},
        Case{"SinglePe", shape_of(1, 1), RtlStyle::loop, false, 9, 6},
        Case{"SinglePeDoubleBuffered", shape_of(1, 1), RtlStyle::loop, true, 9, 6},
        Case{"SingleRow", shape_of(1, 5), RtlStyle::loop, true, 9, 12},
        Case{"SingleColumn", shape_of(7, 1), RtlStyle::loop, true, 9, 25},
        Case{"Narrow9x5", shape_of(9, 5, 5, 4), RtlStyle::loop, true, 8, 40},
        Case{"Narrow20x30", shape_of(20, 30, 4, 6), RtlStyle::loop, false, 5, 60},
        Case{"Loop100x70", shape_of(100, 70), RtlStyle::loop, true, 2, 60}),
    [](const auto& tested) { return std::string(tested.param.name); });

// 32 bits that have no room for the sum wrap around, whichever way.
TEST(Accumulators, WrapAround_WhenTheyAddAndWhenTheySubtract) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const ArrayShape shape = shape_of(16, 16);
  Random random(52);
  Lockstep lockstep(shape, RtlStyle::structural);
  TileOperands tile = natural_tile(random, shape, 16, 16, 4, Values::lowest_sums);
  for (int c = 0; c < 16; ++c) tile.negated.push_back(c % 2 == 0 ? 1 : 0);
  std::vector<std::int32_t> before;
  for (int i = 0; i < 4 * 16; ++i) {
    const std::int32_t corners[] = {std::numeric_limits<std::int32_t>::min(),
                                    std::numeric_limits<std::int32_t>::max(),
                                    0,
                                    -1,
                                    1,
                                    16 * 127 * 128};
    before.push_back(corners[i % 6]);
  }
  std::vector<std::int32_t> accumulators = before;
  lockstep.push(tile, &accumulators);
  lockstep.drain();
  EXPECT_EQ(lockstep.finish().mismatches, 0U);
  const std::uint32_t sum = 0U - 16U * 127U * 128U;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto start = static_cast<std::uint32_t>(before[i]);
    EXPECT_EQ(static_cast<std::uint32_t>(accumulators[i]), i % 2 == 0 ? start - sum : start + sum);
  }
}

// Hardware with narrower partial sums than the Verilated build's has accumulators that see what is
// left of them.
TEST(Accumulators, AddWhatIsLeft_WhenNarrowPartialSumsWrapAround) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  ArrayShape shape = shape_of(16, 8);
  shape.partial_sum_bits = 15;
  Random random(53);
  Lockstep lockstep(shape, RtlStyle::loop);
  TileOperands tile = random_tile(random, 16, 8, 50);
  tile.negated = {1, 0, 1, 0, 0, 1, 1, 0};
  std::vector<std::int32_t> accumulators(50 * 8, 1000);
  lockstep.push(tile, &accumulators);
  const TileRecord record = std::move(lockstep.drain().back());
  const std::vector<std::int32_t> whole = matrix_product(tile);
  int wrapped = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::int32_t left =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(whole[i]) << 17) >> 17;
    wrapped += left != whole[i] ? 1 : 0;
    EXPECT_EQ(record.partial_sums[i], left);
    EXPECT_EQ(accumulators[i], 1000 + (tile.negated[i % 8] ? -left : left));
  }
  EXPECT_GT(wrapped, 10);
  EXPECT_EQ(lockstep.finish().mismatches, 0U);
}

// The comparison is of the RTL: a model that is given another weight expects another sum.
TEST(Accumulators, ThatHoldAnotherSumAreFound) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(54);
  Lockstep lockstep(shape_of(1, 1), RtlStyle::loop);
  TileOperands tile = random_tile(random, 1, 1, 1);
  tile.weights[0] = 3;
  tile.activations[0] = 5;
  TileOperands other = tile;
  other.weights[0] = 4;
  lockstep.run(tile, other);
  const LockstepStatistics statistics = lockstep.finish();
  // The weight until it is cleared, the partial sum, the output, and the accumulator.
  EXPECT_GE(statistics.mismatches, 4U);
  EXPECT_EQ(statistics.accumulator_comparisons, 1U);
}

}  // namespace
}  // namespace togglewise::systemc
