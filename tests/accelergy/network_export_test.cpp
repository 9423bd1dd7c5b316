// Exports of a small network, added up by hand and compared with the run that they come from.
#include "sim/accelergy/network_export.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/accelergy/export_files.h"
#include "sim/accelergy/layer_actions.h"
#include "sim/accelergy/reference_files.h"
#include "sim/base/error.h"
#include "sim/energy/layer_cost.h"
#include "tests/energy/small_network.h"

namespace togglewise::accelergy {
namespace {

using energy::EnergyTables;
using energy::Fidelity;
using energy::MacHardware;

config::HardwareConfig hardware_config(const std::string& grouping) {
  config::HardwareConfig config = energy::small_hardware_config();
  config.energy.grouping = grouping;
  config.memories.given = true;
  config.memories.dram.read_pj_per_byte = 160;
  config.memories.dram.write_pj_per_byte = 170;
  config.memories.ofmap_sram.read_pj_per_byte = 2.5;
  config.memories.ofmap_sram.write_pj_per_byte = 3.5;
  return config;
}

// Tables of made-up energies: what they are does not matter here.
EnergyTables random_tables(const std::string& grouping, const array::ArrayShape& shape) {
  Random random(11);
  EnergyTables tables;
  tables.grouping =
      energy::make_grouping(grouping, {shape.activation_bits, shape.partial_sum_bits, false});
  for (const auto& part : tables.grouping->parts()) {
    energy::TablePart values;
    for (std::size_t i = 0; i < energy::kWeightValues * part->cells(); ++i) {
      values.energy_fj.push_back(static_cast<float>(random.between(1000, 2000000)) / 97.0F);
    }
    values.samples.assign(values.energy_fj.size(), 100);
    values.deviation_fj.fill(50);
    tables.parts.push_back(values);
  }
  for (energy::WeightEnergy& weight : tables.weights) {
    weight.transitions = 1000;
    weight.mean_fj = 1000;
    weight.standard_error_fj = 5;
    weight.share = {0.4, 0.3, 0.15, 0.1, 0.05};
  }
  return tables;
}

struct Example {
  explicit Example(const std::string& grouping)
      : hardware(hardware_config(grouping)),
        traces(energy::small_traces(4)),
        tables(random_tables(grouping, hardware.shape())) {}
  MacHardware hardware;
  network::Traces traces;
  EnergyTables tables;
};

const Example& one_part() {
  static const Example example("hd");
  return example;
}
const Example& two_parts() {
  static const Example example("operands-hd");
  return example;
}

double energy_of(const ReferenceTable& table, const std::string& component,
                 const std::string& action, const Arguments& arguments) {
  for (const ComponentEnergies& entry : table) {
    if (entry.name != component) continue;
    for (const ActionEnergy& energy : entry.actions) {
      if (energy.name == action && energy.arguments == arguments) return energy.energy_pj;
    }
  }
  ADD_FAILURE() << component << " has no " << action;
  return 0;
}

// Of one component and action of a layer, by hand; "" for all actions.
double sum_pj(const LayerExport& layer, const std::string& component, const std::string& action) {
  double sum = 0;
  for (const ComponentCounts& counts : layer.counts) {
    if (counts.name != component) continue;
    for (const ActionCount& count : counts.actions) {
      if (!action.empty() && count.name != action) continue;
      sum += static_cast<double>(count.count) *
             energy_of(layer.table, component, count.name, count.arguments);
    }
  }
  return sum;
}

void expect_equal(double files_pj, double fj_per_image, int images) {
  const double expected = fj_per_image * images / 1000;
  EXPECT_NEAR(files_pj, expected, 1e-9 * std::abs(expected) + 1e-12);
}

void expect_layer_adds_up(const MacHardware& hardware, const LayerExport& layer,
                          const energy::LayerEnergy& energy, int images) {
  const ComponentNames names(hardware.config());
  const energy::EnergyBreakdown& mean = energy.energy_per_image;
  expect_equal(sum_pj(layer, names.mac, "compute"), mean.mac_dynamic_fj(), images);
  expect_equal(sum_pj(layer, names.mac, "idle"), mean.idle_columns_fj + mean.idle_rows_fj, images);
  expect_equal(sum_pj(layer, names.weight_register, ""), mean.weight_load_fj, images);
  expect_equal(sum_pj(layer, names.accumulator, ""), mean.accumulator_fj, images);
  expect_equal(sum_pj(layer, names.skew_registers, ""), mean.skew_fj, images);
  expect_equal(sum_pj(layer, names.deskew_registers, ""), mean.deskew_fj, images);
  expect_equal(sum_pj(layer, names.every_cycle, "clock"), mean.clock_fj, images);
  expect_equal(sum_pj(layer, names.every_cycle, "leak"), mean.leakage_fj, images);
  expect_equal(sum_pj(layer, names.dram, "") + sum_pj(layer, names.ifmap_sram, "") +
                   sum_pj(layer, names.filter_sram, "") + sum_pj(layer, names.ofmap_sram, ""),
               energy.memory_fj_per_image, images);
  // What Timeloop multiplies with the layer's multiplications.
  expect_equal(energy_of(layer.table, names.mac, "mac_random", {}) *
                   static_cast<double>(energy.gemm.macs()) * images,
               mean.mac_dynamic_fj(), images);
}

struct Case {
  const char* name;
  bool two_parts;
  Fidelity fidelity;
  ComputeGroup group;
  int batch_size;
};

class NetworkExports : public testing::TestWithParam<Case> {
 protected:
  NetworkExports() : example(GetParam().two_parts ? two_parts() : one_part()) {
    traces = example.traces;
    traces.batch_size = GetParam().batch_size;
    params.fidelity = GetParam().fidelity;
    params.group = GetParam().group;
  }
  const Example& example;
  network::Traces traces;
  ExportParams params;
};

TEST_P(NetworkExports, AddUpToTheRun_LayerByLayerAndComponentByComponent) {
  const NetworkExport network = export_network(example.hardware, traces, example.tables, params);
  const energy::NetworkEnergy run =
      energy::network_energy(example.hardware, traces, params.fidelity, &example.tables, 1);
  ASSERT_EQ(network.layers.size(), 2U);
  for (std::size_t l = 0; l < 2; ++l) {
    expect_layer_adds_up(example.hardware, network.layers[l], run.layers[l], run.images);
  }
  const ExportFiles files = export_files(example.hardware.config(), network, {});
  double total_pj = 0;
  for (const energy::LayerEnergy& layer : run.layers) {
    total_pj += (layer.energy_per_image.total_fj() + layer.memory_fj_per_image) * run.images / 1000;
  }
  EXPECT_NEAR(files.total_pj / total_pj, 1, 1e-9);
  EXPECT_NEAR((files.layer_pj[0] + files.layer_pj[1]) / total_pj, 1, 1e-9);
}

TEST_P(NetworkExports, AreTheSameForAnyNumberOfThreads) {
  const auto texts = [&](int threads) {
    params.threads = threads;
    std::string text;
    const NetworkExport network = export_network(example.hardware, traces, example.tables, params);
    for (const ExportFile& file : export_files(example.hardware.config(), network, {}).files) {
      text += file.name + "\n" + file.text;
    }
    return text;
  };
  EXPECT_EQ(texts(1), texts(2));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, NetworkExports,
    testing::Values(Case{"ByLayer", true, Fidelity::table, ComputeGroup::layer, 1},
                    Case{"ByLayerInBatches", true, Fidelity::table, ComputeGroup::layer, 2},
                    Case{"FromStatistics", true, Fidelity::layer, ComputeGroup::layer, 1},
                    Case{"OnePart", false, Fidelity::table, ComputeGroup::layer, 4},
                    Case{"ByCell", false, Fidelity::table, ComputeGroup::cell, 2}),
    [](const auto& test) { return test.param.name; });

TEST(NetworkExport, GivesEveryWeightValueTheMeanOverTheRows_AsComputeAnyRow) {
  const Example& example = two_parts();
  const NetworkExport network =
      export_network(example.hardware, example.traces, example.tables, {});
  const auto costs =
      energy::layer_costs(example.tables, example.hardware.shape(), example.traces, 1);
  const std::string mac = ComponentNames(example.hardware.config()).mac;
  for (std::size_t l = 0; l < 2; ++l) {
    for (const int weight : {-128, -1, 0, 77, 127}) {
      const Arguments arguments{{"weight", std::int64_t{weight}},
                                {"group", network.layers[l].group}};
      EXPECT_DOUBLE_EQ(energy_of(network.table, mac, "compute_any_row", arguments),
                       costs[l].energy_of(weight) / 1000);
    }
  }
}

TEST(NetworkExport, OfCells_HasTheTablesOwnEntries) {
  const Example& example = one_part();
  ExportParams params;
  params.group = ComputeGroup::cell;
  const NetworkExport network =
      export_network(example.hardware, example.traces, example.tables, params);
  const std::string mac = ComponentNames(example.hardware.config()).mac;
  std::size_t checked = 0;
  for (const ActionEnergy& action : network.table.at(0).actions) {
    if (action.name != "compute") continue;
    const int weight = static_cast<int>(std::get<std::int64_t>(action.arguments[0].second));
    const auto cell = static_cast<std::size_t>(std::get<std::int64_t>(action.arguments[1].second));
    EXPECT_NEAR(action.energy_pj * 1000,
                static_cast<double>(example.tables.of_weight(0, weight)[cell]), 1.0 / 2048 + 1e-9);
    ++checked;
  }
  EXPECT_EQ(network.table[0].name, mac);
  EXPECT_GT(checked, 1000U);
}

TEST(NetworkExport, OfOneLayer_HasThatLayerAlone) {
  const Example& example = two_parts();
  const NetworkExport both = export_network(example.hardware, example.traces, example.tables, {});
  ExportParams params;
  params.only_layer = 1;
  const NetworkExport one =
      export_network(example.hardware, example.traces, example.tables, params);
  ASSERT_EQ(one.layers.size(), 1U);
  EXPECT_EQ(ert_yaml(one.layers[0].table, {}), ert_yaml(both.layers[1].table, {}));
  EXPECT_EQ(action_counts_yaml(one.layers[0].counts, {}),
            action_counts_yaml(both.layers[1].counts, {}));
  const ExportFiles files = export_files(example.hardware.config(), one, {});
  ASSERT_EQ(files.files.size(), 3U);
  EXPECT_EQ(files.files[1].name, "ERT.yaml");
  EXPECT_EQ(files.files[2].name, "action_counts.yaml");
}

TEST(NetworkExport, KeepsLayersApart_ThatHaveTheSameName) {
  const Example& example = two_parts();
  network::Traces traces = example.traces;
  traces.layers[0].layer.name = "a/b";
  traces.layers[1].layer.name = "a/b";
  const NetworkExport network = export_network(example.hardware, traces, example.tables, {});
  EXPECT_EQ(network.layers[0].group, "a/b");
  EXPECT_EQ(network.layers[1].group, "a/b#1");
  EXPECT_EQ(network.layers[0].folder, "00_a_b");
  EXPECT_EQ(network.layers[1].folder, "01_a_b_1");
  EXPECT_NO_THROW(export_files(example.hardware.config(), network, {}));
}

template <typename Call>
void expect_error(const std::string& id, const std::string& words, const Call& call) {
  try {
    call();
    FAIL() << id << " was not thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), id) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(words));
  }
}

TEST(NetworkExport, FindsLayersByNameAndNumber_AndNamesTheNearestOne) {
  const network::Traces& traces = two_parts().traces;
  EXPECT_EQ(find_layer(traces, "fc"), 1U);
  EXPECT_EQ(find_layer(traces, "0"), 0U);
  expect_error("TW-ERT-001", "did you mean 'conv'?", [&] { find_layer(traces, "cnov"); });
  expect_error("TW-ERT-001", "a number from 0 to 1", [&] { find_layer(traces, "2"); });
}

TEST(NetworkExport, RefusesCellsOfSeveralParts_OfStatistics_AndTooManyOfThem) {
  ExportParams params;
  params.group = ComputeGroup::cell;
  const auto export_of = [&](const Example& example) {
    export_network(example.hardware, example.traces, example.tables, params);
  };
  expect_error("TW-ERT-002", "'operands-hd' has 2 parts", [&] { export_of(two_parts()); });
  params.most_entries = 10;
  expect_error("TW-ERT-003", "at most 10 of them", [&] { export_of(one_part()); });
  params.fidelity = Fidelity::layer;
  expect_error("TW-ERT-006", "fidelity 'table' only", [&] { export_of(one_part()); });
}

TEST(NetworkExport, RefusesGatedHardware) {
  const Example& example = two_parts();
  config::HardwareConfig config = example.hardware.config();
  config.gating.weight_registers = true;
  const energy::MacHardware gated(config, example.hardware);
  expect_error("TW-ERT-007", "gated hardware",
               [&] { export_network(gated, example.traces, example.tables, {}); });
}

TEST(ExportFiles, AreRefused_WhenTheyDoNotAddUp) {
  const Example& example = two_parts();
  NetworkExport network = export_network(example.hardware, example.traces, example.tables, {});
  // One count too many of some hundred thousand.
  network.layers[1].counts[0].actions[0].count += 1;
  expect_error("TW-ERT-007", "layers/01_fc/action_counts.yaml",
               [&] { export_files(example.hardware.config(), network, {}); });
}

}  // namespace
}  // namespace togglewise::accelergy
