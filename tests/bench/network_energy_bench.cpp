// Gate energy of a whole network: ResNet-20 with the weights and activations of a traces file,
// `bench_network TRACES.h5 [images] [threads] [repetitions]`, as `togglewise quantize` writes it.
// Prints MAC transitions a second and core for everything that fidelity gate does and for the
// engine's calls alone, on every instruction set, and the peak of memory.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "sim/config/hardware_config.h"
#include "sim/energy/image_chunks.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/network_energy.h"
#include "sim/gate/zero_delay_engine.h"
#include "sim/network/traces.h"

namespace togglewise {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Of the process, all threads: what a core needs when it has nothing else to do.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <typename Work>
double best_seconds(int repetitions, const Work& work) {
  double best = 1e30;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, seconds_since(start));
  }
  return best;
}

network::Traces first_images(network::Traces traces, int images) {
  for (network::TracedLayer& traced : traces.layers) {
    traced.images = std::min(images, traced.images);
    traced.ifmaps.resize(traced.layer.input.size() * static_cast<std::size_t>(traced.images));
  }
  return traces;
}

double transitions_of(const network::Traces& traces) {
  double transitions = 0;
  for (const network::TracedLayer& traced : traces.layers) {
    transitions += static_cast<double>(traced.layer.weights.size()) * traced.images *
                   (traced.layer.gemm().output_pixels + 1);
  }
  return transitions;
}

// Every PE that holds a weight, one call of the engine for each; nothing but the calls is timed.
double engine_seconds(const gate::MacEngine& engine, const array::ArrayShape& shape,
                      const network::Traces& traces) {
  double seconds = 0;
  gate::ToggleTally tally = engine.make_tally();
  for (const network::TracedLayer& traced : traces.layers) {
    const auto activations = array::lower_activations(traced.layer, traced.ifmaps.data(),
                                                      traced.images, traces.batch_size);
    for (const network::TileRange& range :
         network::tiles_of(traced.layer.gemm(), shape.rows, shape.columns)) {
      const array::TileStreams tile = array::tile_streams(traced.layer, activations, range);
      std::vector<gate::BitPlanes> rows;
      for (int r = 0; r < tile.used_rows; ++r) {
        rows.push_back(gate::BitPlanes::from_int8(tile.row(r), tile.cycles, shape.activation_bits,
                                                  engine.time_order()));
      }
      const gate::BitPlanes zero(shape.partial_sum_bits, tile.cycles, engine.time_order());
      gate::BitPlanes in;
      gate::BitPlanes out;
      const double start = cpu_seconds();
      for (int c = 0; c < tile.used_columns; ++c) {
        in = zero;
        for (int r = 0; r < tile.used_rows; ++r) {
          engine.run(tile.weight(r, c), rows[static_cast<std::size_t>(r)], in, out, tally);
          std::swap(in, out);
        }
      }
      seconds += cpu_seconds() - start;
    }
  }
  return seconds;
}

std::string peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return line;
  }
  return "VmHWM: unknown";
}

void run(const std::string& file, int images, int threads, int repetitions) {
  const auto start = std::chrono::steady_clock::now();
  const energy::MacHardware hardware(config::read_hardware_config(
      std::string(TOGGLEWISE_SOURCE_DIR) + "/hw_configs/ws64x64_osu018.yaml"));
  fmt::print("hardware {:.3f} s\n", seconds_since(start));
  const network::Traces traces = first_images(network::read_traces(file), images);
  const double transitions = transitions_of(traces);
  fmt::print("{}: {} images, {:.4g} transitions\n", traces.network_name, traces.layers[0].images,
             transitions);
  for (const int count : threads > 1 ? std::vector<int>{1, threads} : std::vector<int>{1}) {
    double cpu = 1e30;
    const double seconds = best_seconds(repetitions, [&] {
      const double before = cpu_seconds();
      energy::network_energy(hardware, traces, energy::Fidelity::gate, nullptr, count);
      cpu = std::min(cpu, cpu_seconds() - before);
    });
    fmt::print("whole network, {} threads: {:.3f} s, CPU {:.3f} s, {:.3g} transitions/s and core\n",
               count, seconds, cpu, transitions / cpu);
  }
  for (const auto instructions :
       {gate::InstructionSet::avx512, gate::InstructionSet::avx2, gate::InstructionSet::generic}) {
    const gate::ZeroDelayEngine engine(hardware.netlist(), hardware.netlist_energy(), instructions);
    double seconds = 1e30;
    for (int i = 0; i < repetitions; ++i) {
      seconds = std::min(seconds, engine_seconds(engine, hardware.shape(), traces));
    }
    fmt::print("engine alone, {}: CPU {:.3f} s, {:.3g} transitions/s\n", engine.instruction_set(),
               seconds, transitions / seconds);
  }
  fmt::print("{}\n", peak_memory());
}

}  // namespace
}  // namespace togglewise

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "bench_network TRACES.h5 [images] [threads] [repetitions]\n");
    return 2;
  }
  const auto argument = [&](int i, int otherwise) {
    return argc > i ? std::atoi(argv[i]) : otherwise;
  };
  togglewise::run(argv[1], argument(2, 8), argument(3, 2), argument(4, 5));
  return 0;
}
