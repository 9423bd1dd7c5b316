// MAC transitions per second of the gate engines: bit-parallel on each instruction set, for one
// weight, all and a trained network's mix, long and short streams, one thread and two; and the
// scalar definition. `items_per_second` is transitions per second.
#include <algorithm>
#include <cmath>

#include <benchmark/benchmark.h>

#include "sim/base/random.h"
#include "sim/gate/scalar_engine.h"
#include "sim/gate/zero_delay_engine.h"
#include "sim/tech/synthesis.h"

namespace togglewise::gate {
namespace {

struct Bench {
  Bench() : netlist(read()), energy(tech::compute_mac_energy(netlist, {})) {}

  static tech::Netlist read() {
    const std::string rtl = TOGGLEWISE_SOURCE_DIR "/rtl/";
    tech::SynthesisRequest request;
    request.rtl_files = {rtl + "mac.sv", rtl + "multiplier.sv", rtl + "adder.sv"};
    request.liberty_file = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
    request.cache_folder = TOGGLEWISE_BINARY_DIR "/test_netlists";
    return tech::Netlist::read(tech::synthesize(request).json_file,
                               tech::CellLibrary::read(request.liberty_file));
  }

  tech::Netlist netlist;
  tech::NetlistEnergy energy;
};

const Bench& bench() {
  static const Bench instance;
  return instance;
}

// Like a layer after ReLU: half of the activations zero, the rest falling off; partial sums that
// wander. First and last cycle are zero.
struct Streams {
  explicit Streams(std::size_t cycles) : activation(cycles, 0), partial_sum(cycles, 0) {
    Random random(1);
    double level = 0.0;
    for (std::size_t t = 1; t + 1 < cycles; ++t) {
      const double size = random.unit() < 0.5 ? 0.0 : -20.0 * std::log(1.0 - random.unit());
      activation[t] = static_cast<std::int8_t>(std::min(size, 127.0));
      level = 0.7 * level + (random.unit() - 0.5) * 6000.0;
      partial_sum[t] = static_cast<std::int32_t>(level);
    }
  }
  std::vector<std::int8_t> activation;
  std::vector<std::int32_t> partial_sum;
};

enum class Mix { one, all, trained };

// 256 weights: one value, every value, or as a trained network has them (bell-shaped, sigma 30).
std::vector<int> weights_of(Mix mix) {
  std::vector<int> weights;
  Random random(2);
  for (int i = 0; i < 256; ++i) {
    int sum = 0;
    for (int k = 0; k < 12; ++k) sum += random.between(-30, 30);
    weights.push_back(mix == Mix::one   ? 93
                      : mix == Mix::all ? i - 128
                                        : std::clamp(sum, -127, 127));
  }
  return weights;
}

const ZeroDelayEngine& engine_of(InstructionSet instructions) {
  static const ZeroDelayEngine engines[] = {
      {bench().netlist, bench().energy, InstructionSet::generic},
      {bench().netlist, bench().energy, InstructionSet::avx2},
      {bench().netlist, bench().energy, InstructionSet::avx512}};
  return engines[static_cast<std::size_t>(instructions) - 1];
}

// A column of PEs: each one's sums are the next one's partial sums. With several threads each has a
// column of its own, and `items_per_second` is the sum over them.
void bit_parallel(benchmark::State& state, InstructionSet instructions, Mix mix) {
  const ZeroDelayEngine& engine = engine_of(instructions);
  const auto cycles = static_cast<std::size_t>(state.range(0));
  const Streams streams(cycles);
  const std::vector<int> weights = weights_of(mix);
  const BitPlanes activation = BitPlanes::from_int8(streams.activation, 8, engine.time_order());
  BitPlanes in = BitPlanes::from_int32(streams.partial_sum, 22, engine.time_order());
  BitPlanes out;
  ToggleTally tally = engine.make_tally();
  for (auto _ : state) {
    for (const int weight : weights) {
      engine.run(weight, activation, in, out, tally);
      std::swap(in, out);
    }
  }
  state.SetLabel(engine.instruction_set());
  state.SetItemsProcessed(state.iterations() * 256 * static_cast<std::int64_t>(cycles - 1));
}
// 521, 2,057 and 8,201 cycles: eight images of ResNet-20's layers.
BENCHMARK_CAPTURE(bit_parallel, avx512_trained, InstructionSet::avx512, Mix::trained)
    ->Arg(200)
    ->Arg(521)
    ->Arg(2057)
    ->Arg(8201)
    ->Arg(32000);
BENCHMARK_CAPTURE(bit_parallel, avx512_all, InstructionSet::avx512, Mix::all)->Arg(8201);
BENCHMARK_CAPTURE(bit_parallel, avx512_one, InstructionSet::avx512, Mix::one)->Arg(8201);
BENCHMARK_CAPTURE(bit_parallel, avx512_threads, InstructionSet::avx512, Mix::trained)
    ->Arg(8201)
    ->Threads(1)
    ->Threads(2)
    ->UseRealTime();
BENCHMARK_CAPTURE(bit_parallel, avx2_trained, InstructionSet::avx2, Mix::trained)
    ->Arg(200)
    ->Arg(521)
    ->Arg(8201);
BENCHMARK_CAPTURE(bit_parallel, generic_trained, InstructionSet::generic, Mix::trained)->Arg(8201);

void transition_energies(benchmark::State& state) {
  const ZeroDelayEngine engine(bench().netlist, bench().energy);
  const Streams streams(20000);
  std::vector<float> energies(20000);
  int weight = -128;
  for (auto _ : state) {
    engine.transition_energies_fj(weight, streams.activation.data(), streams.partial_sum.data(),
                                  20000, energies.data());
    weight = weight == 127 ? -128 : weight + 1;
  }
  state.SetItemsProcessed(state.iterations() * 19999);
}
BENCHMARK(transition_energies);

void scalar(benchmark::State& state) {
  const Streams streams(1000);
  ScalarEngine engine(bench().netlist);
  ToggleCounter counter(bench().netlist.nets().size());
  engine.set_input("weight", 93);
  for (auto _ : state) {
    for (std::size_t t = 0; t < 1000; ++t) {
      engine.set_input("activation_in", static_cast<std::uint64_t>(streams.activation[t]));
      engine.set_input("partial_sum_in", static_cast<std::uint64_t>(streams.partial_sum[t]));
      engine.settle();
      counter.observe(engine.values());
      engine.clock_edge();
    }
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(scalar);

void construction(benchmark::State& state) {
  for (auto _ : state) {
    const ZeroDelayEngine engine(bench().netlist, bench().energy);
    benchmark::DoNotOptimize(&engine);
  }
}
BENCHMARK(construction);

}  // namespace
}  // namespace togglewise::gate
