// Energies of gated hardware: what they leave alone, what they add up to, what is refused.
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/energy/calibration.h"
#include "sim/energy/gating_study.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/network_energy.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

config::HardwareConfig gated_config(bool array::Gating::*option) {
  config::HardwareConfig config = small_hardware_config();
  config.gating.*option = true;
  return config;
}

TEST(GatingStudy, WithoutGating_EveryNumberIsThatOfARunThatKnowsNoGating) {
  const MacHardware hardware(small_hardware_config());
  const network::Traces traces = small_traces(3);
  const NetworkEnergy plain = network_energy(hardware, traces, Fidelity::gate, nullptr, 1);
  const GatingStudy study = study_gating(hardware, traces, Fidelity::gate, nullptr, 1);
  const NetworkEnergy& none = study.trials.front().energy;
  ASSERT_EQ(plain.layers.size(), none.layers.size());
  for (std::size_t l = 0; l < plain.layers.size(); ++l) {
    EXPECT_EQ(plain.layers[l].energy_per_image.lines(), none.layers[l].energy_per_image.lines());
    EXPECT_EQ(plain.layers[l].energy_per_image.gating_fj, 0);
    EXPECT_FALSE(none.layers[l].gated_clock.has_value());
  }
  EXPECT_EQ(study.sets, 63U);
}

TEST(GatingStudy, GivesWhatHardwareWithTheOptionGives) {
  const MacHardware plain(small_hardware_config());
  const network::Traces traces = small_traces(3);
  const GatingStudy study = study_gating(plain, traces, Fidelity::gate, nullptr, 2);
  for (std::size_t i = 0; i < gating_options().size(); ++i) {
    const MacHardware gated(gated_config(gating_options()[i].member));
    const NetworkEnergy one = network_energy(gated, traces, Fidelity::gate, nullptr, 1);
    const GatingTrial& trial = study.trials[i + 1];
    EXPECT_EQ(trial.name, gating_options()[i].name);
    EXPECT_EQ(one.energy_per_image().lines(), trial.energy.energy_per_image().lines())
        << trial.name;
  }
  // The best set is at least as good as every other one.
  for (const GatingTrial& trial : study.trials) {
    EXPECT_LE(study.trials.back().energy.energy_per_image().total_fj(),
              trial.energy.energy_per_image().total_fj());
  }
}

TEST(GatedEnergy, TotalsAreSumsOfLines_AndTheClockIsTheSumOfItsDomains) {
  config::HardwareConfig config = small_hardware_config();
  for (const GatingOption& option : gating_options()) config.gating.*option.member = true;
  const MacHardware hardware(config);
  const NetworkEnergy energy =
      network_energy(hardware, small_traces(2), Fidelity::gate, nullptr, 1);
  for (const LayerEnergy& layer : energy.layers) {
    double sum = 0;
    for (const auto& line : layer.energy_per_image.lines()) {
      EXPECT_GE(line.second, 0) << line.first;
      sum += line.second;
    }
    EXPECT_NEAR(layer.energy_per_image.total_fj() / sum, 1, 1e-12);
    double clock = 0;
    for (const auto& line : layer.gated_clock.value().lines()) clock += line.second;
    EXPECT_NEAR(layer.energy_per_image.clock_fj / clock, 1, 1e-12);
    EXPECT_GT(layer.energy_per_image.gating_fj, 0);
  }
}

// Idle columns cost nothing but the pins of the first one; what the others do is untouched.
TEST(GatedEnergy, IdleColumns_LeaveTheLinesOfUsedColumnsAlone) {
  const network::Traces traces = small_traces(2);
  const NetworkEnergy plain =
      network_energy(MacHardware(small_hardware_config()), traces, Fidelity::gate, nullptr, 1);
  const MacHardware gated(gated_config(&array::Gating::idle_columns));
  const NetworkEnergy one = network_energy(gated, traces, Fidelity::gate, nullptr, 1);
  const EnergyBreakdown& before = plain.layers[0].energy_per_image;
  const EnergyBreakdown& after = one.layers[0].energy_per_image;
  EXPECT_EQ(after.mac_dynamic_fj(), before.mac_dynamic_fj());
  EXPECT_DOUBLE_EQ(after.skew_fj, before.skew_fj);
  EXPECT_LT(after.idle_columns_fj, before.idle_columns_fj / 10);  // one of 11, without registers
  // 5 of 16 columns are clocked, weights in all of them.
  EXPECT_LT(after.clock_fj, 0.7 * before.clock_fj);
  EXPECT_GT(after.clock_fj, 0.3 * before.clock_fj);
}

TEST(GatedEnergy, TablesAndLayersKnowGatingToo) {
  config::HardwareConfig config = small_hardware_config();
  for (const GatingOption& option : gating_options()) config.gating.*option.member = true;
  const MacHardware hardware(config);
  network::Traces traces = small_traces(8);
  for (network::TracedLayer& traced : traces.layers) {
    for (std::size_t i = 0; i < traced.layer.weights.size(); i += 2) traced.layer.weights[i] = 0;
  }
  CalibrationParams params;
  params.transitions_per_weight = 2000;
  const EnergyTables tables = calibrate(hardware, traces, params);
  const EnergyBreakdown gate =
      network_energy(hardware, traces, Fidelity::gate, nullptr, 1).energy_per_image();
  for (const Fidelity fidelity : {Fidelity::table, Fidelity::layer}) {
    const EnergyBreakdown estimate =
        network_energy(hardware, traces, fidelity, &tables, 1).energy_per_image();
    EXPECT_NEAR(estimate.mac_dynamic_fj() / gate.mac_dynamic_fj(), 1, 0.1);
    EXPECT_NEAR(estimate.idle_columns_fj / gate.idle_columns_fj, 1, 0.1);
    EXPECT_EQ(estimate.clock_fj, gate.clock_fj);  // exact at every fidelity
    EXPECT_EQ(estimate.gating_fj, gate.gating_fj);
  }
}

TEST(GatedHardware, ClockBelowTheCriticalPathOfTheIsolatedMac_IsRefused) {
  config::HardwareConfig config = gated_config(&array::Gating::zero_weight);
  const double of_mac = MacHardware(small_hardware_config()).timing().critical_path_ps;
  config.clock_period_ps = of_mac + 50;
  try {
    const MacHardware hardware(config);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ENERGY-002");
  }
}

TEST(ClockGate, WithoutALatch_NamesTheLibrary) {
  const auto library = tech::CellLibrary::parse(
      "library (bare) { nom_voltage : 1.8; cell (INVX1) { area : 1; pin (A) { direction : input; "
      "capacitance : 0.01; } pin (Y) { direction : output; function : \"!A\"; } } }",
      "bare.lib");
  try {
    clock_gate_cells(*library);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ENERGY-004");
    EXPECT_EQ(error.file(), "bare.lib");
  }
}

}  // namespace
}  // namespace togglewise::energy
