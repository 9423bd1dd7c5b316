#include "sim/energy/transition_grouping.h"

#include <algorithm>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/random.h"

namespace togglewise::energy {
namespace {

constexpr OperandWidths kWidths{8, 22, true};

TEST(ZeroFlagsHd, CountsTogglesWithinTheWidths) {
  const auto grouping = make_grouping("zero-flags-hd", kWidths);
  ASSERT_EQ(grouping->parts().size(), 1U);
  const GroupingPart& part = *grouping->parts()[0];
  EXPECT_EQ(part.cells(), 4U * 9U * 23U);
  // −1 → 0 toggles all 22 bits of the partial sum; 5 → 0 two bits of the activation, a1 = 0.
  EXPECT_EQ(part.cell({5, 0, -1, 0, 0, 0}), (1U * 9U + 2U) * 23U + 22U);
  EXPECT_EQ(part.cell({0, 0, 7, 7, 0, 0}), (3U * 9U + 0U) * 23U);
  EXPECT_EQ(part.cell({-1, 1, 0, 1, 0, 0}), (0U * 9U + 7U) * 23U + 1U);
}

TEST(MsbHd, NumbersEveryPairThatExistsOnce) {
  const auto grouping = make_grouping("msb-hd", {8, 6, false});
  const GroupingPart& part = *grouping->parts()[0];
  std::set<std::size_t> seen;
  std::set<std::pair<int, int>> pairs;
  for (int p = -32; p < 32; ++p) {
    const std::size_t group = part.in_code(0, p);
    EXPECT_LT(group, part.partial_sum_groups());
    const unsigned bits = static_cast<unsigned>(p) & 63U;
    pairs.insert({bits == 0 ? -1 : 31 - __builtin_clz(bits), __builtin_popcount(bits)});
    seen.insert(group);
  }
  EXPECT_EQ(seen.size(), pairs.size());
  EXPECT_EQ(seen.size(), part.partial_sum_groups());
}

TEST(OperandsGroupings, GiveEveryPairOfActivationsACellOfItsOwn) {
  for (const bool negative : {false, true}) {
    const auto grouping = make_grouping("operands-in-out", {8, 22, negative});
    const GroupingPart& pairs = *grouping->parts()[0];
    EXPECT_EQ(pairs.cells(), negative ? 65536U : 16384U);
    std::set<std::size_t> seen;
    for (int a0 = negative ? -128 : 0; a0 < 128; ++a0) {
      for (int a1 = negative ? -128 : 0; a1 < 128; ++a1) {
        seen.insert(pairs.cell({a0, a1, 1, 2, 3, 4}));
      }
    }
    EXPECT_EQ(seen.size(), pairs.cells());
    EXPECT_LT(*seen.rbegin(), pairs.cells());
  }
}

TEST(EveryGrouping, KeepsItsCellsWithinItsSize_AndGroupsStreamsAsSingleTransitions) {
  Random random(3);
  std::vector<std::int32_t> partial_sum{-(1 << 21), (1 << 21) - 1, -(1 << 21), 0, -1, 0, 0};
  for (int i = 0; i < 500; ++i) partial_sum.push_back(random.between(-(1 << 21), (1 << 21) - 1));
  const std::size_t count = partial_sum.size() - 1;
  for (const std::string& name : grouping_names()) {
    const auto grouping = make_grouping(name, kWidths);
    EXPECT_FALSE(grouping->formula().empty());
    for (const auto& part : grouping->parts()) {
      std::vector<std::uint16_t> in(count);
      std::vector<std::uint16_t> out(count);
      part->in_codes(partial_sum.data(), count, in.data());
      part->out_codes(partial_sum.data(), count, out.data());
      std::size_t highest_in = 0;
      std::size_t highest_out = 0;
      for (std::size_t t = 0; t < count; ++t) {
        EXPECT_EQ(in[t], part->in_code(partial_sum[t], partial_sum[t + 1])) << name;
        EXPECT_EQ(out[t], part->out_code(partial_sum[t], partial_sum[t + 1])) << name;
        highest_in = std::max<std::size_t>(highest_in, in[t]);
        highest_out = std::max<std::size_t>(highest_out, out[t]);
      }
      EXPECT_LT(highest_in + highest_out, part->partial_sum_groups()) << name;
      for (int a = -128; a < 128; ++a) {
        EXPECT_LT(part->activation_group(a, 127), part->activation_groups()) << name;
      }
    }
  }
}

TEST(MakeGrouping, NamesTheNearest_WhenItIsUnknown) {
  try {
    make_grouping("msb-hb", kWidths);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-GROUP-001");
    EXPECT_NE(error.hint().find("msb-hd"), std::string::npos);
  }
}

}  // namespace
}  // namespace togglewise::energy
