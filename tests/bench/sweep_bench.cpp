// Points of a sweep per second at fidelity cycles, everything included: reading and checking the
// sweep file, computing, the journal, and writing CSV, JSON and page. `items_per_second` is points
// of ResNet-20's nine distinct layers per second, on all processors.
#include <filesystem>

#include <benchmark/benchmark.h>

#include "sim/base/files.h"
#include "sim/base/parallel.h"
#include "sim/sweep/sweep_files.h"

namespace togglewise::sweep {
namespace {

SweepWorkload resnet20(const config::HardwareConfig&, const RunSetup&, bool) {
  struct Layer {
    const char* name;
    int reduction, channels, pixels, kernel, side;
  };
  SweepWorkload workload;
  workload.name = "ResNet-20, nine distinct layers";
  for (const Layer& layer :
       {Layer{"first", 27, 16, 1024, 9, 32}, Layer{"stage1", 144, 16, 1024, 9, 32},
        Layer{"stage2_first", 144, 32, 256, 9, 32}, Layer{"stage2_shortcut", 16, 32, 256, 1, 32},
        Layer{"stage2", 288, 32, 256, 9, 16}, Layer{"stage3_first", 288, 64, 64, 9, 16},
        Layer{"stage3_shortcut", 32, 64, 64, 1, 16}, Layer{"stage3", 576, 64, 64, 9, 8},
        Layer{"fc", 64, 10, 1, 1, 1}}) {
    array::LayerShape shape;
    shape.name = layer.name;
    shape.gemm.reduction = layer.reduction;
    shape.gemm.output_channels = layer.channels;
    shape.gemm.output_pixels = layer.pixels;
    shape.kernel_size = layer.kernel;
    shape.ifmap_channel_bytes = layer.side * layer.side;
    workload.layers.push_back(shape);
  }
  return workload;
}

void sweep_points(benchmark::State& state, const char* hardware) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "sweep.yaml",
                        std::string("name: bench\nhardware: ") + TOGGLEWISE_SOURCE_DIR +
                            "/hw_configs/" + hardware +
                            "\nsweep:\n  array.rows: {from: 8, to: 256, step: 8}\n"
                            "  array.columns: {from: 8, to: 256, step: 8}\n");
  const int threads = default_thread_count();
  const std::unique_ptr<Ranks> alone = join_ranks();
  std::int64_t points = 0;
  for (auto _ : state) {
    std::filesystem::remove(journal_file(folder.path()));
    PreparedSweep sweep(read_sweep_file(folder.path() / "sweep.yaml"), resnet20, threads);
    Journal journal(folder.path(), Journal::Mode::append);
    run_points(sweep, journal, *alone, {threads});
    write_sweep_files(sweep, journal, summarize(sweep, journal), folder.path());
    points += static_cast<std::int64_t>(sweep.plan().size());
  }
  state.SetItemsProcessed(points);
  state.SetLabel(std::to_string(threads) + " threads");
}
BENCHMARK_CAPTURE(sweep_points, without_memories, "ws64x64_osu018.yaml")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sweep_points, with_memories, "ws64x64_osu018_memories.yaml")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace togglewise::sweep
