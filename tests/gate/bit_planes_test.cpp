#include "sim/gate/bit_planes.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace togglewise::gate {
namespace {

const std::vector<std::size_t> kRagged{1, 2, 7, 8, 63, 64, 65, 511, 512, 513, 1000};

TEST(BitPlanes, Int8_SurvivesTheWayThereAndBack_AtRaggedLengths) {
  Random random(1);
  for (const std::size_t cycles : kRagged) {
    std::vector<std::int8_t> values(cycles);
    for (std::int8_t& value : values) value = static_cast<std::int8_t>(random.between(-128, 127));
    const BitPlanes planes = BitPlanes::from_int8(values);
    EXPECT_EQ(planes.to_int32(), std::vector<std::int32_t>(values.begin(), values.end())) << cycles;
  }
}

TEST(BitPlanes, Int32_SurvivesTheWayThereAndBack_AtEveryWidth) {
  Random random(2);
  for (const int bits : {1, 7, 8, 9, 18, 22, 24, 31, 32}) {
    for (const std::size_t cycles : kRagged) {
      std::vector<std::int32_t> values(cycles);
      for (std::int32_t& value : values) {
        value = static_cast<std::int32_t>(random.bits()) >> (32 - bits);
      }
      EXPECT_EQ(BitPlanes::from_int32(values, bits).to_int32(), values) << bits << " " << cycles;
    }
  }
}

TEST(BitPlanes, BitTOfAPlane_IsCycleT) {
  std::vector<std::int8_t> values(130, 0);
  values[77] = 4;
  const BitPlanes planes = BitPlanes::from_int8(values);
  EXPECT_EQ(planes.plane(2)[1], 1ULL << (77 - 64));
  EXPECT_EQ(planes.plane(2)[0], 0U);
  EXPECT_EQ(planes.plane(1)[1], 0U);
}

TEST(BitPlanes, ThePadding_RepeatsTheLastCycle) {
  for (const std::size_t cycles : kRagged) {
    const BitPlanes planes = BitPlanes::from_int8(std::vector<std::int8_t>(cycles, -1));
    for (std::size_t w = 0; w < planes.blocks() * BitPlanes::kBlockWords; ++w) {
      EXPECT_EQ(planes.plane(5)[w], ~0ULL) << cycles << " " << w;
    }
  }
}

// Where interleaved planes go from one chunk to two, from two to three, and from one size to
// another.
const std::vector<std::size_t> kInterleaved{1,    2,    511,  512,  513,  1024, 1025, 2049,
                                            3071, 3072, 3073, 6143, 6144, 8201, 20000};

TEST(BitPlanes, InterleavedValues_SurviveTheWayThereAndBack) {
  Random random(3);
  for (const std::size_t cycles : kInterleaved) {
    std::vector<std::int32_t> values(cycles);
    for (std::int32_t& value : values) value = random.between(-(1 << 21), (1 << 21) - 1);
    const BitPlanes planes = BitPlanes::from_int32(values, 22, TimeOrder::interleaved);
    EXPECT_EQ(planes.to_int32(), values) << cycles;
    EXPECT_EQ(planes.in_order(TimeOrder::consecutive).to_int32(), values) << cycles;
    EXPECT_LE(planes.chunk_blocks(), BitPlanes::kChunkBlocks);
  }
}

// Every neighbouring pair of cycles is found once: in the same bit of neighbouring blocks, or in
// the last block and the next bit of the first one.
TEST(BitPlanes, InterleavedPlanes_HoldEveryTransitionOnce) {
  for (const std::size_t cycles : kInterleaved) {
    std::vector<std::int32_t> values(cycles);
    for (std::size_t t = 0; t < cycles; ++t) values[t] = static_cast<std::int32_t>(t);
    const BitPlanes planes = BitPlanes::from_int32(values, 16, TimeOrder::interleaved);
    const auto value_at = [&](std::size_t chunk, std::size_t block, std::size_t bit) {
      std::size_t value = 0;
      for (int plane = 0; plane < 16; ++plane) {
        const std::size_t word =
            (chunk * planes.chunk_blocks() + block) * BitPlanes::kBlockWords + bit / 64;
        value |= ((planes.plane(plane)[word] >> (bit % 64)) & 1U) << plane;
      }
      return value;
    };
    std::vector<int> found(cycles, 0);
    const std::size_t last = planes.chunk_blocks() - 1;
    for (std::size_t chunk = 0; chunk < planes.chunks(); ++chunk) {
      for (std::size_t bit = 0; bit < BitPlanes::kBlockCycles; ++bit) {
        for (std::size_t block = 0; block <= last; ++block) {
          if (block == 0 && bit == 0) continue;
          const std::size_t to = value_at(chunk, block, bit);
          const std::size_t from =
              block > 0 ? value_at(chunk, block - 1, bit) : value_at(chunk, last, bit - 1);
          if (from == to) continue;
          ASSERT_EQ(from + 1, to) << cycles;
          ++found[to];
        }
      }
    }
    for (std::size_t t = 1; t < cycles; ++t) ASSERT_EQ(found[t], 1) << cycles << " " << t;
  }
}

TEST(BitPlanes, KnowWhetherTheyEndAsTheyBegin) {
  for (const TimeOrder order : {TimeOrder::consecutive, TimeOrder::interleaved}) {
    for (const std::size_t cycles : {1, 513, 3073}) {
      std::vector<std::int8_t> values(cycles, 7);
      values[0] = values[cycles - 1] = -3;
      EXPECT_TRUE(BitPlanes::from_int8(values, 8, order).ends_as_it_begins());
      values[cycles - 1] = -4;
      EXPECT_EQ(BitPlanes::from_int8(values, 8, order).ends_as_it_begins(), cycles == 1);
    }
  }
}

}  // namespace
}  // namespace togglewise::gate
