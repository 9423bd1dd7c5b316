// Double-buffered weights change in the cycle in which a tile's first vector arrives: gate-level
// energy against the scalar engine driven through the tiles, PE by PE.
#include <gtest/gtest.h>

#include "sim/array/tile_streams.h"
#include "sim/energy/gate_measurement.h"
#include "sim/energy/layer_measurement.h"
#include "sim/gate/scalar_engine.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

config::HardwareConfig double_buffered_config() {
  config::HardwareConfig config = small_hardware_config();
  config.array.double_buffered_weights = true;
  return config;
}

enum Kind { kActive, kIdleColumn, kIdleRow };

// What one PE works on, cycle by cycle, and which kind of PE each cycle makes it.
struct PeCycles {
  std::vector<gate::PeOperands> operands;
  std::vector<Kind> kind;
};

PeCycles pe_cycles(const array::ArrayShape& shape, const std::vector<array::TileStreams>& tiles,
                   std::size_t batch, const ArrayWeights& weights_before, int r, int c) {
  PeCycles pe;
  std::int8_t weight = weights_before[static_cast<std::size_t>(r * shape.columns + c)];
  Kind kind = kIdleColumn;
  const auto push = [&](std::int8_t activation, std::int32_t partial_sum) {
    pe.operands.push_back({weight, activation, partial_sum});
    pe.kind.push_back(kind);
  };
  push(0, 0);
  for (const array::TileStreams& tile : tiles) {
    kind = c >= tile.used_columns ? kIdleColumn : r >= tile.used_rows ? kIdleRow : kActive;
    weight = kind == kActive ? static_cast<std::int8_t>(tile.weight(r, c)) : std::int8_t{0};
    const auto length = static_cast<std::size_t>(tile.stream_length);
    for (std::size_t m = 0; m < length; ++m) {
      const std::size_t t = batch * (length + 1) + 1 + m;
      std::int32_t sum = 0;
      for (int above = 0; above < std::min(r, tile.used_rows) && c < tile.used_columns; ++above) {
        sum += tile.weight(above, c) * tile.row(above)[t];
      }
      push(r < tile.used_rows ? tile.row(r)[t] : std::int8_t{0}, sum);
    }
    // Zeros enter behind a tile that streams for a shorter time than the next one's weights take.
    const bool last = &tile == &tiles.back();
    if (last || tile.stream_length < 2 * shape.rows + shape.columns - 1) push(0, 0);
  }
  return pe;
}

class ScalarMac {
 public:
  explicit ScalarMac(const MacHardware& hardware)
      : netlist_(hardware.netlist()),
        energy_(hardware.netlist_energy()),
        mask_((1U << hardware.shape().partial_sum_bits) - 1U) {}

  // Driven cycle by cycle. The registers begin in the first cycle's state, and the last cycle's
  // inputs stay for one more, in which they follow.
  double energy_fj(const std::vector<gate::PeOperands>& cycles) const {
    gate::ScalarEngine engine(netlist_);
    gate::ToggleCounter counter(netlist_.nets().size());
    apply(engine, cycles.front());
    engine.clock_edge();
    for (const gate::PeOperands& operands : cycles) {
      apply(engine, operands);
      counter.observe(engine.values());
      engine.clock_edge();
    }
    apply(engine, cycles.back());
    counter.observe(engine.values());
    double sum = 0;
    for (std::size_t net = 0; net < counter.toggles().size(); ++net) {
      sum += static_cast<double>(counter.toggles()[net]) * energy_.nets[net].total_fj();
    }
    return sum;
  }

 private:
  void apply(gate::ScalarEngine& engine, const gate::PeOperands& operands) const {
    engine.set_input("weight", static_cast<std::uint8_t>(operands.weight));
    engine.set_input("activation_in", static_cast<std::uint8_t>(operands.activation));
    engine.set_input("partial_sum_in", static_cast<std::uint32_t>(operands.partial_sum) & mask_);
    engine.settle();
  }

  const tech::Netlist& netlist_;
  const tech::NetlistEnergy& energy_;
  std::uint32_t mask_;
};

struct Case {
  MacHardware hardware{double_buffered_config()};
  network::TracedLayer traced;
  std::vector<network::TileRange> ranges;
  std::vector<array::TileStreams> tiles;
  ArrayWeights weights_before;

  // Four tiles on 16×16, two batches, `size`² output pixels.
  explicit Case(int size, bool touching) {
    Random random(static_cast<std::uint64_t>(size));
    traced = random_layer("conv", {20, size, size}, {18, size, size}, 1, 2, random);
    const auto activations =
        array::lower_activations(traced.layer, traced.ifmaps.data(), traced.images, 1);
    ranges = network::tiles_of(traced.layer.gemm(), 16, 16);
    for (const network::TileRange& range : ranges) {
      tiles.push_back(array::tile_streams(traced.layer, activations, range));
    }
    for (int i = 0; i < 16 * 16; ++i) {
      weights_before.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
    }
    EXPECT_EQ(size * size >= 2 * 16 + 16 - 1, touching);
  }

