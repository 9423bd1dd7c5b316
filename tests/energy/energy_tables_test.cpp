#include "sim/energy/energy_tables.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hdf5_file.h"
#include "sim/base/hdf5_handle.h"
#include "sim/energy/table_precision.h"
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
    values.covering_samples = tables.parts.empty() ? 2 : 0;
    tables.parts.push_back(values);
  }
  for (WeightEnergy& weight : tables.weights) {
    weight.transitions = random.below(100);
    weight.mean_fj = random.unit();
    weight.precise_share = random.unit();
    weight.share = {0.5, 0.2, 0.1, 0.1, 0.1};
  }
  tables.synthetic = true;
  tables.precision = {0.02, 0.1, 0.9, 12345};
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
    EXPECT_EQ(read.weights[7].precise_share, tables.weights[7].precise_share);
    EXPECT_EQ(read.parts[0].covering_samples, tables.parts[0].covering_samples);
    EXPECT_EQ(read.precision.weight, 0.02);
    EXPECT_EQ(read.precision.cell, 0.1);
    EXPECT_EQ(read.precision.cell_share, 0.9);
    EXPECT_EQ(read.precision.most_transitions, 12345U);
    EXPECT_TRUE(read.synthetic);
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

// Tables that a run on `hardware` takes.
EnergyTables fitting_tables(const MacHardware& hardware) {
  EnergyTables tables = sample_tables();
  tables.hardware_key = hardware.key();
  tables.timing = hardware.engine().timing();
  for (WeightEnergy& weight : tables.weights) weight = {1000, 50.0, 0.5, 0.9, weight.share};
  return tables;
}

template <typename Check>
Error refused(const Check& check) {
  try {
    check();
  } catch (const Error& error) {
    return error;
  }
  return Error::run("none", "nothing was refused");
}

TEST(EnergyTables, AreRefused_WhenEmptyOrTooSparse) {
  const MacHardware hardware(small_hardware_config());
  EnergyTables tables = fitting_tables(hardware);
  EXPECT_NO_THROW(require_tables_match(tables, hardware, "t.h5"));
  tables.weights[weight_index(-3)].standard_error_fj = 20;
  const Error sparse = refused([&] { require_tables_match(tables, hardware, "t.h5"); });
  EXPECT_EQ(sparse.id(), "TW-TABLE-006");
  EXPECT_EQ(sparse.file(), "t.h5");
  EXPECT_NE(sparse.message().find("(-3)"), std::string::npos) << sparse.message();
  EXPECT_NE(sparse.hint().find("--transitions"), std::string::npos);
  for (WeightEnergy& weight : tables.weights) weight = {};
  const Error empty = refused([&] { require_tables_match(tables, hardware, "t.h5"); });
  EXPECT_EQ(empty.id(), "TW-TABLE-006");
  EXPECT_NE(empty.message().find("empty"), std::string::npos) << empty.message();
}

TEST(EnergyTables, AreRefused_WhenMadeForAnotherTiming) {
  const MacHardware hardware(small_hardware_config());
  EnergyTables tables = fitting_tables(hardware);
  tables.timing = "inertial";
  const Error error = refused([&] { require_tables_match(tables, hardware, "t.h5"); });
  EXPECT_EQ(error.id(), "TW-TABLE-003");
  EXPECT_NE(error.hint().find("--timing both"), std::string::npos);
}

TEST(EnergyTables, AreRefused_ForActivationsBelowZero_WhenMadeWithoutThem) {
  const MacHardware hardware(small_hardware_config());
  const EnergyTables tables = fitting_tables(hardware);
  network::Traces traces = small_traces(2);
  EXPECT_NO_THROW(require_activations(tables, traces, "t.h5"));
  traces.layers[1].ifmaps[3] = -7;
  const Error error = refused([&] { require_activations(tables, traces, "t.h5"); });
  EXPECT_EQ(error.id(), "TW-TABLE-005");
  EXPECT_NE(error.message().find("'fc' has activations below zero (down to -7)"), std::string::npos)
      << error.message();
  EXPECT_NE(error.hint().find("--negative-activations"), std::string::npos);
}

TEST(EnergyTables, AreRefused_ForWeightsWithoutSamples) {
  const MacHardware hardware(small_hardware_config());
  EnergyTables tables = fitting_tables(hardware);
  network::Traces traces = small_traces(2);
  traces.layers[0].layer.weights[4] = 99;
  tables.weights[weight_index(99)] = {};
  const Error error = refused([&] { require_activations(tables, traces, "t.h5"); });
  EXPECT_EQ(error.id(), "TW-TABLE-007");
  EXPECT_NE(error.message().find("no samples of: 99"), std::string::npos) << error.message();
  EXPECT_EQ(weights_without_samples(tables), std::vector<int>{99});
}

