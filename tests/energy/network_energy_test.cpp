#include "sim/energy/network_energy.h"

#include <gtest/gtest.h>

#include "sim/array/network_toggles.h"
#include "sim/array/tile_streams.h"
#include "sim/base/error.h"
#include "sim/energy/calibration.h"
#include "sim/energy/gate_measurement.h"
#include "sim/gate/scalar_engine.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

// One PE through the scalar gate simulation: every net's toggles times its energy.
double scalar_pe_energy_fj(const MacHardware& hardware, int weight, const std::int8_t* activation,
                           const std::vector<std::int32_t>& partial_sum) {
  gate::ScalarEngine engine(hardware.netlist());
  gate::ToggleCounter counter(hardware.netlist().nets().size());
  const auto set = [&](std::int32_t a, std::int32_t p) {
    engine.set_input("weight", static_cast<std::uint8_t>(weight));
    engine.set_input("activation_in", static_cast<std::uint8_t>(a));
    engine.set_input("partial_sum_in", static_cast<std::uint32_t>(p) &
                                           ((1U << hardware.shape().partial_sum_bits) - 1U));
    engine.settle();
  };
  // One cycle before and one after, so that the registers' transitions are all inside.
  set(activation[0], partial_sum[0]);
  engine.clock_edge();
  for (std::size_t t = 0; t < partial_sum.size(); ++t) {
    set(activation[t], partial_sum[t]);
    counter.observe(engine.values());
    engine.clock_edge();
  }
  set(activation[partial_sum.size() - 1], partial_sum.back());
  counter.observe(engine.values());
  double sum = 0;
  for (std::size_t net = 0; net < counter.toggles().size(); ++net) {
    sum += static_cast<double>(counter.toggles()[net]) *
           hardware.netlist_energy().nets[net].total_fj();
  }
  return sum;
}

TEST(GateEnergy, EqualsTheScalarSimulationOfEveryPe) {
  const MacHardware hardware(small_hardware_config());
  const network::Traces traces = small_traces(2);
  const network::TracedLayer& traced = traces.layers[0];
  const auto activations =
      array::lower_activations(traced.layer, traced.ifmaps.data(), traced.images, 1);
  const network::TileRange range = network::tiles_of(traced.layer.gemm(), 16, 16)[0];
  const array::TileStreams tile = array::tile_streams(traced.layer, activations, range);
  GateTally tally(hardware);
  GateMeasurement(hardware, {}, true).add(network::natural_tile(range), tile, 1, tally);
  double expected_fj = 0;
  for (int c = 0; c < tile.used_columns; ++c) {
    std::vector<std::int32_t> partial_sum(tile.cycles, 0);
    for (int r = 0; r < tile.used_rows; ++r) {
      expected_fj += scalar_pe_energy_fj(hardware, tile.weight(r, c), tile.row(r), partial_sum);
      for (std::size_t t = 0; t < tile.cycles; ++t) {
        partial_sum[t] += tile.weight(r, c) * tile.row(r)[t];
      }
    }
  }
  EXPECT_NEAR(gate_energy(hardware, tally).mac_dynamic_fj() / expected_fj, 1.0, 1e-9);
}

TEST(NetworkEnergy, IsTheSameToTheLastBit_WithOneThreadAndTwo) {
  const MacHardware hardware(small_hardware_config());
  const network::Traces traces = small_traces(20);
  CalibrationParams params;
  params.transitions_per_weight = 500;
  const EnergyTables tables = calibrate(hardware, traces, params);
  for (const Fidelity fidelity : {Fidelity::layer, Fidelity::table, Fidelity::gate}) {
    const NetworkEnergy one = network_energy(hardware, traces, fidelity, &tables, 1);
    const NetworkEnergy two = network_energy(hardware, traces, fidelity, &tables, 2);
    for (std::size_t l = 0; l < one.layers.size(); ++l) {
      EXPECT_EQ(one.layers[l].energy_per_image.lines(), two.layers[l].energy_per_image.lines());
      EXPECT_EQ(one.layers[l].toggles, two.layers[l].toggles);
      EXPECT_EQ(one.layers[l].image_energies.dynamic_fj, two.layers[l].image_energies.dynamic_fj);
    }
  }
}

