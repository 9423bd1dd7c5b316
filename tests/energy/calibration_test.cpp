#include "sim/energy/calibration.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/energy/measurement_checkpoint.h"
#include "sim/energy/network_energy.h"
#include "sim/energy/operand_pool.h"
#include "sim/energy/table_precision.h"
#include "sim/energy/weight_measurement.h"
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

CalibrationParams precise(double weight, double cell, std::uint64_t most) {
  CalibrationParams params = quick(2);
  params.first_transitions = 1000;
  params.transitions_per_weight = most;
  params.weight_precision = weight;
  params.cell_precision = cell;
  return params;
}

TEST(CalibrationPrecision, StopsEachWeightByItself_WhenBothErrorsAreSmallEnough) {
  const MacHardware hardware(small_hardware_config());
  const EnergyTables tables = calibrate(hardware, small_traces(4), precise(0.02, 0.3, 64000));
  std::uint64_t fewest = 64000;
  std::uint64_t most = 0;
  for (int weight = -128; weight < 128; ++weight) {
    const WeightEnergy& energy = tables.weights[weight_index(weight)];
    fewest = std::min(fewest, energy.transitions);
    most = std::max(most, energy.transitions);
    EXPECT_LE(energy.standard_error_fj, 0.02 * energy.mean_fj) << weight;
    EXPECT_GE(energy.precise_share, 0.95) << weight;
    EXPECT_EQ(precision_shortfall(tables, weight), "") << weight;
  }
  EXPECT_LT(fewest, most);
  EXPECT_LT(most, 64000U);
}

TEST(CalibrationPrecision, SaysWhichWeightsAreShortOfItAndWhy_WhenTheOperandsEnd) {
  const MacHardware hardware(small_hardware_config());
  const EnergyTables tables = calibrate(hardware, small_traces(4), precise(0.0001, 0.3, 4000));
  EXPECT_EQ(tables.precision.most_transitions, 4000U);
  const std::string reason = precision_shortfall(tables, 5);
  EXPECT_NE(reason.find("E(w) is known to"), std::string::npos) << reason;
  EXPECT_NE(reason.find("not 0.01 %"), std::string::npos) << reason;
  EXPECT_NE(reason.find("4000 transitions"), std::string::npos) << reason;
}

TEST(CalibrationPrecision, StandardErrorIsThatOfManyCalibrations) {
  // E(w) of disjoint draws scatters as each of them says it does.
  const MacHardware hardware(small_hardware_config());
  const network::Traces traces = small_traces(4);
  constexpr int draws = 24;
  double sum = 0;
  double square = 0;
  double told = 0;
  for (int seed = 1; seed <= draws; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    OperandPool pool;
    OperandSampler(hardware.shape(), traces).extend(3000, 16, random, pool);
    std::vector<float> energy_fj(pool.stream.cycles() - 1);
    hardware.engine().transition_energies_fj(37, pool.stream.activation.data(),
                                             pool.stream.partial_sum.data(), pool.stream.cycles(),
                                             energy_fj.data());
    WeightEnergy energy;
    set_mean(pool, energy_fj, energy);
    sum += energy.mean_fj;
    square += energy.mean_fj * energy.mean_fj;
    told += energy.standard_error_fj / draws;
  }
  const double scatter = std::sqrt((square - sum * sum / draws) / (draws - 1));
  EXPECT_NEAR(told / scatter, 1.0, 0.45);  // 3 standard deviations of a scatter of 24
}

TEST(CalibrationCheckpoint, GoesOnWhereItWas_AndGivesTheSameBytes) {
  const MacHardware hardware(small_hardware_config());
  const network::Traces traces = small_traces(4);
  const TemporaryDirectory folder;
  const std::filesystem::path checkpoint = folder.path() / "t.h5.partial";
  CalibrationParams params = quick(1);
  write_tables(calibrate(hardware, traces, params), folder.path() / "whole.h5");
  params.checkpoint = checkpoint;
  struct Interrupted {};
  const auto interrupt = [](const std::string&, std::uint64_t done, std::uint64_t) {
    if (done == 100) throw Interrupted();
  };
  EXPECT_THROW(calibrate(hardware, traces, params, interrupt), Interrupted);
  // As a kill in the middle of a write leaves it.
  std::string bytes = read_file(checkpoint);
  const std::size_t whole_size = bytes.size();
  bytes.resize(bytes.size() - 1000);
  write_file_atomically(checkpoint, bytes);
  ASSERT_GT(whole_size, 100U * 2000 * sizeof(float));
  write_tables(calibrate(hardware, traces, params), folder.path() / "resumed.h5");
  EXPECT_FALSE(std::filesystem::exists(checkpoint));
  EXPECT_EQ(read_file(folder.path() / "whole.h5"), read_file(folder.path() / "resumed.h5"));
}

