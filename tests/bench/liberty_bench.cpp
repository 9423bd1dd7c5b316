// Reading a Liberty file of 100 MB (TOGGLEWISE_BENCH_MB changes that), plain and gzip'd; peak_MiB
// is the most memory that the process has had so far.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/resource.h>

#include <benchmark/benchmark.h>
#include <zlib.h>

#include "sim/tech/cell_library.h"
#include "sim/tech/liberty_parser.h"
#include "tests/bench/replicated_library.h"

namespace togglewise {
namespace {

const char* const kOriginal = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

// The files, written once and removed at the end.
class Files {
 public:
  Files() {
    const char* const megabytes = std::getenv("TOGGLEWISE_BENCH_MB");
    const auto bytes = static_cast<std::size_t>(megabytes != nullptr ? std::atoi(megabytes) : 100) *
                       std::size_t{1000000};
    bench::write_replicated_library(kOriginal, plain(), bytes);
    char buffer[1 << 16];
    std::ifstream from(plain(), std::ios::binary);
    gzFile to = gzopen(zipped().c_str(), "wb1");
    while (from.read(buffer, sizeof buffer) || from.gcount() > 0) {
      gzwrite(to, buffer, static_cast<unsigned>(from.gcount()));
    }
    gzclose(to);
  }
  std::filesystem::path plain() const { return folder_.path() / "large.lib"; }
  std::filesystem::path zipped() const { return folder_.path() / "large.lib.gz"; }

 private:
  TemporaryDirectory folder_;
};

const Files& files() {
  static const Files instance;
  return instance;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(std::filesystem::file_size(files().plain())));
  state.counters["peak_MiB"] = peak_mib();
}

// Statements only: what the text costs before anything is made of it.
void BM_Statements(benchmark::State& state) {
  for (auto _ : state) {
    tech::LibertySource source(files().plain());
    tech::parse_liberty(source, {});
  }
  count_bytes(state);
}
BENCHMARK(BM_Statements)->Unit(benchmark::kMillisecond);

void BM_CellLibrary(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(tech::CellLibrary::read(files().plain())->cells().size());
  }
  count_bytes(state);
}
BENCHMARK(BM_CellLibrary)->Unit(benchmark::kMillisecond);

void BM_CellLibraryFromGzip(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(tech::CellLibrary::read(files().zipped())->cells().size());
  }
  count_bytes(state);
}
BENCHMARK(BM_CellLibraryFromGzip)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace togglewise
