#include "sim/gate/weight_program.h"

#include <algorithm>
#include <array>

#include "sim/gate/lut_network.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

TEST(WeightProgram, WeightZero_LeavesAlmostNothingToCompute) {
  EXPECT_LE(engine22().program(0).tables, 2);
  EXPECT_LT(engine22().program(1).tables, 150);
  EXPECT_GT(engine22().program(-1).tables, 200);
}

TEST(WeightProgram, Slots_AreReused) {
  for (int weight = -128; weight <= 127; ++weight) {
    const WeightProgram& program = engine22().program(weight);
    EXPECT_LT(program.slots, 128) << weight;
    for (const KernelOperation& operation : program.operations) {
      EXPECT_LT(operation.target, static_cast<unsigned>(std::max(1, program.slots) * kSlotWords));
      EXPECT_LT(operation.counter, program.counters);
    }
  }
}

TEST(WeightProgram, EveryCounter_BelongsToSomeNet) {
  for (const int weight : {93, 0, -1}) {
    const WeightProgram& program = engine22().program(weight);
    std::vector<bool> used(static_cast<std::size_t>(program.counters), false);
    for (const std::int16_t counter : program.counter_of_net) {
      if (counter >= 0) used[static_cast<std::size_t>(counter)] = true;
    }
    EXPECT_TRUE(std::all_of(used.begin(), used.end(), [](bool u) { return u; })) << weight;
  }
}

TEST(WeightProgram, WeightNets_AreConstant) {
  for (const tech::NetIndex net : mac22().netlist.port("weight")->bits) {
    EXPECT_EQ(engine22().program(93).counter_of_net[static_cast<std::size_t>(net)], kNeverToggles);
  }
}

TEST(LutNetwork, CellsOfFourInputs_AreSplit) {
  const LutNetwork network = build_mac_network(mac22().netlist);
  for (std::size_t i = static_cast<std::size_t>(network.first_table); i < network.nodes.size();
       ++i) {
    for (const int input : network.nodes[i].fanin) EXPECT_LT(input, static_cast<int>(i));
  }
  EXPECT_EQ(network.outputs.size(), 22U);
}

TEST(WeightProgram, Tables_AreThoseThatHaveKernels) {
  for (int weight = -128; weight <= 127; ++weight) {
    int counter = 0;
    for (const KernelOperation& operation : engine22().program(weight).operations) {
      if (operation.kind == OperationKind::table) {
        EXPECT_TRUE(canonical_table(operation.table)) << int{operation.table};
      }
      if (operation.counter >= 0) {
        EXPECT_EQ(operation.counter, counter++);
      }
    }
  }
}

TEST(WeightProgram, CanonicalTables_AreOneOfEachClassOfPermutations) {
  for (int table = 2; table < 256; table += 2) {
    if (!uses_third(table)) continue;
    int canonical = 0;
    std::vector<int> seen;
    for (const auto& order :
         {std::array<int, 3>{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
      const int permuted = permuted_table(table, order[0], order[1], order[2]);
      if (std::find(seen.begin(), seen.end(), permuted) != seen.end()) continue;
      seen.push_back(permuted);
      canonical += uses_third(permuted) && canonical_table(permuted) ? 1 : 0;
    }
    const bool of_two = std::any_of(seen.begin(), seen.end(), [](int t) { return !uses_third(t); });
    if (!of_two) {
      EXPECT_EQ(canonical, 1) << table;
    }
  }
}

}  // namespace
}  // namespace togglewise::gate