TEST(CalibrationCheckpoint, KeepsBlocksOfItsKeyOnly) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "c";
  const MeasuredBlock block{-5, 0, 17, 4};
  MeasurementCheckpoint(file, "key").add(block, {1, 2, 3});
  {
    const MeasurementCheckpoint again(file, "key");
    EXPECT_EQ(again.find(block), (std::vector<float>{1, 2, 3}));
    EXPECT_TRUE(again.find({-5, 1, 17, 4}).empty());
    const MeasurementCheckpoint second(file, "key");  // the file is in use: nothing is kept
    EXPECT_EQ(second.blocks_found(), 0U);
  }
  EXPECT_EQ(MeasurementCheckpoint(file, "other").blocks_found(), 0U);
  EXPECT_EQ(MeasurementCheckpoint(file, "key").blocks_found(), 0U);  // "other" began anew
}

TEST(CalibrationCheckpoint, IsRefused_WhereItCannotBeWritten) {
  try {
    const MeasurementCheckpoint checkpoint("/no/such/folder/c", "key");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-TABLE-008");
    EXPECT_EQ(error.exit_status(), 1);
  }
}

TEST(Calibration, SampledEnergiesAreUnbiased_OnItsOwnOperands) {
  // What the tables say of the operands they were made from adds up to what the gates said.
  config::HardwareConfig config = small_hardware_config();
  config.energy.grouping = "operands-hd";
  const MacHardware hardware(config);
  const network::Traces traces = small_traces(4);
  const CalibrationParams params = quick(2);
  const EnergyTables tables = calibrate(hardware, traces, params);
  Random random(params.seed);
  OperandPool pool;
  OperandSampler(hardware.shape(), traces)
      .extend(params.transitions_per_weight, params.segment_transitions, random, pool);
  for (const int weight : {-128, -37, -1, 0, 1, 64, 127}) {
    double sum = 0;
    for (const Segment& segment : pool.segments) {
      for (std::size_t t = segment.begin; t < segment.begin + segment.transitions; ++t) {
        const int a0 = pool.stream.activation[t];
        const int a1 = pool.stream.activation[t + 1];
        const std::int32_t p0 = pool.stream.partial_sum[t];
        const std::int32_t p1 = pool.stream.partial_sum[t + 1];
        sum += tables.transition_fj(weight, {a0, a1, p0, p1, p0 + weight * a0, p1 + weight * a1});
      }
    }
    const double mean_fj = sum / static_cast<double>(pool.transitions);
    EXPECT_NEAR(mean_fj / tables.weights[weight_index(weight)].mean_fj, 1.0, 0.002) << weight;
  }
}

TEST(OperandPool, TakesTheLayersInTurn) {
  const MacHardware hardware(small_hardware_config());
  Random random(3);
  OperandPool pool;
  OperandSampler(hardware.shape(), small_traces(2)).extend(1000, 16, random, pool);
  for (std::size_t s = 0; s < pool.segments.size(); ++s) EXPECT_EQ(pool.segments[s].layer, s % 2);
}

TEST(OperandPool, CoveringStreamVisitsEveryPairOfActivations) {
  const MacHardware hardware(small_hardware_config());
  Random random(3);
  OperandPool pool;
  OperandSampler(hardware.shape(), small_traces(2)).extend(1000, 16, random, pool);
  const OperandStream stream = covering_stream(pool, -3, 4, 2, random);
  std::map<std::pair<int, int>, int> visits;
  for (std::size_t t = 0; t + 1 < stream.cycles(); ++t) {
    if (stream.counted[t] != 0) ++visits[{stream.activation[t], stream.activation[t + 1]}];
  }
  EXPECT_EQ(visits.size(), 64U);
  for (const auto& [pair, count] : visits) EXPECT_GE(count, 2);
}

}  // namespace
}  // namespace togglewise::energy
