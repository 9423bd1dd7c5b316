#include "sim/energy/network_energy.h"

#include <gtest/gtest.h>

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
  measure_tile(hardware, tile, tally);
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

TEST(NetworkEnergy, HasEveryPartOfTheBreakdown) {
  const MacHardware hardware(small_hardware_config());
  const NetworkEnergy energy =
      network_energy(hardware, small_traces(2), Fidelity::gate, nullptr, 2);
  for (const auto& [name, energy_fj] : energy.energy_per_image().lines()) {
    EXPECT_GT(energy_fj, 0.0) << name;
  }
}

TEST(ParseFidelity, NamesTheChoices_WhenItIsUnknown) {
  EXPECT_EQ(parse_fidelity("gate"), Fidelity::gate);
  EXPECT_THROW(parse_fidelity("gates"), Error);
}

}  // namespace
}  // namespace togglewise::energy
