#include "sim/mapping/activation_costs.h"

#include <gtest/gtest.h>

#include "tests/energy/numbered_tables.h"

namespace togglewise::mapping {
namespace {

class EnergyCosts : public testing::TestWithParam<std::tuple<std::string, bool>> {};
INSTANTIATE_TEST_SUITE_P(Groupings, EnergyCosts,
                         testing::Combine(testing::Values("operands-zero-in-out", "operands-hd",
                                                          "zero-flags-hd"),
                                          testing::Bool()));

TEST_P(EnergyCosts, AreMeansOfTheTablesOverPartialSumsAsOftenAsTheyOccurAndOverBothDirections) {
  const auto& [grouping, negative] = GetParam();
  energy::EnergyTables tables = energy::numbered_tables(grouping, {8, 22, negative});
  Random random(3);
  for (energy::TablePart& part : tables.parts) {
    for (std::int32_t& samples : part.samples) samples = random.between(0, 3);
  }
  const ActivationCosts costs = energy_costs(tables);
  const auto expected = [&](int weight, int a0, int a1) {
    double sum = 0;
    for (std::size_t p = 0; p < tables.parts.size(); ++p) {
      const energy::GroupingPart& part = *tables.grouping->parts()[p];
      const std::size_t inner = part.partial_sum_groups();
      const std::size_t first =
          energy::weight_index(weight) * part.cells() + part.activation_group(a0, a1) * inner;
      double energy = 0;
      double samples = 0;
      double plain = 0;
      for (std::size_t i = first; i < first + inner; ++i) {
        energy += double{tables.parts[p].energy_fj[i]} * tables.parts[p].samples[i];
        samples += tables.parts[p].samples[i];
        plain += double{tables.parts[p].energy_fj[i]} / static_cast<double>(inner);
      }
      sum += samples > 0 ? energy / samples : plain;
    }
    return sum;
  };
  for (int i = 0; i < 200; ++i) {
    const int weight = random.between(-128, 127);
    const int a0 = random.between(negative ? -128 : 0, 127);
    const int a1 = random.between(negative ? -128 : 0, 127);
    const double mean = (expected(weight, a0, a1) + expected(weight, a1, a0)) / 2;
    EXPECT_NEAR(costs.of(weight, a0, a1), mean, 1e-3) << weight << " " << a0 << " " << a1;
    EXPECT_EQ(costs.of(weight, a0, a1), costs.of(weight, a1, a0));
  }
}

}  // namespace
}  // namespace togglewise::mapping
