#include "sim/energy/calibration.h"

#include <gtest/gtest.h>

#include "sim/base/files.h"
#include "sim/energy/network_energy.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

CalibrationParams quick(int threads, std::uint64_t seed = 1) {
  CalibrationParams params;
  params.transitions_per_weight = 2000;
  params.threads = threads;
  params.seed = seed;
  return params;
}

TEST(Calibration, GivesTheSameBytes_WithOneThreadAndTwo) {
  const MacHardware hardware(small_hardware_config());
  const network::Traces traces = small_traces(4);
  const TemporaryDirectory folder;
  write_tables(calibrate(hardware, traces, quick(1)), folder.path() / "a.h5");
  write_tables(calibrate(hardware, traces, quick(2)), folder.path() / "b.h5");
  write_tables(calibrate(hardware, traces, quick(2, 99)), folder.path() / "c.h5");
  EXPECT_EQ(read_file(folder.path() / "a.h5"), read_file(folder.path() / "b.h5"));
  EXPECT_NE(read_file(folder.path() / "a.h5"), read_file(folder.path() / "c.h5"));
}

TEST(Calibration, PredictsAnotherSetOfImages) {
  const MacHardware hardware(small_hardware_config());
  const EnergyTables tables = calibrate(hardware, small_traces(8), quick(2));
  EXPECT_GT(tables.r_squared, 0.8);
  network::Traces unseen = small_traces(8);
  const network::Traces other_images = small_traces(8, 77);
  for (std::size_t l = 0; l < unseen.layers.size(); ++l) {
    unseen.layers[l].ifmaps = other_images.layers[l].ifmaps;
  }
  const NetworkEnergy gate = network_energy(hardware, unseen, Fidelity::gate, nullptr, 2);
  const NetworkEnergy table = network_energy(hardware, unseen, Fidelity::table, &tables, 2);
  for (std::size_t l = 0; l < gate.layers.size(); ++l) {
    const double exact = gate.layers[l].energy_per_image.mac_dynamic_fj();
    EXPECT_NEAR(table.layers[l].energy_per_image.mac_dynamic_fj() / exact, 1.0, 0.06)
        << gate.layers[l].name;
  }
}

TEST(Calibration, FindsZeroTheCheapestWeight) {
  const MacHardware hardware(small_hardware_config());
  const EnergyTables tables = calibrate(hardware, small_traces(4), quick(2));
  const double zero = tables.weights[weight_index(0)].mean_fj;
  for (const WeightEnergy& weight : tables.weights) {
    EXPECT_GE(weight.transitions, 2000U);
    EXPECT_GT(weight.standard_error_fj, 0.0);
    EXPECT_GE(weight.mean_fj, zero);  // of the same operands
  }
}

}  // namespace
}  // namespace togglewise::energy
