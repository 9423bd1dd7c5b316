#include "sim/energy/transition_grouping.h"

#include <set>

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/random.h"

namespace togglewise::energy {
namespace {

TEST(ZeroFlagsHd, CountsTogglesWithinTheWidths) {
  const auto grouping = make_grouping("zero-flags-hd", 8, 22);
  EXPECT_EQ(grouping->cells(), 4U * 9U * 23U);
  // −1 → 0 toggles all 22 bits of the partial sum; 5 → 0 two bits of the activation, a1 = 0.
  EXPECT_EQ(grouping->cell(5, 0, -1, 0), (1U * 9U + 2U) * 23U + 22U);
  EXPECT_EQ(grouping->cell(0, 0, 7, 7), (3U * 9U + 0U) * 23U);
  EXPECT_EQ(grouping->cell(-1, 1, 0, 1), (0U * 9U + 7U) * 23U + 1U);
}

TEST(MsbHd, NumbersEveryPairThatExistsOnce) {
  const auto grouping = make_grouping("msb-hd", 8, 6);
  std::set<std::size_t> seen;
  std::set<std::pair<int, int>> pairs;
  for (int p = -32; p < 32; ++p) {
    const std::size_t group = grouping->partial_sum_group(0, p);
    EXPECT_LT(group, grouping->partial_sum_groups());
    const unsigned bits = static_cast<unsigned>(p) & 63U;
    pairs.insert({bits == 0 ? -1 : 31 - __builtin_clz(bits), __builtin_popcount(bits)});
    seen.insert(group);
  }
  EXPECT_EQ(seen.size(), pairs.size());
  EXPECT_EQ(seen.size(), grouping->partial_sum_groups());
}

TEST(EveryGrouping, GroupsStreamsAsItGroupsSingleTransitions) {
  Random random(3);
  std::vector<std::int32_t> partial_sum;
  for (int i = 0; i < 500; ++i) partial_sum.push_back(random.between(-(1 << 21), (1 << 21) - 1));
  for (const std::string& name : grouping_names()) {
    const auto grouping = make_grouping(name, 8, 22);
    std::vector<std::uint16_t> group(partial_sum.size() - 1);
    grouping->group_partial_sums(partial_sum.data(), group.size(), group.data());
    for (std::size_t t = 0; t < group.size(); ++t) {
      EXPECT_EQ(group[t], grouping->partial_sum_group(partial_sum[t], partial_sum[t + 1])) << name;
      EXPECT_LT(group[t], grouping->partial_sum_groups()) << name;
    }
    for (int a = -128; a < 128; ++a) {
      EXPECT_LT(grouping->activation_group(a, 127), grouping->activation_groups()) << name;
    }
    EXPECT_FALSE(grouping->formula().empty());
  }
}

TEST(MakeGrouping, NamesTheNearest_WhenItIsUnknown) {
  try {
    make_grouping("msb-hb", 8, 22);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-GROUP-001");
    EXPECT_NE(error.hint().find("msb-hd"), std::string::npos);
  }
}

}  // namespace
}  // namespace togglewise::energy
