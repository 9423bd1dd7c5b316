// Fidelities `table` and `layer` on ResNet-20's shapes with 8 images, single-threaded: transitions
// of PEs a second for the look-ups on every instruction set, and for the gate engine on the same
// tiles as the peer; a layer's statistics; the re-evaluation of a layer with other weights.
// Tables are made up: what is in them does not change what a look-up takes.
#include <string>

#include <benchmark/benchmark.h>
#include <hwy/targets.h>

#include "sim/array/tile_streams.h"
#include "sim/array/toggle_kernels.h"
#include "sim/base/random.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/layer_evaluator.h"
#include "sim/energy/layer_statistics.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/table_lookup.h"
#include "tests/bench/resnet20_operands.h"

namespace togglewise::energy {
namespace {

constexpr int kImages = 8;

EnergyTables made_up_tables(const std::string& grouping) {
  EnergyTables tables;
  tables.grouping = make_grouping(grouping, {8, 22, false});
  Random random(8);
  for (const auto& part : tables.grouping->parts()) {
    tables.parts.emplace_back();
    for (std::size_t i = 0; i < kWeightValues * part->cells(); ++i) {
      tables.parts.back().energy_fj.push_back(static_cast<float>(random.below(20000)) * 0.1F);
    }
  }
  return tables;
}

const array::ArrayShape kShape{64, 64, 8, 8, 22};

struct Tile {
  network::TileRange range;
  int reduction = 0;
  array::TileStreams streams;
};

const std::vector<Tile>& resnet20_tiles() {
  static const std::vector<Tile> tiles = [] {
    std::vector<Tile> result;
    for (const bench::SyntheticLayer& layer : bench::resnet20(kImages)) {
      const auto activations =
          array::lower_activations(layer.layer, layer.ifmaps.data(), kImages, 1);
      const network::GemmShape gemm = layer.layer.gemm();
      for (const network::TileRange& range : network::tiles_of(gemm, kShape.rows, kShape.columns)) {
        result.push_back(
            {range, gemm.reduction, array::tile_streams(layer.layer, activations, range)});
      }
    }
    return result;
  }();
  return tiles;
}

double transitions() {
  double sum = 0;
  for (const Tile& tile : resnet20_tiles()) {
    sum += static_cast<double>(tile.streams.weights.size()) *
           static_cast<double>(tile.streams.transitions_per_pe());
  }
  return sum;
}

void set_rate(benchmark::State& state) {
  state.counters["transitions/s"] =
      benchmark::Counter(transitions(), benchmark::Counter::kIsIterationInvariantRate);
}

void look_up_network(benchmark::State& state, const std::string& grouping, std::int64_t target) {
  resnet20_tiles();
  const EnergyTables tables = made_up_tables(grouping);
  const TableLookup lookup(tables);
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().DeInit();
  for (auto _ : state) {
    TableTally tally;
    for (const Tile& tile : resnet20_tiles()) lookup.add(kShape, tile.streams, tally);
    benchmark::DoNotOptimize(tally);
  }
  set_rate(state);
  state.SetLabel(array::vector_instructions());
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

// Every PE that holds a weight through the netlist of the shipped MAC.
void measure_gates(benchmark::State& state, const std::string& timing) {
  config::HardwareConfig config = config::read_hardware_config(std::string(TOGGLEWISE_SOURCE_DIR) +
                                                               "/hw_configs/ws64x64_osu018.yaml");
  config.energy.timing = timing;
  const MacHardware hardware(config);
  const gate::MacEngine& engine = hardware.engine();
  const auto& tiles = resnet20_tiles();
  for (auto _ : state) {
    gate::ToggleTally tally = engine.make_tally();
    for (const Tile& tile : tiles) {
      const array::TileStreams& streams = tile.streams;
      std::vector<gate::BitPlanes> rows;
      for (int r = 0; r < streams.used_rows; ++r) {
        rows.push_back(gate::BitPlanes::from_int8(streams.row(r), streams.cycles,
                                                  kShape.activation_bits, engine.time_order()));
      }
      const gate::BitPlanes zero(kShape.partial_sum_bits, streams.cycles, engine.time_order());
      gate::BitPlanes in;
      gate::BitPlanes out;
      for (int c = 0; c < streams.used_columns; ++c) {
        in = zero;
        for (int r = 0; r < streams.used_rows; ++r) {
          engine.run(streams.weight(r, c), rows[static_cast<std::size_t>(r)], in, out, tally);
          std::swap(in, out);
        }
      }
    }
    benchmark::DoNotOptimize(tally);
  }
  set_rate(state);
  state.SetLabel(engine.instruction_set());
}

// All layers' statistics over 8 images; images are lowered beforehand.
void gather_statistics(benchmark::State& state, const std::string& grouping) {
  const auto& tiles = resnet20_tiles();
  const EnergyTables tables = made_up_tables(grouping);
  const TableLookup lookup(tables);
  LayerStatistics warm(64);
  add_statistics(lookup, network::natural_tile({0, 0, 64, 0, 16}), 64, tiles[1].streams,
                 warm);  // tables turned round
  for (auto _ : state) {
    for (const Tile& tile : tiles) {
      LayerStatistics statistics(static_cast<std::size_t>(tile.reduction));
      add_statistics(lookup, network::natural_tile(tile.range), tile.reduction, tile.streams,
                     statistics);
      benchmark::DoNotOptimize(statistics);
    }
  }
}

// ResNet-20's largest layers: 576 rows and 64 columns.
LayerCost made_up_cost() {
  LayerCost cost;
  cost.transitions_per_weight = 65;
  Random random(9);
  for (std::size_t i = 0; i < 576 * kWeightValues; ++i) {
    cost.row_energy_fj.push_back(static_cast<float>(random.below(20000)) * 0.1F);
  }
  return cost;
}

void make_evaluator(benchmark::State& state) {
  const LayerCost cost = made_up_cost();
  const auto layers = bench::resnet20(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(LayerEvaluator(cost, layers[18].layer.weights));
  }
}

void evaluate_again(benchmark::State& state) {
  const LayerCost cost = made_up_cost();
  const LayerEvaluator evaluator(cost, bench::resnet20(1)[18].layer.weights);
  WeightMap map = identity_map();
  std::uint8_t turn = 0;
  for (auto _ : state) {
    map[turn] = static_cast<std::int8_t>(turn);
    ++turn;
    benchmark::DoNotOptimize(evaluator.energy_fj(map));
  }
}

void register_all() {
  benchmark::RegisterBenchmark("LayerEvaluator/make", make_evaluator)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("LayerEvaluator/energy", evaluate_again)
      ->Unit(benchmark::kMicrosecond);
  for (const char* grouping : {"zero-flags-hd", "operands-in-out", "operands-zero-in-out"}) {
    benchmark::RegisterBenchmark((std::string("LayerStatistics/") + grouping).c_str(),
                                 gather_statistics, grouping)
        ->Unit(benchmark::kMillisecond);
  }
  for (const char* timing : {"zero", "inertial"}) {
    benchmark::RegisterBenchmark((std::string("Gate/") + timing).c_str(), measure_gates, timing)
        ->Unit(benchmark::kMillisecond);
  }
  const std::int64_t targets = hwy::SupportedTargets();
  for (const std::string& grouping : grouping_names()) {
    for (std::int64_t left = targets; left != 0; left &= left - 1) {
      const std::int64_t target = left & -left;
      const bool best = left == targets;
      if (!best && grouping != "operands-zero-in-out") continue;
      benchmark::RegisterBenchmark(
          ("LookUp/" + grouping + "/" + hwy::TargetName(target)).c_str(),
          [=](benchmark::State& state) { look_up_network(state, grouping, target); })
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace togglewise::energy

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  togglewise::energy::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
