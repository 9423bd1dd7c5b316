// The toggle engine against plain loops and against its register-by-register reference. Rates are
// transitions of partial-sum registers of PEs that hold a weight, per second, on one core.
//   ./tests/bench/bench_toggle --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>
#include <hwy/targets.h>

#include "sim/array/toggle_engine.h"
#include "sim/array/toggle_histogram.h"
#include "sim/array/toggle_kernels.h"
#include "sim/array/toggle_reference.h"
#include "sim/base/random.h"
#include "sim/network/tiling.h"
#include "tests/bench/resnet20_operands.h"

namespace togglewise::array {
namespace {

constexpr ArrayShape kShape{64, 64, 8, 8, 22};

// The middle layers of ResNet-20's first and last stage: 16 and 64 columns.
TileStreams sample_tile(int columns, int images) {
  Random random(1);
  const bool wide = columns == 64;
  const auto sample = bench::with_operands(
      wide ? bench::convolution(64, 8, 64, 3, 1) : bench::convolution(16, 32, 16, 3, 1), images,
      random);
  const auto activations = lower_activations(sample.layer, sample.ifmaps.data(), images, 1);
  return tile_streams(sample.layer, activations,
                      network::tiles_of(sample.layer.gemm(), 64, 64).front());
}

std::size_t transitions_of(const TileStreams& tile) {
  return tile.transitions_per_pe() * static_cast<std::size_t>(tile.used_rows) *
         static_cast<std::size_t>(tile.used_columns);
}

void report_rate(benchmark::State& state, std::size_t transitions) {
  state.counters["transitions/s"] = benchmark::Counter(
      static_cast<double>(transitions), benchmark::Counter::kIsIterationInvariantRate);
}

// Forces an instruction set for as long as it lives; 0 stands for the machine's best.
class Instructions {
 public:
  explicit Instructions(benchmark::State& state, std::int64_t target) {
    use(target);
    state.SetLabel(vector_instructions());
  }
  ~Instructions() { use(0); }

