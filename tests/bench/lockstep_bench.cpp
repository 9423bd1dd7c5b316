// Cycles per second of the 64×64 array: the Verilated loop-style RTL, the SystemC model, and both
// in lockstep with every partial sum compared and every register's toggles counted. SystemC has one
// kernel per process, so that one benchmark of the two that need it runs at a time:
//   bench_lockstep --benchmark_filter=Verilated
//   bench_lockstep --benchmark_filter=SystemC
//   bench_lockstep --benchmark_filter=Lockstep
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>
#include <systemc>

#include "sim/base/random.h"
#include "sim/systemc/array_model.h"
#include "sim/systemc/lockstep.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {
namespace {

constexpr int size = 64;
constexpr int stream_length = 5000;
constexpr int cycles = 2 * size + size + stream_length - 2;

array::TileOperands full_tile() {
  Random random(1);
  array::TileOperands tile;
  tile.used_rows = size;
  tile.used_columns = size;
  tile.stream_length = stream_length;
  tile.weights.resize(size * size);
  tile.activations.resize(static_cast<std::size_t>(size) * stream_length);
  for (std::int8_t& weight : tile.weights) weight = static_cast<std::int8_t>(random.bits());
  for (std::int8_t& activation : tile.activations)
    activation = static_cast<std::int8_t>(random.bits());
  return tile;
}

void set_rates(benchmark::State& state) {
  const auto done = static_cast<double>(state.iterations()) * cycles;
  state.counters["cycles/s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
  state.counters["PE_cycles/s"] =
      benchmark::Counter(done * size * size, benchmark::Counter::kIsRate);
}

void VerilatedLoopArray(benchmark::State& state) {
  const array::TileOperands tile = full_tile();
  const auto rtl = make_verilated_array({size, size, 8, 8, 22}, RtlStyle::loop);
  for (auto _ : state) {
    for (int cycle = 0; cycle < cycles; ++cycle) {
      const ControllerRequest request = rtl->settle(cycle == 0, stream_length);
      rtl->clock_edge(tile.weights.data() + request.weight_row * size,
                      tile.activations.data() + request.activation_index * std::size_t{size});
    }
  }
  set_rates(state);
}
BENCHMARK(VerilatedLoopArray)->Unit(benchmark::kMillisecond)->UseRealTime();

// Whether a benchmark may still use the kernel; says so if not. It is kept to the process's end.
bool kernel_is_free(benchmark::State& state) {
  if (sc_core::sc_get_status() == sc_core::SC_ELABORATION) return true;
  state.SkipWithError("one SystemC kernel per process: use --benchmark_filter");
  return false;
}

struct ModelBench : sc_core::sc_module {
  sc_core::sc_clock clock{"clock", 10, sc_core::SC_NS, 0.5, 2.5, sc_core::SC_NS, true};
  ArrayModel model{"model", {size, size, 8, 8, 22}};
  explicit ModelBench(const sc_core::sc_module_name& name) : sc_module(name) { model.clock(clock); }
};

void SystemCModel(benchmark::State& state) {
  static std::unique_ptr<ModelBench> bench;  // Google Benchmark calls this several times
  if (!bench) {
    if (!kernel_is_free(state)) return;
    bench = std::make_unique<ModelBench>("bench");
  }
  const array::TileOperands tile = full_tile();
  for (auto _ : state) {
    bench->model.start(tile);
    sc_core::sc_start(10.0 * cycles, sc_core::SC_NS);
  }
  set_rates(state);
}
BENCHMARK(SystemCModel)->Unit(benchmark::kMillisecond)->UseRealTime();

void LockstepOfBoth(benchmark::State& state) {
  static std::unique_ptr<Lockstep> lockstep;
  if (!lockstep) {
    if (!kernel_is_free(state)) return;
    lockstep = std::make_unique<Lockstep>(array::ArrayShape{size, size, 8, 8, 22}, RtlStyle::loop);
  }
  const array::TileOperands tile = full_tile();
  for (auto _ : state) benchmark::DoNotOptimize(lockstep->run(tile));
  if (lockstep->finish().mismatches != 0) state.SkipWithError("RTL and model differ");
  set_rates(state);
}
BENCHMARK(LockstepOfBoth)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace togglewise::systemc