TEST(NetworkEnergy, DoublesTheTotals_WhenTheImagesAreDoubled) {
  const MacHardware hardware(small_hardware_config());
  network::Traces traces = small_traces(3);
  const NetworkEnergy once = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
  for (network::TracedLayer& layer : traces.layers) {
    const std::vector<std::int8_t> copy = layer.ifmaps;
    layer.ifmaps.insert(layer.ifmaps.end(), copy.begin(), copy.end());
    layer.images *= 2;
  }
  const NetworkEnergy twice = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
  for (std::size_t l = 0; l < once.layers.size(); ++l) {
    EXPECT_NEAR(twice.layers[l].energy_per_image.mac_dynamic_fj() /
                    once.layers[l].energy_per_image.mac_dynamic_fj(),
                1.0, 1e-12);
    EXPECT_EQ(twice.layers[l].toggles.partial_sum.active,
              2 * once.layers[l].toggles.partial_sum.active);
  }
}

// A 1×1 convolution of two images streamed behind one another is that of one image of twice the
// height.
network::Traces stacked_pairs(const network::Traces& traces) {
  network::Traces stacked = traces;
  stacked.layers.clear();
  for (const network::TracedLayer& traced : traces.layers) {
    network::TracedLayer pair = traced;
    pair.layer.input.height *= 2;
    pair.layer.output.height *= 2;
    pair.images /= 2;
    pair.ifmaps.clear();
    const std::size_t plane =
        traced.layer.input.size() / static_cast<std::size_t>(traced.layer.input.channels);
    for (int image = 0; image < traced.images; image += 2) {
      for (int channel = 0; channel < traced.layer.input.channels; ++channel) {
        for (int half = 0; half < 2; ++half) {
          const auto from = traced.ifmaps.begin() +
                            static_cast<std::ptrdiff_t>(
                                (static_cast<std::size_t>(image + half) *
                                     static_cast<std::size_t>(traced.layer.input.channels) +
                                 static_cast<std::size_t>(channel)) *
                                plane);
          pair.ifmaps.insert(pair.ifmaps.end(), from, from + static_cast<std::ptrdiff_t>(plane));
        }
      }
    }
    stacked.layers.push_back(std::move(pair));
  }
  return stacked;
}

TEST(NetworkEnergy, OfABatch_IsThatOfItsImagesBehindOneAnother) {
  const MacHardware hardware(small_hardware_config());
  Random random(8);
  network::Traces traces;
  traces.layers.push_back(random_layer("a", {20, 3, 4}, {18, 3, 4}, 1, 36, random));
  traces.layers.push_back(random_layer("b", {7, 2, 2}, {3, 2, 2}, 1, 36, random));
  const network::Traces stacked = stacked_pairs(traces);
  traces.batch_size = 2;
  const NetworkEnergy batched = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
  const NetworkEnergy reference = network_energy(hardware, stacked, Fidelity::gate, nullptr, 2);
  EXPECT_EQ(batched.batch_size, 2);
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    EXPECT_EQ(batched.layers[l].toggles, reference.layers[l].toggles);
    EXPECT_EQ(batched.layers[l].cycles.cycles, reference.layers[l].cycles.cycles);
    const auto expected = reference.layers[l].energy_per_image.lines();
    const auto lines = batched.layers[l].energy_per_image.lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].first == "gating") continue;  // the hardware has none
      EXPECT_NEAR(2 * lines[i].second / expected[i].second, 1.0, 1e-12) << lines[i].first;
    }
  }
}

