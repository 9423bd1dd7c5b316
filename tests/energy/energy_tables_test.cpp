#include "sim/energy/energy_tables.h"

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/energy/table_shrinkage.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

EnergyTables sample_tables() {
  EnergyTables tables;
  tables.hardware_name = "sample";
  tables.hardware_key = "another key";
  tables.timing = "zero-delay";
  tables.grouping_name = "zero-flags-hd";
  tables.partial_sum_bits = 20;
  tables.grouping = make_grouping("zero-flags-hd", 8, 20);
  Random random(9);
  for (std::size_t i = 0; i < kWeightValues * tables.cells(); ++i) {
    tables.energy_fj.push_back(random.unit());
    tables.samples.push_back(random.below(3));
  }
  for (WeightEnergy& weight : tables.weights) {
    weight.transitions = random.below(100);
    weight.mean_fj = random.unit();
    weight.share = {0.5, 0.2, 0.1, 0.1, 0.1};
  }
  return tables;
}

TEST(EnergyTables, AreReadAsTheyWereWritten) {
  const TemporaryDirectory folder;
  const EnergyTables tables = sample_tables();
  write_tables(tables, folder.path() / "t.h5");
  const EnergyTables read = read_tables(folder.path() / "t.h5");
  EXPECT_EQ(read.energy_fj, tables.energy_fj);
  EXPECT_EQ(read.samples, tables.samples);
  EXPECT_EQ(read.hardware_key, tables.hardware_key);
  EXPECT_EQ(read.weights[7].mean_fj, tables.weights[7].mean_fj);
  EXPECT_EQ(read.weights[7].share, tables.weights[7].share);
  EXPECT_EQ(read.populated_cells(), tables.populated_cells());
}

TEST(EnergyTables, AreRefused_WhenTheyBelongToAnotherHardware) {
  const MacHardware hardware(small_hardware_config());
  try {
    require_tables_match(sample_tables(), hardware, "t.h5");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-TABLE-002");
    EXPECT_EQ(error.file(), "t.h5");
    EXPECT_EQ(error.exit_status(), 2);
  }
}

TEST(EnergyTables, AreRefused_WhenTheFileIsCutOff) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "t.h5";
  write_tables(sample_tables(), file);
  const std::string bytes = read_file(file);
  write_file_atomically(file, bytes.substr(0, bytes.size() * 2 / 3));
  EXPECT_THROW(read_tables(file), Error);
}

TEST(ShrunkMeans, KeepPopulatedCellsAndFillSparseOnes) {
  const auto grouping = make_grouping("zero-flags-hd", 4, 4);
  const std::size_t cells = grouping->cells();
  std::vector<double> sum(kWeightValues * cells, 0);
  std::vector<std::uint64_t> count(kWeightValues * cells, 0);
  // Weight 1 costs twice what weight 0 costs in every cell; weight 1 never saw cell 3.
  for (std::size_t k = 0; k < 6; ++k) {
    const double cost = 1.0 + static_cast<double>(k);
    count[weight_index(0) * cells + k] = 100000;
    sum[weight_index(0) * cells + k] = 100000 * cost;
    if (k == 3) continue;
    count[weight_index(1) * cells + k] = 100000;
    sum[weight_index(1) * cells + k] = 200000 * cost;
  }
  const std::vector<double> energy = shrunk_means(*grouping, sum, count, 8);
  EXPECT_NEAR(energy[weight_index(0) * cells + 2], 3.0, 0.01);
  EXPECT_NEAR(energy[weight_index(1) * cells + 2], 6.0, 0.01);
  const double unseen = energy[weight_index(1) * cells + 3];
  EXPECT_GT(unseen, 4.0);  // dearer than weight 0's
  EXPECT_LT(unseen, 8.0);  // toward the global cell, which knows only weight 0
  EXPECT_EQ(energy[weight_index(5) * cells + 2], 0.0);  // a value without any sample
}

}  // namespace
}  // namespace togglewise::energy