 private:
  static void use(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
  }
};

template <typename Count>
void run_on_tile(benchmark::State& state, std::int64_t target, const Count& count) {
  const Instructions instructions(state, target);
  const TileStreams tile = sample_tile(static_cast<int>(state.range(0)), 32);
  for (auto _ : state) benchmark::DoNotOptimize(count(tile));
  report_rate(state, transitions_of(tile));
}

void Totals(benchmark::State& state, std::int64_t target) {
  run_on_tile(state, target, [](const TileStreams& t) { return count_toggles(kShape, t); });
}
void PerBit(benchmark::State& state, std::int64_t target) {
  run_on_tile(state, target, [](const TileStreams& t) { return count_bit_toggles(kShape, t); });
}
void PerPe(benchmark::State& state, std::int64_t target) {
  run_on_tile(state, target, [](const TileStreams& t) { return count_pe_toggles(kShape, t); });
}
void MsbAndDistance(benchmark::State& state, std::int64_t target) {
  run_on_tile(state, target, [](const TileStreams& t) {
    return count_toggle_groups(ToggleGroup::msb_distance, kShape, t);
  });
}
#define TOGGLEWISE_ENGINE_BENCHMARK(function)                    \
  BENCHMARK_CAPTURE(function, best, 0)->Arg(16)->Arg(64);        \
  BENCHMARK_CAPTURE(function, avx2, HWY_AVX2)->Arg(16)->Arg(64); \
  BENCHMARK_CAPTURE(function, scalar, HWY_SCALAR)->Arg(16)->Arg(64)
TOGGLEWISE_ENGINE_BENCHMARK(Totals);
TOGGLEWISE_ENGINE_BENCHMARK(PerBit);
TOGGLEWISE_ENGINE_BENCHMARK(PerPe);
TOGGLEWISE_ENGINE_BENCHMARK(MsbAndDistance);

// What one would write first; the compiler may vectorise it, with the instructions that it is
// allowed to use.
[[gnu::always_inline]] inline std::uint64_t plain_prefix_sums(const TileStreams& tile,
                                                              std::int32_t* partial_sum) {
  std::uint64_t toggles = 0;
  for (int c = 0; c < tile.used_columns; ++c) {
    std::fill_n(partial_sum, tile.cycles, 0);
    for (int r = 0; r < tile.used_rows; ++r) {
      const std::int8_t* a = tile.row(r);
      const std::int32_t weight = tile.weight(r, c);
      for (std::size_t t = 0; t < tile.cycles; ++t) partial_sum[t] += weight * a[t];
      std::uint32_t sum = 0;
      for (std::size_t t = 1; t < tile.cycles; ++t) {
        const auto changed = static_cast<std::uint32_t>(partial_sum[t] ^ partial_sum[t - 1]);
        sum += static_cast<std::uint32_t>(__builtin_popcount(changed & 0x3FFFFFU));
      }
      toggles += sum;
    }
  }
  return toggles;
}
std::uint64_t plain_generic(const TileStreams& tile, std::int32_t* partial_sum) {
  return plain_prefix_sums(tile, partial_sum);
}
[[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,popcnt")]] std::uint64_t
plain_avx512(const TileStreams& tile, std::int32_t* partial_sum) {
  return plain_prefix_sums(tile, partial_sum);
}

void PlainLoop(benchmark::State& state, std::uint64_t (*count)(const TileStreams&, std::int32_t*)) {
  const TileStreams tile = sample_tile(static_cast<int>(state.range(0)), 32);
  std::vector<std::int32_t> partial_sum(tile.cycles);
  for (auto _ : state) benchmark::DoNotOptimize(count(tile, partial_sum.data()));
  report_rate(state, transitions_of(tile));
}
BENCHMARK_CAPTURE(PlainLoop, x86_64, plain_generic)->Arg(16)->Arg(64);
BENCHMARK_CAPTURE(PlainLoop, avx512_by_the_compiler, plain_avx512)->Arg(16)->Arg(64);

void RegisterByRegisterReference(benchmark::State& state) {
  Random random(1);
  const auto sample = bench::with_operands(bench::convolution(16, 32, 16, 3, 1), 1, random);
  const auto range = network::tiles_of(sample.layer.gemm(), 64, 64).front();
  const TileOperands tile = tile_operands(
      sample.layer, lower_activations(sample.layer, sample.ifmaps.data(), 1, 1), 0, range);
  for (auto _ : state) benchmark::DoNotOptimize(reference_toggles(kShape, tile));
  report_rate(state, transitions_of(to_streams(tile)));
}
BENCHMARK(RegisterByRegisterReference)->Unit(benchmark::kMillisecond);

// From feature maps to counts, im2col included: all of ResNet-20, 16 images at 64×64.
template <typename CountTile>
void run_network(benchmark::State& state, std::int64_t target, const CountTile& count_tile) {
  const Instructions instructions(state, target);
  constexpr int kImages = 16;
  const auto layers = bench::resnet20(kImages);
  std::size_t transitions = 0;
  for (auto _ : state) {
    transitions = 0;
    for (const bench::SyntheticLayer& sample : layers) {
      const auto activations = lower_activations(sample.layer, sample.ifmaps.data(), kImages, 1);
      for (const auto& range : network::tiles_of(sample.layer.gemm(), 64, 64)) {
        const TileStreams tile = tile_streams(sample.layer, activations, range);
        count_tile(tile);
        transitions += transitions_of(tile);
      }
    }
  }
  report_rate(state, transitions);
}
void ResNet20EndToEnd(benchmark::State& state, std::int64_t target) {
  run_network(state, target, [](const TileStreams& tile) {
    benchmark::DoNotOptimize(count_toggles(kShape, tile));
  });
}
BENCHMARK_CAPTURE(ResNet20EndToEnd, best, 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ResNet20EndToEnd, avx2, HWY_AVX2)->Unit(benchmark::kMillisecond);
void ResNet20OnlyIm2col(benchmark::State& state) {
  run_network(state, 0,
              [](const TileStreams& tile) { benchmark::DoNotOptimize(tile.activations.data()); });
}
BENCHMARK(ResNet20OnlyIm2col)->Unit(benchmark::kMillisecond);
}  // namespace
}  // namespace togglewise::array