TEST(EnergyTables, AreRefused_WhenOperandsAreAnotherNetworks) {
  const network::Traces traces = small_traces(2);
  EXPECT_NO_THROW(require_traces_of_network(traces, "traces.h5", "test", "small"));
  const Error error =
      refused([&] { require_traces_of_network(traces, "traces.h5", "0123456789abcdef", "lenet"); });
  EXPECT_EQ(error.id(), "TW-TABLE-009");
  EXPECT_EQ(error.file(), "traces.h5");
  EXPECT_NE(error.expected().find("'lenet' (0123456789ab)"), std::string::npos);
}

TEST(EnergyTables, AreRefused_WhenOfTheFormatBefore) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "old.h5";
  Hdf5Writer writer(file, "togglewise energy tables");
  writer.attribute("/", "tool_version", std::string("0.1"));
  writer.commit();
  const Error error = refused([&] { read_tables(file); });
  EXPECT_EQ(error.id(), "TW-TABLE-004");
  EXPECT_EQ(error.file(), file.string());
  EXPECT_NE(error.hint().find("togglewise calibrate"), std::string::npos);
}

TEST(EnergyTables, AreRefused_WhenSizesDoNotAgree) {
  const TemporaryDirectory folder;
  // One grouping's arrays under another one's name, as a damaged file might have them.
  write_tables(sample_tables("operands-hd"), folder.path() / "t.h5");
  const Hdf5Handle file(H5Fopen((folder.path() / "t.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT),
                        H5Fclose);
  const Hdf5Handle attribute(H5Aopen(file.get(), "partial_sum_bits", H5P_DEFAULT), H5Aclose);
  const std::int64_t other = 12;
  ASSERT_GE(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &other), 0);
  ASSERT_GE(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), 0);
  const Error error = refused([&] { read_tables(folder.path() / "t.h5"); });
  EXPECT_EQ(error.id(), "TW-TABLE-001");
}

TEST(EnergyTables, SparseCellsAreTold) {
  EnergyTables tables = sample_tables();  // part 0 by pairs with 2 covering samples
  tables.weights.fill({100, 10.0, 0.1, 1.0, {}});
  tables.precision.cell = 0.05;  // of 10 fJ
  tables.parts[0].deviation_fj.fill(1.0);
  tables.parts[1].deviation_fj.fill(1.0);
  const std::size_t w = weight_index(4);
  const std::size_t cells = tables.grouping->parts()[1]->cells();
  tables.parts[1].samples[w * cells + 5] = 4;
  tables.parts[1].samples[w * cells + 6] = 3;
  tables.parts[1].samples[w * cells + 7] = 0;
  EXPECT_FALSE(is_sparse(tables, 1, 4, 5));  // 1/√4 = 0.5 fJ
  EXPECT_TRUE(is_sparse(tables, 1, 4, 6));
  EXPECT_TRUE(is_sparse(tables, 1, 4, 7));
  EXPECT_TRUE(std::isinf(cell_standard_error_fj(tables, 1, 4, 7)));
  tables.parts[0].samples[w * tables.grouping->parts()[0]->cells() + 9] = 2;
  EXPECT_FALSE(is_sparse(tables, 0, 4, 9));  // 2 real and 2 covering ones
  tables.weights[w] = {};
  EXPECT_TRUE(is_sparse(tables, 1, 4, 5));
}

TEST(EnergyTables, CountSparseCellsPerPart) {
  EnergyTables tables = sample_tables();
  tables.weights.fill({});
  tables.weights[weight_index(4)] = {100, 10.0, 0.1, 1.0, {}};
  tables.parts[1].deviation_fj.fill(1.0);
  const std::size_t cells = tables.grouping->parts()[1]->cells();
  std::fill(tables.parts[1].samples.begin(), tables.parts[1].samples.end(), 0);
  tables.parts[1].samples[weight_index(4) * cells + 5] = 90;
  tables.parts[1].samples[weight_index(4) * cells + 6] = 10;
  tables.precision.cell = 0.012;  // 90 samples are enough: 0.105 fJ
  const PartCells counts = count_cells(tables, 1);
  EXPECT_EQ(counts.cells, cells);
  EXPECT_EQ(counts.populated, 2U);
  EXPECT_EQ(counts.sparse, cells - 1);
  EXPECT_DOUBLE_EQ(counts.transitions_in_sparse_cells, 0.1);
}

TEST(EnergyTables, RoundingStaysFarBelowTheStandardError) {
  EnergyTables tables = sample_tables();
  tables.weights.fill({100, 10.0, 0.1, 1.0, {}});
  const EnergyTables exact = tables;
  round_to_significance(tables);
  bool changed = false;
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    const std::size_t cells = tables.grouping->parts()[p]->cells();
    for (std::size_t i = 0; i < tables.parts[p].energy_fj.size(); ++i) {
      const int weight = static_cast<int>(i / cells) - 128;
      const double limit = std::min(cell_standard_error_fj(exact, p, weight, i % cells),
                                    exact.parts[p].deviation_fj[i / cells]) /
                           16;
      const double change = tables.parts[p].energy_fj[i] - exact.parts[p].energy_fj[i];
      changed |= change != 0;
      ASSERT_LE(std::abs(change), limit * 1.0001);
    }
  }
  EXPECT_TRUE(changed);
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
