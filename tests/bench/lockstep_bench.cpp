// Cycles per second of the 64×64 array: the Verilated loop-style RTL alone and with every
// register's toggles counted, the SystemC model, and RTL and model in lockstep with every partial
// sum and every weight compared and every toggle counted; and the first two at 256×256. SystemC has
// one kernel per process, so that one benchmark of those that need it runs at a time:
//   bench_lockstep --benchmark_filter=Verilated
//   bench_lockstep --benchmark_filter=SystemC
//   bench_lockstep --benchmark_filter=LockstepOfBoth
//   bench_lockstep --benchmark_filter=LockstepDoubleBuffered
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>
#include <systemc>

#include "sim/base/random.h"
#include "sim/systemc/array_model.h"
#include "sim/systemc/lockstep.h"
#include "sim/systemc/toggle_recorder.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {
namespace {

constexpr int size = 64;
constexpr int large_size = 256;
constexpr int stream_length = 5000;

constexpr int cycles_of(int array_size) { return 3 * array_size + stream_length - 2; }
constexpr int cycles = cycles_of(size);

array::TileOperands full_tile(int used = size) {
  Random random(1);
  array::TileOperands tile;
  tile.used_rows = used;
  tile.used_columns = used;
  tile.stream_length = stream_length;
  tile.weights.resize(static_cast<std::size_t>(used) * static_cast<std::size_t>(used));
  tile.activations.resize(static_cast<std::size_t>(used) * stream_length);
  for (std::int8_t& weight : tile.weights) weight = static_cast<std::int8_t>(random.bits());
  for (std::int8_t& activation : tile.activations)
    activation = static_cast<std::int8_t>(random.bits());
  return tile;
}

void set_rates(benchmark::State& state, int array_size = size) {
  const auto done = static_cast<double>(state.iterations()) * cycles_of(array_size);
  state.counters["cycles/s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
  state.counters["PE_cycles/s"] =
      benchmark::Counter(done * array_size * array_size, benchmark::Counter::kIsRate);
}

// The array's tile in turn, as often as the benchmark wants; `after_edge` follows each clock edge.
template <class AfterEdge>
void run_verilated(benchmark::State& state, int array_size, VerilatedArray& rtl,
                   const AfterEdge& after_edge) {
  const array::TileOperands tile = full_tile(array_size);
  const auto width = static_cast<std::size_t>(array_size);
  for (auto _ : state) {
    for (int cycle = 0; cycle < cycles_of(array_size); ++cycle) {
      const ControllerRequest request = rtl.settle(cycle == 0, stream_length);
      rtl.clock_edge(
          tile.weights.data() + static_cast<std::size_t>(request.weight_row) * width,
          tile.activations.data() + static_cast<std::size_t>(request.activation_index) * width);
      after_edge();
    }
  }
  set_rates(state, array_size);
}

array::ArrayShape shape_of(int array_size) {
  return {array_size, array_size, 8, 8, array::required_partial_sum_bits(array_size, 8, 8)};
}

void VerilatedLoopArray(benchmark::State& state) {
  const int array_size = static_cast<int>(state.range(0));
  const auto rtl = make_verilated_array(shape_of(array_size), RtlStyle::loop);
  run_verilated(state, array_size, *rtl, [] {});
}
BENCHMARK(VerilatedLoopArray)
    ->Arg(size)
    ->Arg(large_size)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void VerilatedLoopArrayWithToggles(benchmark::State& state) {
  const int array_size = static_cast<int>(state.range(0));
  const auto rtl = make_verilated_array(shape_of(array_size), RtlStyle::loop);
  ToggleRecorder recorder(shape_of(array_size), rtl->partial_sum_bits(), false);
  const TileSize used{array_size, array_size};
  run_verilated(state, array_size, *rtl, [&] {
    recorder.record(rtl->registers(), {used, used, 0});
  });
  benchmark::DoNotOptimize(recorder.counts());
}
BENCHMARK(VerilatedLoopArrayWithToggles)
    ->Arg(size)
    ->Arg(large_size)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Whether a benchmark may still use the kernel; says so if not. It is kept to the process's end.
bool kernel_is_free(benchmark::State& state) {
  if (sc_core::sc_get_status() == sc_core::SC_ELABORATION) return true;
  state.SkipWithError("one SystemC kernel per process: use --benchmark_filter");
  return false;
}

struct ModelBench : sc_core::sc_module {
  sc_core::sc_clock clock{"clock", 10, sc_core::SC_NS, 0.5, 2.5, sc_core::SC_NS, true};
  ArrayModel model{"model", shape_of(size)};
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
    lockstep = std::make_unique<Lockstep>(shape_of(size), RtlStyle::loop);
  }
  const array::TileOperands tile = full_tile();
  for (auto _ : state) benchmark::DoNotOptimize(lockstep->run(tile));
  if (lockstep->finish().mismatches != 0) state.SkipWithError("RTL and model differ");
  set_rates(state);
}
BENCHMARK(LockstepOfBoth)->Unit(benchmark::kMillisecond)->UseRealTime();

// Tiles back to back, with the swap wave's registers counted too.
void LockstepDoubleBuffered(benchmark::State& state) {
  static std::unique_ptr<Lockstep> lockstep;
  if (!lockstep) {
    if (!kernel_is_free(state)) return;
    lockstep = std::make_unique<Lockstep>(shape_of(size), RtlStyle::loop, true);
  }
  const array::TileOperands tile = full_tile();
  for (auto _ : state) benchmark::DoNotOptimize(lockstep->push(tile));
  const LockstepStatistics statistics = lockstep->finish();
  if (statistics.mismatches != 0) state.SkipWithError("RTL and model differ");
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(statistics.cycles), benchmark::Counter::kIsRate);
}
BENCHMARK(LockstepDoubleBuffered)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace togglewise::systemc
