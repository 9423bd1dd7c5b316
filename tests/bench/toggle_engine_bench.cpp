// The toggle engine against its scalar reference and against a plain loop over prefix sums, on
// conv2 of LeNet-5 at 64×64: transitions of active partial-sum registers per second.
#include <benchmark/benchmark.h>

#include "sim/array/toggle_engine.h"
#include "sim/array/toggle_reference.h"
#include "sim/base/random.h"

namespace togglewise::array {
namespace {

constexpr int kRows = 64;
constexpr int kColumns = 16;
constexpr int kPixels = 100;
constexpr ArrayShape kShape{64, 64, 8, 8, 22};

TileOperands sample_tile() {
  Random random(1);
  TileOperands tile;
  tile.used_rows = kRows;
  tile.used_columns = kColumns;
  tile.stream_length = kPixels;
  for (int i = 0; i < kRows * kColumns; ++i) {
    tile.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
  }
  for (int i = 0; i < kPixels * kRows; ++i) {
    tile.activations.push_back(static_cast<std::int8_t>(random.between(0, 127)));
  }
  return tile;
}

void report_rate(benchmark::State& state, std::size_t transitions) {
  state.counters["transitions/s"] = benchmark::Counter(
      static_cast<double>(transitions), benchmark::Counter::kIsIterationInvariantRate);
}

void ToggleEngine(benchmark::State& state) {
  const std::vector<TileOperands> images(static_cast<std::size_t>(state.range(0)), sample_tile());
  const TileStreams streams = to_streams(images);
  for (auto _ : state) benchmark::DoNotOptimize(count_toggles(kShape, streams));
  report_rate(state, streams.transitions_per_pe() * kRows * kColumns);
}
BENCHMARK(ToggleEngine)->Arg(1)->Arg(16);

void PlainPrefixSums(benchmark::State& state) {
  const std::vector<TileOperands> images(static_cast<std::size_t>(state.range(0)), sample_tile());
  const TileStreams streams = to_streams(images);
  std::vector<std::int32_t> partial_sum(streams.cycles);
  for (auto _ : state) {
    std::uint64_t toggles = 0;
    for (int c = 0; c < streams.used_columns; ++c) {
      std::fill(partial_sum.begin(), partial_sum.end(), 0);
      for (int r = 0; r < streams.used_rows; ++r) {
        const std::int8_t* a = streams.row(r);
        for (std::size_t t = 0; t < streams.cycles; ++t)
          partial_sum[t] += streams.weight(r, c) * a[t];
        for (std::size_t t = 1; t < streams.cycles; ++t) {
          const auto changed = static_cast<std::uint32_t>(partial_sum[t] ^ partial_sum[t - 1]);
          toggles += static_cast<std::uint64_t>(__builtin_popcount(changed & 0x3FFFFFU));
        }
      }
    }
    benchmark::DoNotOptimize(toggles);
  }
  report_rate(state, streams.transitions_per_pe() * kRows * kColumns);
}
BENCHMARK(PlainPrefixSums)->Arg(1)->Arg(16);

void CycleByCycleReference(benchmark::State& state) {
  const TileOperands tile = sample_tile();
  for (auto _ : state) benchmark::DoNotOptimize(reference_toggles(kShape, tile));
  report_rate(state, static_cast<std::size_t>(kPixels + 1) * kRows * kColumns);
}
BENCHMARK(CycleByCycleReference);

}  // namespace
}  // namespace togglewise::array
