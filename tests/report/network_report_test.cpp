#include "sim/report/network_report.h"

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/files.h"

namespace togglewise::report {
namespace {

using testing::HasSubstr;

constexpr double clock_period_ps = 8000;

energy::LayerEnergy example_layer(const std::string& name, double scale) {
  energy::LayerEnergy layer;
  layer.name = name;
  layer.gemm = {25, 6, 784};
  layer.cycles.tiles = 1;
  layer.cycles.cycles = 974;
  layer.cycles.compute = 784;
  layer.cycles.weight_load = 64;
  layer.cycles.fill_drain = 126;
  layer.cycles.macs = 117600;
  layer.cycles.utilization = 0.0294;
  layer.energy_per_image.multiplier_fj = 1.5e6 * scale;
  layer.energy_per_image.adder_fj = 0.1e6 * scale;
  layer.energy_per_image.weight_load_fj = 2e6 * scale;
  layer.energy_per_image.clock_fj = 4e6 * scale;
  layer.energy_per_image.leakage_fj = 1.0 / 3.0 * scale;
  layer.toggles.partial_sum = {10, 20, 30};
  layer.toggles.activation = {1, 2, 3};
  layer.toggles.deskew = 7;
  layer.weights = 150;
  layer.zero_weights = 30;
  layer.weight_values = 9;
  return layer;
}

energy::NetworkEnergy example_network() {
  energy::NetworkEnergy network;
  network.timing = "zero-delay";
  network.fidelity = energy::Fidelity::table;
  network.images = 200;
  network.layers = {example_layer("conv1", 1), example_layer("fc, \"last\"", 2)};
  network.layers[1].fully_connected = true;
  network.layers[0].layer_agnostic_fj_per_image = 2.5e6;
  network.layers[1].layer_agnostic_fj_per_image = 4.5e6;
  return network;
}

std::vector<std::string> split_csv_line(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

std::vector<std::map<std::string, std::string>> parse_csv(const std::string& text) {
  std::istringstream stream(text);
  std::string line;
  std::getline(stream, line);
  const std::vector<std::string> columns = split_csv_line(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(stream, line)) {
    const std::vector<std::string> cells = split_csv_line(line);
    EXPECT_EQ(cells.size(), columns.size());
    rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) rows.back()[columns[i]] = cells[i];
  }
  return rows;
}

TEST(NetworkReport, CsvHoldsTheNumbersOfTheJson) {
  const energy::NetworkEnergy network = example_network();
  Json records = layers_json(network, clock_period_ps);
  records.push_back(total_json(network, clock_period_ps));
  const auto rows = parse_csv(network_csv(network, clock_period_ps));
  ASSERT_EQ(rows.size(), 3U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Json& record = records[i];
    for (const char* key :
         {"cycles_per_batch", "mac_dynamic_fj_per_image", "dynamic_fj_per_image",
          "total_fj_per_image", "power_mw", "layer_agnostic_mac_dynamic_fj_per_image"}) {
      EXPECT_EQ(std::stod(rows[i].at(key)), record.at(key).get<double>()) << i << " " << key;
    }
    for (const auto& [component, energy_fj] : record.at("energy_fj_per_image").items()) {
      EXPECT_EQ(std::stod(rows[i].at(component + "_fj_per_image")), energy_fj.get<double>());
    }
  }
  EXPECT_EQ(rows[1].at("layer_name"), "fc, \"last\"");
  EXPECT_EQ(rows[1].at("layer_kind"), "fully_connected");
  EXPECT_EQ(rows[0].at("partial_sum_idle_rows_toggles"), "20");
  EXPECT_EQ(rows[2].at("partial_sum_idle_rows_toggles"), "40");
}

TEST(NetworkReport, TotalIsTheSumOfTheLayers) {
  const energy::NetworkEnergy network = example_network();
  const Json total = total_json(network, clock_period_ps);
  EXPECT_EQ(total.at("cycles_per_batch"), 2 * 974);
  EXPECT_DOUBLE_EQ(total.at("mac_dynamic_fj_per_image"), 4.8e6);
  EXPECT_DOUBLE_EQ(total.at("dynamic_fj_per_image"), 10.8e6);
  EXPECT_DOUBLE_EQ(total.at("total_fj_per_image"), 22.8e6 + 1);
  EXPECT_DOUBLE_EQ(total.at("energy_uj_per_image"), (22.8e6 + 1) * 1e-9);
  // 1 fJ / 1 ps = 1 mW
  EXPECT_DOUBLE_EQ(total.at("power_mw"), (22.8e6 + 1) / (2 * 974 * clock_period_ps));
  EXPECT_DOUBLE_EQ(total.at("images_per_s"), 1e12 / (2 * 974 * clock_period_ps));
}

TEST(NetworkReport, ShowsHowFarTheModelMayBe_AndForTheTotalAsIfAllLayersErredAlike) {
  energy::NetworkEnergy network = example_network();
  EXPECT_FALSE(total_json(network, clock_period_ps).contains("mac_dynamic_model_relative_error"));
  network.layers[0].model_error = 0.01;
  network.layers[1].model_error = 0.03;
  const double first_fj = network.layers[0].energy_per_image.mac_dynamic_fj();
  const double second_fj = network.layers[1].energy_per_image.mac_dynamic_fj();
  const double expected = (0.01 * first_fj + 0.03 * second_fj) / (first_fj + second_fj);
  EXPECT_DOUBLE_EQ(
      total_json(network, clock_period_ps).at("mac_dynamic_model_relative_error").get<double>(),
      expected);
  EXPECT_DOUBLE_EQ(
      layers_json(network, clock_period_ps)[1].at("mac_dynamic_model_relative_error").get<double>(),
      0.03);
  EXPECT_THAT(network_text(network, clock_period_ps), HasSubstr("as if all layers erred alike"));
}

TEST(NetworkReport, TableShowsTheSameNumbersWithTheirUnits) {
  const std::string text = network_text(example_network(), clock_period_ps);
  EXPECT_THAT(text, HasSubstr("25×6×784"));
  EXPECT_THAT(text, HasSubstr("nJ/image"));
  EXPECT_THAT(
      text, testing::ContainsRegex("conv1 .* 974 +2\\.9 +1\\.60 +3\\.60 +7\\.60 +0\\.98 +20\\.0"));
  EXPECT_THAT(text, testing::ContainsRegex("\ntotal .* 1,948 +2\\.9 +4\\.80 +10\\.80 +22\\.80"));
  EXPECT_THAT(text, HasSubstr("0.02280 µJ/image in total"));
  EXPECT_THAT(text, HasSubstr("fidelity table, zero-delay, mean of 200 images"));
  EXPECT_THAT(text, testing::ContainsRegex("weight load +6\\.00 +55\\.6 +26\\.3"));
}

TEST(NetworkReport, ShowsStallsMemoriesAndBatches_WhereThereAreAny) {
  energy::NetworkEnergy network = example_network();
  EXPECT_THAT(network_text(network, clock_period_ps), testing::Not(HasSubstr("Stalls")));
  network.batch_size = 4;
  for (energy::LayerEnergy& layer : network.layers) {
    layer.cycles.cycles += 26;
    layer.cycles.stall = 26;
    layer.cycles.accesses.dram_filter.read_bytes = 150;
    layer.memory_fj_per_image = 2.5e6;
  }
  const std::string text = network_text(network, clock_period_ps);
  EXPECT_THAT(text, testing::ContainsRegex("Stalls.*Memories"));
  EXPECT_THAT(text, HasSubstr("/4 images"));
  EXPECT_THAT(text, testing::ContainsRegex("total .* 2,000 +2\\.6 .* 5\\.00"));
  const Json total = total_json(network, clock_period_ps);
  EXPECT_DOUBLE_EQ(total.at("power_mw"), 4 * (22.8e6 + 1) / (2000 * clock_period_ps));
  EXPECT_DOUBLE_EQ(total.at("images_per_s"), 4e12 / (2000 * clock_period_ps));
  EXPECT_DOUBLE_EQ(total.at("memory_fj_per_image"), 5e6);
  const auto rows = parse_csv(network_csv(network, clock_period_ps));
  EXPECT_EQ(rows[0].at("stall_cycles_per_batch"), "26");
  EXPECT_EQ(rows[2].at("dram_filter_read_bytes_per_batch"), "300");
  EXPECT_EQ(rows[2].at("batch_size_images"), "4");
}

TEST(NetworkReport, LeavesTheLayerAgnosticModelOut_WhenItIsNotKnown) {
  energy::NetworkEnergy network = example_network();
  for (energy::LayerEnergy& layer : network.layers) layer.layer_agnostic_fj_per_image.reset();
  EXPECT_FALSE(
      layers_json(network, clock_period_ps)[0].contains("layer_agnostic_mac_dynamic_fj_per_image"));
  EXPECT_FALSE(
      total_json(network, clock_period_ps).contains("layer_agnostic_mac_dynamic_fj_per_image"));
  const auto rows = parse_csv(network_csv(network, clock_period_ps));
  EXPECT_EQ(rows[0].at("layer_agnostic_mac_dynamic_fj_per_image"), "");
}

TEST(SimulateJson, KeepsWallClockUnderTimingOnly) {
  config::HardwareConfig hardware;
  hardware.name = "array";
  SimulateRun run;
  run.seed = 3;
  run.hardware = &hardware;
  run.model = {"net", "net.onnx", "abc"};
  run.seconds = 1.5;
  Json first = simulate_json(run, example_network());
  run.seconds = 2.5;
  Json second = simulate_json(run, example_network());
  EXPECT_NE(first.dump(), second.dump());
  first.erase("timing");
  second.erase("timing");
  EXPECT_EQ(first.dump(), second.dump());
  EXPECT_EQ(first.at("tool"), "togglewise");
  EXPECT_EQ(first.at("command"), "simulate");
  EXPECT_EQ(first.at("fidelity"), "table");
  EXPECT_EQ(first.at("seed"), 3);
  EXPECT_EQ(first.at("hardware").at("partial_sum_bits"), 22);
  EXPECT_EQ(first.at("layers").at(0).at("toggles").at("deskew"), 7);
}

TEST(WriteResult, ReplacesBytesThatAreNotUtf8) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "result.json";
  write_result(file, {{"name", "conv\xFF"}});
  EXPECT_EQ(Json::parse(read_file(file)).at("name"), "conv\xEF\xBF\xBD");
}

}  // namespace
}  // namespace togglewise::report
