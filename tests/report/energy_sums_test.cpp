#include "sim/report/energy_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/report/network_report.h"

namespace togglewise::report {
namespace {

using testing::HasSubstr;

energy::LayerEnergy example_layer(const std::string& name, double scale) {
  energy::LayerEnergy layer;
  layer.name = name;
  layer.cycles.cycles = 100;
  layer.energy_per_image.multiplier_fj = 7.0 / 3 * scale;
  layer.energy_per_image.accumulator_fj = 0.1 * scale;
  layer.energy_per_image.clock_fj = 4 * scale;
  // Of two images.
  layer.weight_sums = {{-3, 10, 8.0 / 3 * scale}, {0, 20, 2 * scale}};
  layer.image_energies = {{2 * scale, 8.0 / 3 * scale}, {2.1 * scale, 8.3 / 3 * scale}};
  layer.half_widths = energy::half_widths(layer.image_energies, 2);
  return layer;
}

Json example_result() {
  energy::NetworkEnergy network;
  network.fidelity = energy::Fidelity::table;
  network.images = 2;
  network.layers = {example_layer("conv1", 1), example_layer("fc", 0.3)};
  return {{"tool", "togglewise"},
          {"command", "simulate"},
          {"images", 2},
          {"layers", layers_json(network, 1000)},
          {"total", total_json(network, 1000)}};
}

void expect_refused(const Json& result, const std::string& place, const std::string& parts) {
  try {
    require_sums_agree(result, "simulate-table.json");
    ADD_FAILURE() << "accepted " << place;
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-REPORT-003");
    EXPECT_EQ(error.exit_status(), 2);
    EXPECT_EQ(error.file(), "simulate-table.json");
    EXPECT_THAT(error.message(), HasSubstr(place));
    EXPECT_THAT(error.message(), HasSubstr(parts));
  }
}

TEST(EnergySums, AreAccepted_AsTheyAreWritten) {
  EXPECT_NO_THROW(require_sums_agree(example_result(), "result"));
  // Read back from text.
  EXPECT_NO_THROW(require_sums_agree(Json::parse(example_result().dump()), "result"));
  EXPECT_NO_THROW(require_sums_agree({{"command", "simulate"}, {"fidelity", "cycles"}}, "result"));
}

TEST(EnergySums, RefuseALineThatWasChanged) {
  Json result = example_result();
  result["layers"][1]["energy_fj_per_image"]["accumulator"] = 0.031;
  expect_refused(result, "layers[1] (fc).dynamic_fj_per_image", "its lines");
}

TEST(EnergySums, RefuseALineThatIsMissing) {
  Json result = example_result();
  result["total"]["energy_fj_per_image"].erase("clock");
  expect_refused(result, "total.total_fj_per_image", "its lines");
}

TEST(EnergySums, RefuseATotalThatIsNotThatOfItsLayers) {
  Json result = example_result();
  result["layers"].erase(1);
  expect_refused(result, "total.mac_dynamic_fj_per_image", "its layers");
}

TEST(EnergySums, RefuseASumPerWeightValueThatWasChanged) {
  Json result = example_result();
  result["layers"][0]["weight_energies"]["energy_fj"][1] = 2.001;
  expect_refused(result, "layers[0] (conv1).mac_dynamic_fj_per_image", "its sums per weight value");
}

TEST(EnergySums, AreCheckedInBothNetworksOfAValidation) {
  const Json network = example_result();
  Json result = {{"command", "validate"}, {"images", 2}};
  result["gate"]["before"] = {{"layers", network["layers"]}, {"total", network["total"]}};
  result["gate"]["after"] = result["gate"]["before"];
  EXPECT_NO_THROW(require_sums_agree(result, "validate.json"));
  result["gate"]["after"]["total"]["total_fj_per_image"] = 1.0;
  expect_refused(result, "gate.after.total.total_fj_per_image", "its lines");
}

TEST(Intervals, OfLayersAndTotal_AreInTheJson_WithTheirUnit) {
  const Json result = example_result();
  for (const char* key : {"mac_dynamic_half_width_fj_per_image", "dynamic_half_width_fj_per_image",
                          "total_half_width_fj_per_image"}) {
    const double sum =
        result["layers"][0][key].get<double>() + result["layers"][1][key].get<double>();
    EXPECT_GT(sum, 0) << key;
    // Both layers move together here.
    EXPECT_NEAR(result["total"][key].get<double>() / sum, 1, 1e-9) << key;
  }
  energy::NetworkEnergy one;
  one.images = 1;
  EXPECT_EQ(interval_json(one)["absent"], "one image: no interval");
}

}  // namespace
}  // namespace togglewise::report
