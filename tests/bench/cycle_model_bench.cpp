// The cycle model on every layer of ResNet-50 (53 convolutions and a fully connected layer,
// 224×224) and on 30 arrays from 8×16 to 256×256, and the SystemC system model's speed beside it.
//   ninja bench_cycles && ./tests/bench/bench_cycles
// Times of AllLayersOnThirtyArrays are for all 54 × 30 points on one core.
#include <algorithm>
#include <vector>

#include <benchmark/benchmark.h>

#include "sim/array/cycle_model.h"
#include "sim/base/random.h"
#include "sim/systemc/system_model.h"

namespace togglewise {
namespace {

array::LayerShape convolution(int channels, int filters, int kernel, int output, int stride) {
  array::LayerShape layer;
  layer.name = "conv";
  layer.gemm = {channels * kernel * kernel, filters, output * output, 1};
  layer.kernel_size = kernel * kernel;
  layer.ifmap_channel_bytes = std::int64_t{output} * stride * output * stride;
  return layer;
}

// The network of table 1 in He et al., "Deep Residual Learning for Image Recognition" (CVPR 2016),
// with the stride in the 3×3 convolutions.
std::vector<array::LayerShape> resnet50() {
  std::vector<array::LayerShape> layers{convolution(3, 64, 7, 112, 2)};
  int channels = 64;
  int output = 56;
  int planes = 64;
  for (const int blocks : {3, 4, 6, 3}) {
    for (int block = 0; block < blocks; ++block) {
      const int stride = block == 0 && planes > 64 ? 2 : 1;
      layers.push_back(convolution(channels, planes, 1, output * stride, 1));
      layers.push_back(convolution(planes, planes, 3, output, stride));
      layers.push_back(convolution(planes, 4 * planes, 1, output, 1));
      if (block == 0) layers.push_back(convolution(channels, 4 * planes, 1, output, stride));
      channels = 4 * planes;
    }
    planes *= 2;
    output /= 2;
  }
  layers.push_back(convolution(2048, 1000, 1, 1, 1));
  return layers;
}

std::vector<config::HardwareConfig> thirty_arrays(bool double_buffered, bool memories) {
  std::vector<config::HardwareConfig> arrays;
  for (const int rows : {8, 16, 32, 64, 128, 256}) {
    for (const int columns : {16, 32, 64, 128, 256}) {
      config::HardwareConfig hardware;
      hardware.array.rows = rows;
      hardware.array.columns = columns;
      hardware.array.double_buffered_weights = double_buffered;
      hardware.memories.given = memories;
      hardware.memories.ifmap_sram = {4 << 20, rows, 0, 0};
      hardware.memories.filter_sram = {256 << 10, 32, 0, 0};
      hardware.memories.ofmap_sram = {32 << 20, 8 * columns, 0, 0};
      arrays.push_back(hardware);
    }
  }
  return arrays;
}

void AllLayersOnThirtyArrays(benchmark::State& state) {
  const std::vector<array::LayerShape> layers = resnet50();
  const auto arrays = thirty_arrays(state.range(0) != 0, state.range(1) != 0);
  std::uint64_t tiles = 0;
  for (auto _ : state) {
    tiles = 0;
    for (const config::HardwareConfig& hardware : arrays)
      for (const array::LayerShape& layer : layers) {
        const array::LayerCycles cycles = array::layer_cycles(hardware, layer);
        benchmark::DoNotOptimize(cycles.cycles);
        tiles += cycles.tiles;
      }
  }
  state.counters["layers"] = static_cast<double>(layers.size());
  state.counters["tiles"] = static_cast<double>(tiles);
  state.counters["layers/s"] =
      benchmark::Counter(static_cast<double>(layers.size() * arrays.size()),
                         benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(AllLayersOnThirtyArrays)
    ->ArgNames({"double_buffered", "memories"})
    ->Args({0, 0})
    ->Args({1, 0})
    ->Args({0, 1})
    ->Args({1, 1})
    ->Unit(benchmark::kMillisecond);

// Cycles per second of the whole SystemC system on a 3×3 convolution of 32 channels.
void SystemModelCycles(benchmark::State& state) {
  static systemc::SystemModel model;  // one kernel per process
  config::HardwareConfig hardware;
  hardware.array.rows = hardware.array.columns = static_cast<int>(state.range(0));
  hardware.array.partial_sum_bits = config::derived_partial_sum_bits(hardware.array);
  hardware.array.double_buffered_weights = true;
  hardware.memories.given = true;
  network::GemmLayer layer;
  layer.name = "conv";
  layer.input = {32, 16, 16};
  layer.output = {32, 16, 16};
  layer.window = network::square_window(3, 1, 1);
  layer.input_scale = 0.02F;
  layer.output_scale = 0.3F;
  layer.weight_scale.assign(32, 0.01F);
  layer.bias.assign(32, 0);
  Random random(1);
  for (int i = 0; i < 32 * 32 * 9; ++i)
    layer.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
  std::vector<std::int8_t> ifmap(layer.input.size());
  for (std::int8_t& a : ifmap) a = static_cast<std::int8_t>(random.between(0, 127));
  std::uint64_t cycles = 0;
  for (auto _ : state) cycles += model.run_layer(hardware, layer, ifmap.data(), 1).cycles.cycles;
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
}
BENCHMARK(SystemModelCycles)->Arg(8)->Arg(16)->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace togglewise
