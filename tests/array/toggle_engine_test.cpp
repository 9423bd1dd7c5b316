#include "sim/array/toggle_engine.h"

#include <gtest/gtest.h>

#include "sim/array/toggle_reference.h"
#include "tests/array/random_tile.h"
#include "tests/array/vector_targets.h"

namespace togglewise::array {
namespace {

// Sizes around a vector's width and around a block's.
const int kRaggedLengths[] = {1,  2,  3,  7,  8,   14,  15,  16,  17,  30,  31,  32,
                              33, 62, 63, 64, 126, 127, 128, 129, 130, 254, 255, 257};

ArrayShape random_shape(Random& random) {
  ArrayShape shape = shape_of(random.between(1, 24), random.between(1, 24));
  // Also wider partial sums, and narrower ones, which wrap around.
  if (random.below(3) == 0) shape.partial_sum_bits = random.between(1, 32);
  return shape;
}

TileOperands random_tile_of(const ArrayShape& shape, int stream_length, Random& random) {
  TileOperands tile = random_tile(random.between(1, shape.rows), random.between(1, shape.columns),
                                  stream_length, random);
  // From no zero weight to only zero weights.
  const int zeros = random.between(0, 4);
  for (std::int8_t& weight : tile.weights) {
    if (random.between(0, 3) < zeros) weight = 0;
  }
  return tile;
}

void expect_equal_reference(const ArrayShape& shape, const TileOperands& tile) {
  EXPECT_EQ(count_toggles(shape, to_streams(tile)), reference_toggles(shape, tile))
      << shape.rows << "x" << shape.columns << " " << shape.partial_sum_bits
      << " bits, K=" << tile.used_rows << " N=" << tile.used_columns << " M=" << tile.stream_length;
}

TEST(ToggleEngine, EqualsTheReference_OnRandomRaggedTiles_WithEveryInstructionSet) {
  const auto names = with_every_vector_target([] {
    Random random(1);
    for (int trial = 0; trial < 40; ++trial) {
      const ArrayShape shape = random_shape(random);
      expect_equal_reference(shape, random_tile_of(shape, random.between(1, 90), random));
    }
  });
  EXPECT_EQ(names.count("SCALAR") + names.count("EMU128"), 1U);
  EXPECT_GE(names.size(), 2U);  // every machine that builds this has SSSE3 at least
}

TEST(ToggleEngine, EqualsTheReference_AtEveryStreamLengthAroundAVector) {
  with_every_vector_target([] {
    Random random(2);
    const ArrayShape shape = shape_of(5, 4);
    for (const int length : kRaggedLengths) {
      expect_equal_reference(shape, random_tile(4, 3, length, random));
    }
  });
}

TEST(ToggleEngine, EqualsTheReference_WhenRowsAndColumnsAreAroundAVector) {
  with_every_vector_target([] {
    Random random(5);
    for (const int rows : {1, 15, 16, 17, 33}) {
      for (const int columns : {1, 15, 16, 17, 33}) {
        expect_equal_reference(shape_of(rows, columns), random_tile(rows, columns, 9, random));
      }
    }
  });
}

TEST(ToggleEngine, EqualsTheReference_AtEveryOperandWidth) {
  with_every_vector_target([] {
    Random random(6);
    for (int weight_bits = 4; weight_bits <= 8; ++weight_bits) {
      for (int activation_bits = 4; activation_bits <= 8; ++activation_bits) {
        const ArrayShape shape{9, 6, weight_bits, activation_bits,
                               required_partial_sum_bits(9, weight_bits, activation_bits)};
        TileOperands tile = random_tile(7, 5, 40, random);
        for (auto& weight : tile.weights) weight >>= 8 - weight_bits;
        for (auto& activation : tile.activations) activation >>= 8 - activation_bits;
        expect_equal_reference(shape, tile);
      }
    }
  });
}

TEST(ToggleEngine, EqualsTheReference_At256x256) {
  Random random(7);
  const ArrayShape shape = shape_of(256, 256);
  ASSERT_EQ(shape.partial_sum_bits, 24);
  expect_equal_reference(shape, random_tile(256, 256, 3, random));
}

TEST(BitToggles, AddUpToTheTotals_AndEqualTheReferenceAtEveryWidth) {
  with_every_vector_target([] {
    Random random(8);
    for (int trial = 0; trial < 12; ++trial) {
      const ArrayShape shape = random_shape(random);
      const TileOperands tile = random_tile_of(shape, random.between(1, 300), random);
      const BitToggles bits = count_bit_toggles(shape, to_streams(tile));
      // The lowest b bits toggle as the registers of an array that has no more of them.
      std::uint64_t partial_sum = 0;
      for (int b = 1; b <= shape.partial_sum_bits; ++b) {
        ArrayShape narrow = shape;
        narrow.partial_sum_bits = b;
        partial_sum += bits.partial_sum[static_cast<std::size_t>(b - 1)];
        EXPECT_EQ(partial_sum, count_toggles(narrow, to_streams(tile)).partial_sum.active) << b;
      }
      EXPECT_EQ(partial_sum, reference_toggles(shape, tile).partial_sum.active);
      std::uint64_t activation = 0;
      for (int b = 1; b <= 8; ++b) {
        ArrayShape narrow = shape;
        narrow.activation_bits = b;
        activation += bits.activation[static_cast<std::size_t>(b - 1)];
        EXPECT_EQ(activation, count_toggles(narrow, to_streams(tile)).activation.active) << b;
      }
    }
  });
}

TEST(BitToggles, CarryIntoHighDigits_WhenOneBitTogglesInEveryCycle) {
  with_every_vector_target([] {
    // Weight 1 in the first row, zeros below: activations 1, 0, 1, 0, … toggle bit 0 of 40 PEs.
    const ArrayShape shape = shape_of(40, 1);
    TileOperands tile;
    tile.used_rows = 40;
    tile.used_columns = 1;
    tile.stream_length = 4001;
    tile.weights.assign(40, 0);
    tile.weights[0] = 1;
    tile.activations.assign(40U * 4001U, 0);
    for (std::size_t m = 0; m < 4001; m += 2) tile.activations[m * 40] = 1;
    const BitToggles bits = count_bit_toggles(shape, to_streams(tile));
    EXPECT_EQ(bits.partial_sum[0], 40U * 4002U);
    for (std::size_t b = 1; b < 32; ++b) EXPECT_EQ(bits.partial_sum[b], 0U) << b;
  });
}

TEST(PeToggles, AddUpToTheTotals_AndRepeatBelowZeroWeights) {
  with_every_vector_target([] {
    Random random(9);
    for (int trial = 0; trial < 20; ++trial) {
      const ArrayShape shape = random_shape(random);
      const TileOperands tile = random_tile_of(shape, random.between(1, 300), random);
      const PeToggleMap map = count_pe_toggles(shape, to_streams(tile));
      const ToggleCounts reference = reference_toggles(shape, tile);
      PeToggles partial_sum;
      PeToggles activation;
      for (int r = 0; r < shape.rows; ++r) {
        for (int c = 0; c < shape.columns; ++c) {
          const auto pe = static_cast<std::size_t>(r * shape.columns + c);
          const auto part = [&](PeToggles& kind) -> std::uint64_t& {
            return c >= tile.used_columns ? kind.idle_columns
                   : r >= tile.used_rows  ? kind.idle_rows
                                          : kind.active;
          };
          part(partial_sum) += map.partial_sum[pe];
          part(activation) += map.activation[pe];
        }
      }
      EXPECT_EQ(partial_sum, reference.partial_sum);
      EXPECT_EQ(activation, reference.activation);
    }
  });
}

TEST(PeToggles, EqualThoseOfATileThatEndsAtTheRow) {
  Random random(10);
  const ArrayShape shape = shape_of(6, 3);
  const TileOperands tile = random_tile(6, 3, 70, random);
  const PeToggleMap map = count_pe_toggles(shape, to_streams(tile));
  std::uint64_t above = 0;
  for (int rows = 1; rows <= 6; ++rows) {
    TileOperands upper = tile;
    upper.used_rows = rows;
    upper.weights.resize(static_cast<std::size_t>(rows * 3));
    upper.activations.clear();
    for (int m = 0; m < 70; ++m) {
      const auto vector = tile.activations.begin() + m * 6;
      upper.activations.insert(upper.activations.end(), vector, vector + rows);
    }
    const std::uint64_t up_to_here = reference_toggles(shape, upper).partial_sum.active;
    const auto first = static_cast<std::size_t>(rows - 1) * 3;
    EXPECT_EQ(map.partial_sum[first] + map.partial_sum[first + 1] + map.partial_sum[first + 2],
              up_to_here - above);
    above = up_to_here;
  }
}

TEST(ToggleEngine, CountsTheWholeWidth_WhenSumsAreExtreme) {
  // 64·(−128)·(−128) = 2^20 is the largest sum; the next vector makes the most negative one.
  const ArrayShape shape = shape_of(64, 1);
  ASSERT_EQ(shape.partial_sum_bits, 22);
  TileOperands tile;
  tile.used_rows = 64;
  tile.used_columns = 1;
  tile.stream_length = 2;
  tile.weights.assign(64, -128);
  tile.activations.assign(64, -128);
  tile.activations.insert(tile.activations.end(), 64, 127);
  const ToggleCounts counts = count_toggles(shape, to_streams(tile));
  EXPECT_EQ(counts, reference_toggles(shape, tile));
  EXPECT_GT(counts.partial_sum.active, 0U);
}

TEST(ToggleEngine, CountsNothing_WhenActivationsAreZero) {
  Random random(3);
  const ArrayShape shape = shape_of(8, 8);
  TileOperands tile = random_tile(8, 8, 20, random);
  tile.activations.assign(tile.activations.size(), 0);
  EXPECT_EQ(count_toggles(shape, to_streams(tile)), ToggleCounts{});
}

TEST(RequiredPartialSumBits, Is22_At64RowsOf8x8) {
  EXPECT_EQ(required_partial_sum_bits(64, 8, 8), 22);
  EXPECT_EQ(required_partial_sum_bits(65, 8, 8), 23);
  EXPECT_EQ(required_partial_sum_bits(16, 8, 8), 20);
  EXPECT_EQ(required_partial_sum_bits(1, 4, 4), 8);
}

}  // namespace
}  // namespace togglewise::array
