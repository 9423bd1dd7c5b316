#include "sim/energy/energy_tables.h"

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/energy/table_shrinkage.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

EnergyTables sample_tables(const std::string& grouping = "operands-hd") {
  EnergyTables tables;
  tables.hardware_name = "sample";
  tables.hardware_key = "another key";
  tables.library = "cells";
  tables.timing = "zero-delay";
  tables.operand_source = "images";
  tables.grouping = make_grouping(grouping, {4, 20, false});
  Random random(9);
  for (const auto& part : tables.grouping->parts()) {
    TablePart values;
    for (std::size_t i = 0; i < kWeightValues * part->cells(); ++i) {
      values.energy_fj.push_back(static_cast<float>(random.unit()));
      values.samples.push_back(random.between(0, 2));
    }
    values.deviation_fj.fill(random.unit());
    tables.parts.push_back(values);
  }
  for (WeightEnergy& weight : tables.weights) {
    weight.transitions = random.below(100);
    weight.mean_fj = random.unit();
    weight.share = {0.5, 0.2, 0.1, 0.1, 0.1};
  }
  tables.held_out = {{"conv1", 0.01}, {"fc", -0.02}};
  return tables;
}

TEST(EnergyTables, AreReadAsTheyWereWritten) {
  const TemporaryDirectory folder;
  for (const std::string& name : grouping_names()) {
    const EnergyTables tables = sample_tables(name);
    write_tables(tables, folder.path() / "t.h5");
    const EnergyTables read = read_tables(folder.path() / "t.h5");
    EXPECT_EQ(read.grouping->name(), name);
    ASSERT_EQ(read.parts.size(), tables.parts.size());
    for (std::size_t p = 0; p < tables.parts.size(); ++p) {
      EXPECT_EQ(read.parts[p].energy_fj, tables.parts[p].energy_fj);
      EXPECT_EQ(read.parts[p].samples, tables.parts[p].samples);
      EXPECT_EQ(read.parts[p].deviation_fj, tables.parts[p].deviation_fj);
    }
    EXPECT_EQ(read.hardware_key, tables.hardware_key);
    EXPECT_EQ(read.library, tables.library);
    EXPECT_EQ(read.weights[7].mean_fj, tables.weights[7].mean_fj);
    EXPECT_EQ(read.weights[7].share, tables.weights[7].share);
    EXPECT_EQ(read.populated_cells(), tables.populated_cells());
    ASSERT_EQ(read.held_out.size(), 2U);
    EXPECT_EQ(read.held_out[1].name, "fc");
    EXPECT_EQ(read.held_out[1].relative_error, -0.02);
  }
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
  const auto grouping = make_grouping("zero-flags-hd", {4, 4, false});
  const std::size_t cells = grouping->cells();
  std::vector<double> sum(kWeightValues * cells, 0);
  std::vector<std::int32_t> count(kWeightValues * cells, 0);
  // Weight 1 costs twice what weight 0 costs in every cell; weight 1 never saw cell 3.
  for (std::size_t k = 0; k < 6; ++k) {
    const double cost = 1.0 + static_cast<double>(k);
    count[weight_index(0) * cells + k] = 100000;
    sum[weight_index(0) * cells + k] = 100000 * cost;
    if (k == 3) continue;
    count[weight_index(1) * cells + k] = 100000;
    sum[weight_index(1) * cells + k] = 200000 * cost;
  }
  const std::vector<double> energy = shrunk_means(*grouping->parts()[0], sum, count, 8);
  EXPECT_NEAR(energy[weight_index(0) * cells + 2], 3.0, 0.01);
  EXPECT_NEAR(energy[weight_index(1) * cells + 2], 6.0, 0.01);
  const double unseen = energy[weight_index(1) * cells + 3];
  EXPECT_GT(unseen, 4.0);  // dearer than weight 0's
  EXPECT_LT(unseen, 8.0);  // toward the global cell, which knows only weight 0
  EXPECT_EQ(energy[weight_index(5) * cells + 2], 0.0);  // a value without any sample
}

}  // namespace
}  // namespace togglewise::energy