TEST(NetworkEnergy, TogglesOfEveryFidelity_AreThoseOfTheNetworksTiles_SingleAndDoubleBuffered) {
  for (const bool double_buffered : {false, true}) {
    config::HardwareConfig config = small_hardware_config();
    config.array.double_buffered_weights = double_buffered;
    const MacHardware hardware(config);
    Random random(10);
    network::Traces traces;
    // 81 vectors a tile: longer than loading takes, so that tiles follow one another directly.
    traces.layers.push_back(random_layer("conv", {5, 11, 11}, {20, 9, 9}, 3, 6, random));
    traces.layers.push_back(random_layer("fc", {40, 1, 1}, {20, 1, 1}, 1, 6, random));
    traces.batch_size = 2;
    const NetworkEnergy energy = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
    const auto toggles = array::network_toggles(hardware.shape(), double_buffered, traces, 6, 2);
    for (std::size_t l = 0; l < traces.layers.size(); ++l) {
      EXPECT_EQ(energy.layers[l].toggles, toggles[l]) << "double buffered: " << double_buffered;
      EXPECT_EQ(toggles[l].weight_update > 0, double_buffered);
    }
  }
}

TEST(NetworkEnergy, RefusesABatchThatImagesDoNotFill) {
  const MacHardware hardware(small_hardware_config());
  network::Traces traces = small_traces(3);
  traces.batch_size = 2;
  try {
    network_energy(hardware, traces, Fidelity::gate, nullptr, 1);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ENERGY-003");
    EXPECT_NE(error.message().find("3 images cannot be cut into batches of 2"), std::string::npos);
  }
}

// Depthwise: the energy of every group is that of a layer of its own.
TEST(NetworkEnergy, OfAGroupedLayer_IsTheSumOverItsGroups) {
  const MacHardware hardware(small_hardware_config());
  Random random(9);
  network::Traces grouped;
  grouped.layers.push_back(random_layer("dw", {6, 6, 6}, {6, 4, 4}, 3, 2, random));
  network::GemmLayer& layer = grouped.layers[0].layer;
  layer.groups = 6;
  layer.weights.resize(6 * 9);
  const NetworkEnergy whole = network_energy(hardware, grouped, Fidelity::gate, nullptr, 2);
  double sum_fj = 0;
  std::uint64_t toggles = 0;
  for (int group = 0; group < 6; ++group) {
    network::Traces one = grouped;
    network::TracedLayer& part = one.layers[0];
    part.layer.groups = 1;
    part.layer.input.channels = part.layer.output.channels = 1;
    part.layer.weights.assign(layer.weights.begin() + group * 9,
                              layer.weights.begin() + (group + 1) * 9);
    part.ifmaps.clear();
    for (int image = 0; image < 2; ++image) {
      const auto from = grouped.layers[0].ifmaps.begin() + (image * 6 + group) * 36;
      part.ifmaps.insert(part.ifmaps.end(), from, from + 36);
    }
    const NetworkEnergy energy = network_energy(hardware, one, Fidelity::gate, nullptr, 2);
    sum_fj += energy.layers[0].energy_per_image.mac_dynamic_fj();
    toggles += energy.layers[0].toggles.partial_sum.total();
  }
  EXPECT_NEAR(whole.layers[0].energy_per_image.mac_dynamic_fj() / sum_fj, 1.0, 1e-12);
  EXPECT_EQ(whole.layers[0].toggles.partial_sum.total(), toggles);
  EXPECT_EQ(whole.layers[0].cycles.tiles, 6U);
}

TEST(NetworkEnergy, HasEveryPartOfTheBreakdown) {
  const MacHardware hardware(small_hardware_config());
  const NetworkEnergy energy =
      network_energy(hardware, small_traces(2), Fidelity::gate, nullptr, 2);
  for (const auto& [name, energy_fj] : energy.energy_per_image().lines()) {
    if (name == "gating") {
      EXPECT_EQ(energy_fj, 0.0);  // the hardware has none
    } else {
      EXPECT_GT(energy_fj, 0.0) << name;
    }
  }
}

TEST(ParseFidelity, NamesTheChoices_WhenItIsUnknown) {
  EXPECT_EQ(parse_fidelity("gate"), Fidelity::gate);
  EXPECT_THROW(parse_fidelity("gates"), Error);
}

}  // namespace
}  // namespace togglewise::energy
