// MAC transitions per second of the glitch-aware engine: single weights, all of them, and a mix as
// in trained networks; by instruction set, stream length, quantum and threads; the event-driven
// engine as peer. `items_per_second` is transitions per second of CPU time, of wall time where
// threads are counted.
#include <algorithm>
#include <cmath>

#include <benchmark/benchmark.h>

#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/gate/event_energies.h"
#include "sim/gate/inertial_engine.h"
#include "sim/gate/quantum_choice.h"
#include "sim/tech/synthesis.h"

namespace togglewise::gate {
namespace {

constexpr double kQuantumPs = 50.0;  // what choose_quantum takes for osu018

struct Bench {
  Bench()
      : netlist(read()),
        energy(tech::compute_mac_energy(netlist, {})),
        delays(tech::compute_delays(netlist, {})) {}

  static tech::Netlist read() {
    const std::string rtl = TOGGLEWISE_SOURCE_DIR "/rtl/";
    tech::SynthesisRequest request;
    request.rtl_files = {rtl + "mac.sv", rtl + "multiplier.sv", rtl + "adder.sv"};
    request.liberty_file = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
    request.cache_folder = TOGGLEWISE_BINARY_DIR "/test_netlists";
    return tech::Netlist::read(tech::synthesize(request).json_file,
                               tech::CellLibrary::read(request.liberty_file));
  }
  InertialModel model(double quantum_ps) const {
    return make_inertial_model(netlist, delays, quantum_ps);
  }

  tech::Netlist netlist;
  tech::NetlistEnergy energy;
  tech::NetlistDelays delays;
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

std::vector<int> all_weights() {
  std::vector<int> weights;
  for (int weight = -128; weight <= 127; ++weight) weights.push_back(weight);
  return weights;
}

// 256 weights, normally distributed (standard deviation 25) with 15 % zeros.
std::vector<int> mixed_weights() {
  Random random(7);
  std::vector<int> weights(256);
  for (int& weight : weights) {
    double sum = 0.0;  // of 12 uniform numbers: variance 1
    for (int k = 0; k < 12; ++k) sum += random.unit() - 0.5;
    const bool zero = random.unit() < 0.15;
    weight = zero ? 0 : std::clamp(static_cast<int>(std::lround(25.0 * sum)), -127, 127);
  }
  return weights;
}

void run_weights(benchmark::State& state, const InertialEngine& engine,
                 const std::vector<int>& weights, std::size_t cycles) {
  const Streams streams(cycles);
  const BitPlanes activation = BitPlanes::from_int8(streams.activation);
  const BitPlanes partial_sum = BitPlanes::from_int32(streams.partial_sum, 22);
  BitPlanes out;
  ToggleTally tally = engine.make_tally();
  for (auto _ : state) {
    for (const int weight : weights) engine.run(weight, activation, partial_sum, out, tally);
  }
  double points = 0.0;
  for (const int weight : weights) {
    points += static_cast<double>(engine.program(weight).table_points());
  }
  state.counters["points"] = points / static_cast<double>(weights.size());
  state.SetLabel(engine.instruction_set());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(weights.size()) *
                          static_cast<std::int64_t>(cycles - 1));
}

void one_weight(benchmark::State& state) {
  const InertialEngine engine(bench().netlist, bench().energy, bench().model(kQuantumPs));
  run_weights(state, engine, {static_cast<int>(state.range(0))}, 20000);
}
BENCHMARK(one_weight)->Arg(93)->Arg(-1)->Arg(1)->Arg(0)->Arg(64)->Arg(-128)->Arg(-37);

void every_weight(benchmark::State& state, InstructionSet instructions) {
  const InertialEngine engine(bench().netlist, bench().energy, bench().model(kQuantumPs),
                              instructions);
  run_weights(state, engine, all_weights(), static_cast<std::size_t>(state.range(0)));
}
BENCHMARK_CAPTURE(every_weight, avx512, InstructionSet::avx512)->Arg(200)->Arg(2000)->Arg(100000);
BENCHMARK_CAPTURE(every_weight, avx2, InstructionSet::avx2)->Arg(200)->Arg(2000);
BENCHMARK_CAPTURE(every_weight, generic, InstructionSet::generic)->Arg(200)->Arg(2000);

void weight_mix(benchmark::State& state, InstructionSet instructions) {
  const InertialEngine engine(bench().netlist, bench().energy, bench().model(kQuantumPs),
                              instructions);
  run_weights(state, engine, mixed_weights(), static_cast<std::size_t>(state.range(0)));
}
BENCHMARK_CAPTURE(weight_mix, avx512, InstructionSet::avx512)->Arg(200)->Arg(2000)->Arg(100000);
BENCHMARK_CAPTURE(weight_mix, avx2, InstructionSet::avx2)->Arg(2000);
BENCHMARK_CAPTURE(weight_mix, generic, InstructionSet::generic)->Arg(2000);

void quantum_tenths_of_ps(benchmark::State& state) {
  const double quantum_ps = static_cast<double>(state.range(0)) / 10.0;
  const InertialEngine engine(bench().netlist, bench().energy, bench().model(quantum_ps));
  run_weights(state, engine, mixed_weights(), 2000);
}
BENCHMARK(quantum_tenths_of_ps)->Arg(2000)->Arg(1000)->Arg(500)->Arg(250)->Arg(125);

void threads(benchmark::State& state) {
  const InertialEngine engine(bench().netlist, bench().energy, bench().model(kQuantumPs));
  const Streams streams(2000);
  const BitPlanes activation = BitPlanes::from_int8(streams.activation);
  const BitPlanes partial_sum = BitPlanes::from_int32(streams.partial_sum, 22);
  const std::vector<int> weights = mixed_weights();
  for (auto _ : state) {
    std::vector<ToggleTally> tallies(16);
    parallel_for(tallies.size(), static_cast<int>(state.range(0)), [&](std::size_t part) {
      BitPlanes out;
      for (std::size_t i = part; i < weights.size(); i += tallies.size()) {
        engine.run(weights[i], activation, partial_sum, out, tallies[part]);
      }
    });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(weights.size()) * 1999);
}
BENCHMARK(threads)->Arg(1)->Arg(2)->UseRealTime();

void transition_energies(benchmark::State& state) {
  const InertialEngine engine(bench().netlist, bench().energy, bench().model(kQuantumPs));
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

void event_driven(benchmark::State& state) {
  const Streams streams(1000);
  const InertialModel model = bench().model(kQuantumPs);
  std::vector<PeOperands> operands;
  for (std::size_t t = 0; t < 1000; ++t) {
    operands.push_back({93, streams.activation[t], streams.partial_sum[t]});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        inertial_mac_activity(bench().netlist, bench().energy, model, operands));
  }
  state.SetItemsProcessed(state.iterations() * 999);
}
BENCHMARK(event_driven);

void construction(benchmark::State& state) {
  for (auto _ : state) {
    const InertialEngine engine(bench().netlist, bench().energy, bench().model(kQuantumPs));
    benchmark::DoNotOptimize(&engine);
  }
}
BENCHMARK(construction);

void quantum_choice(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(choose_quantum(bench().netlist, bench().energy, bench().delays));
  }
}
BENCHMARK(quantum_choice);

}  // namespace
}  // namespace togglewise::gate
