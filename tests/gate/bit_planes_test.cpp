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

}  // namespace
}  // namespace togglewise::gate
