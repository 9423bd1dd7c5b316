// Cycles per second of the 64×64 loop-style RTL: without gating, and with gated clocks (no option,
// all options) with clocked registers and toggles counted in every cycle. Ten random tiles, often
// sparse, rarely the whole array.
//   bench_gated --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
#include <algorithm>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "sim/base/random.h"
#include "sim/systemc/gated_array.h"
#include "tests/systemc/gated_tiles.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

constexpr int size = 64;

// Returns the cycles it took.
int run_tile(VerilatedArray& rtl, const array::TileOperands& tile,
             std::vector<std::int8_t>& weights, std::vector<std::int8_t>& activations) {
  const int cycles = 3 * size + tile.stream_length - 2;
  for (int i = 0; i < cycles; ++i) {
    const ControllerRequest request =
        rtl.settle(i == 0, static_cast<std::uint32_t>(tile.stream_length));
    std::fill(weights.begin(), weights.end(), std::int8_t{0});
    std::fill(activations.begin(), activations.end(), std::int8_t{0});
    const int row = request.weight_row - tile.first_row;
    if (request.weight_shift && row >= 0 && row < tile.used_rows) {
      std::copy_n(tile.weights.begin() + std::ptrdiff_t{row} * tile.used_columns, tile.used_columns,
                  weights.begin());
    }
    if (request.activation_valid &&
        request.activation_index < static_cast<std::uint32_t>(tile.stream_length)) {
      std::copy_n(
          tile.activations.begin() + std::ptrdiff_t{request.activation_index} * tile.used_rows,
          tile.used_rows, activations.begin() + tile.first_row);
    }
    rtl.clock_edge(weights.data(), activations.data());
  }
  return cycles;
}

void run_tiles(benchmark::State& state, VerilatedArray& rtl, GatedArray* gated) {
  Random random(1);
  const std::vector<array::TileOperands> tiles =
      testing::random_gated_tiles(random, testing::shape_of(size, size), 10, 600, 0);
  std::vector<std::int8_t> weights(size);
  std::vector<std::int8_t> activations(size);
  double cycles = 0;
  for (auto _ : state) {
    for (const array::TileOperands& tile : tiles) {
      if (gated) gated->set_used_area(tile.first_row, tile.used_rows, tile.used_columns);
      cycles += run_tile(rtl, tile, weights, activations);
    }
  }
  state.counters["cycles/s"] = benchmark::Counter(cycles, benchmark::Counter::kIsRate);
}

void UngatedLoopArray(benchmark::State& state) {
  const auto rtl = make_verilated_array(testing::shape_of(size, size), RtlStyle::loop);
  run_tiles(state, *rtl, nullptr);
}
BENCHMARK(UngatedLoopArray);

void GatedLoopArray(benchmark::State& state) {
  const array::Gating gating = testing::gating_of(static_cast<int>(state.range(0)));
  const auto rtl = make_gated_array(testing::shape_of(size, size), RtlStyle::loop, gating);
  run_tiles(state, *rtl, rtl.get());
}
BENCHMARK(GatedLoopArray)->ArgName("options")->Arg(0)->Arg(27)->Arg(63);

}  // namespace
}  // namespace togglewise::systemc