  GateTally measured(bool first_batch, int threads) const {
    GateTally tally(hardware);
    GateMeasurement measurement(hardware, weights_before, first_batch);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      measurement.add(network::natural_tile(ranges[t]), tiles[t], threads, tally);
    }
    return tally;
  }
};

void expect_equal_to_scalar(const Case& test, bool first_batch) {
  const array::ArrayShape shape = test.hardware.shape();
  const ScalarMac mac(test.hardware);
  double expected_fj = 0;
  double by_kind_fj[3] = {};
  for (std::size_t batch = 0; batch < 2; ++batch) {
    const ArrayWeights zeros(test.weights_before.size(), 0);
    const ArrayWeights& before = first_batch && batch == 0 ? zeros : test.weights_before;
    for (int r = 0; r < shape.rows; ++r) {
      for (int c = 0; c < shape.columns; ++c) {
        const PeCycles pe = pe_cycles(shape, test.tiles, batch, before, r, c);
        expected_fj += mac.energy_fj(pe.operands);
        if ((r * shape.columns + c) % 7 != 0) continue;
        // The same once more, one transition at a time: it counts for the tile that arrives.
        for (std::size_t t = 0; t + 1 < pe.operands.size(); ++t) {
          by_kind_fj[pe.kind[t + 1]] += mac.energy_fj({pe.operands[t], pe.operands[t + 1]});
        }
      }
    }
  }
  const EnergyBreakdown energy = gate_energy(test.hardware, test.measured(first_batch, 1));
  const double measured_fj = energy.mac_dynamic_fj() + energy.idle_columns_fj + energy.idle_rows_fj;
  EXPECT_NEAR(measured_fj / expected_fj, 1.0, 1e-8);
  // A seventh of the PEs stands for all: enough to see a transition in the wrong line.
  EXPECT_NEAR(energy.mac_dynamic_fj() / (7 * by_kind_fj[kActive]), 1.0, 0.1);
  EXPECT_NEAR(energy.idle_columns_fj / (7 * by_kind_fj[kIdleColumn]), 1.0, 0.1);
  EXPECT_NEAR(energy.idle_rows_fj / (7 * by_kind_fj[kIdleRow]), 1.0, 0.25);
}

TEST(DoubleBufferedEnergy, EqualsTheScalarEngineThroughAllTiles_WhenTilesFollowDirectly) {
  expect_equal_to_scalar(Case(7, true), false);
}

TEST(DoubleBufferedEnergy, EqualsTheScalarEngineThroughAllTiles_WhenZerosEnterInBetween) {
  expect_equal_to_scalar(Case(3, false), true);
}

TEST(DoubleBufferedEnergy, IsTheSame_OnAnyNumberOfThreads) {
  const Case test(7, true);
  const auto lines = gate_energy(test.hardware, test.measured(false, 1)).lines();
  EXPECT_EQ(gate_energy(test.hardware, test.measured(false, 2)).lines(), lines);
  EXPECT_EQ(gate_energy(test.hardware, test.measured(false, 7)).lines(), lines);
}

TEST(DoubleBufferedEnergy, WeightsBeforeALayer_AreTheLastTileOfTheLayerBefore) {
  const MacHardware hardware(double_buffered_config());
  const network::Traces traces = small_traces(1);
  // conv is 18×5, fc 40×20: its last tile has rows 32 to 39 and columns 16 to 19.
  const ArrayWeights before_fc = weights_before_layer(hardware, traces, 1);
  const network::GemmLayer& conv = traces.layers[0].layer;
  EXPECT_EQ(before_fc[0], conv.weights[16]);
  EXPECT_EQ(before_fc[16 + 4], conv.weights[4 * 18 + 17]);
  EXPECT_EQ(before_fc[2 * 16], 0);
  EXPECT_EQ(before_fc[5], 0);
  const ArrayWeights before_conv = weights_before_layer(hardware, traces, 0);
  const network::GemmLayer& fc = traces.layers[1].layer;
  EXPECT_EQ(before_conv[0], fc.weights[16 * 40 + 32]);
  EXPECT_EQ(before_conv[7 * 16 + 3], fc.weights[19 * 40 + 39]);
  EXPECT_EQ(before_conv[8 * 16], 0);
}

TEST(DoubleBufferedEnergy, WeightLoading_IsThatOfTheRegistersAlone_AtGateLevel) {
  const MacHardware hardware(double_buffered_config());
  const network::Traces traces = small_traces(4);
  const NetworkEnergy energy = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
  const std::vector<WeightLoading> loading = weight_loading(hardware, traces, 4);
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    const array::ToggleCounts& toggles = energy.layers[l].toggles;
    const double wave_fj =
        static_cast<double>(toggles.weight_update) * hardware.register_toggle().delay_fj;
    EXPECT_GT(loading[l].mac_fj, 0.0);
    EXPECT_NEAR(4 * energy.layers[l].energy_per_image.weight_load_fj,
                loading[l].register_fj + wave_fj, 1e-9 * loading[l].register_fj);
  }
}

}  // namespace
}  // namespace togglewise::energy
