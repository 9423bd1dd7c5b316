// Other simulators and the gate engine on the same netlist and the same operands, interleaved in
// one run. Started by scripts/compare-simulators; docs/activity.md says how to read the table.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <sched.h>
#include <sys/resource.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "sim/gate/zero_delay_engine.h"
#include "sim/tech/synthesis.h"
#include "sim/tech/verilog_models.h"
#include "tests/bench/comparison_operands.h"
#include "tests/bench/comparison_sources.h"

namespace togglewise::bench {
namespace {

// Processor time, not the clock on the wall: other work on the machine costs less of it.
double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

const char* const kLiberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
const char* const kVendorModels = "/usr/share/qflow/tech/osu018/osu018_stdcells.v";

struct Options {
  std::string model;     // int8 ONNX; "": ResNet-20's shapes with synthetic operands
  std::string workload;  // its test images
  std::string out = "compare-simulators.json";
  int images = 8;
  int repetitions = 5;
  int cpu = -1;
};

// ---- the simulators ----

CommandResult require_success(const std::vector<std::string>& command,
                              const std::filesystem::path& folder) {
  CommandResult result = run_command(command, folder);
  if (result.exit_status != 0) {
    throw std::runtime_error(command[0] + " failed:\n" + result.output);
  }
  return result;
}

struct Contender {
  std::string name;
  std::string what;
  std::function<double()> transitions_per_second;  // of one run
};

// Builds in `folder`/`name` and returns the program.
std::filesystem::path verilate(const std::filesystem::path& folder, const std::string& name,
                               const std::string& top, const std::string& netlist, bool trace) {
  const std::filesystem::path work = folder / name;
  std::filesystem::create_directory(work);
  write_file_atomically(work / "top.v", top);
  write_file_atomically(work / "harness.cpp", verilator_harness());
  std::vector<std::string> command = {"verilator",
                                      "--cc",
                                      "--exe",
                                      "--build",
                                      "-Wno-fatal",
                                      "-O3",
                                      "--x-assign",
                                      "fast",
                                      "--x-initial",
                                      "fast",
                                      "--noassert",
                                      "--top-module",
                                      "top",
                                      "--prefix",
                                      "Vtop",
                                      "-CFLAGS",
                                      "-O3 -march=native",
                                      "top.v",
                                      netlist,
                                      (folder / "cells.v").string(),
                                      "harness.cpp"};
  if (trace) command.insert(command.begin() + 4, "--trace");
  std::fprintf(stderr, "* building %s\n", name.c_str());
  require_success(command, work);
  return work / "obj_dir" / "Vtop";
}

double run_verilated(const std::filesystem::path& program, const std::filesystem::path& words,
                     int rounds) {
  const CommandResult run = require_success(
      {program.string(), words.string(), std::to_string(rounds)}, program.parent_path());
  return std::stod(run.output);
}

void require_sums(const std::filesystem::path& program, const std::filesystem::path& words,
                  std::uint32_t expected) {
  const CommandResult run =
      require_success({program.string(), words.string(), "1"}, program.parent_path());
  const std::size_t blank = run.output.find(' ');
  if (std::stoul(run.output.substr(blank)) == expected) return;
  throw std::runtime_error(program.string() + " computes other sums: " + run.output);
}

double seconds_of(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  const double start = cpu_seconds(RUSAGE_CHILDREN);
  require_success(command, folder);
  return cpu_seconds(RUSAGE_CHILDREN) - start;
}

// Start-up and reading the vectors are not counted: the time of a run of one cycle goes off.
double run_icarus(const std::filesystem::path& folder, const std::string& program,
                  std::uint64_t transitions) {
  const double all = seconds_of({"vvp", "-n", program}, folder);
  const double none = seconds_of({"vvp", "-n", program, "+cycles=1"}, folder);
  return static_cast<double>(transitions) / (all - none);
}

// ---- ours ----

struct PlaneStream {
  int weight = 0;
  gate::BitPlanes activation;
  gate::BitPlanes partial_sum;
};
PlaneStream transposed(const gate::ZeroDelayEngine& engine, const PeStream& one) {
  return {one.weight,
          gate::BitPlanes::from_int8(one.activation.data(), one.activation.size(), 8,
                                     engine.time_order()),
          gate::BitPlanes::from_int32(one.partial_sum.data(), one.partial_sum.size(),
                                      kPartialSumBits, engine.time_order())};
}

// Both operand streams of every PE are transposed, or have been before.
double run_sample(const gate::ZeroDelayEngine& engine, const std::vector<PeStream>& sample,
                  bool transpose) {
  std::vector<PlaneStream> ready;
  if (!transpose) {
    for (const PeStream& one : sample) ready.push_back(transposed(engine, one));
  }
  gate::ToggleTally tally = engine.make_tally();
  gate::BitPlanes out;
  const double start = cpu_seconds(RUSAGE_SELF);
  for (int round = 0; round < 4; ++round) {
    for (std::size_t i = 0; i < sample.size(); ++i) {
      if (transpose) {
        const PlaneStream one = transposed(engine, sample[i]);
        engine.run(one.weight, one.activation, one.partial_sum, out, tally);
      } else {
        engine.run(ready[i].weight, ready[i].activation, ready[i].partial_sum, out, tally);
      }
    }
  }
  const double seconds = cpu_seconds(RUSAGE_SELF) - start;
  return static_cast<double>(tally.total_transitions()) / seconds;
}

// As fidelity `gate` does it: activations are transposed once a tile, sums stay planes from row to
// row.
double run_workload(const gate::ZeroDelayEngine& engine, const Workload& workload) {
  gate::ToggleTally tally = engine.make_tally();
  gate::BitPlanes in;
  gate::BitPlanes out;
  const double start = cpu_seconds(RUSAGE_SELF);
  for (const array::TileStreams& tile : workload.tiles) {
    std::vector<gate::BitPlanes> activation;
    for (int r = 0; r < tile.used_rows; ++r) {
      activation.push_back(
          gate::BitPlanes::from_int8(tile.row(r), tile.cycles, 8, engine.time_order()));
    }
    const gate::BitPlanes none(kPartialSumBits, tile.cycles, engine.time_order());
    for (int c = 0; c < tile.used_columns; ++c) {
      in = none;
      for (int r = 0; r < tile.used_rows; ++r) {
        engine.run(tile.weight(r, c), activation[static_cast<std::size_t>(r)], in, out, tally);
        std::swap(in, out);
      }
    }
  }
  const double seconds = cpu_seconds(RUSAGE_SELF) - start;
  return static_cast<double>(tally.total_transitions()) / seconds;
}

// ---- report ----

struct Row {
  Contender contender;
  std::vector<double> rates;
  double median() const {
    std::vector<double> sorted = rates;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

void report(const std::vector<Row>& rows, const Options& options, nlohmann::ordered_json json) {
  fmt::print("\n{:<34}{:>12}{:>12}{:>12}{:>10}{:>10}\n", "transitions/s, one core", "median", "min",
             "max", "network /", "sample /");
  for (const Row& row : rows) {
    const auto [low, high] = std::minmax_element(row.rates.begin(), row.rates.end());
    const double network_ratio = rows[0].median() / row.median();
    const double sample_ratio = rows[1].median() / row.median();
    fmt::print("{:<34}{:>12.3g}{:>12.3g}{:>12.3g}{:>10.1f}{:>10.1f}\n", row.contender.name,
               row.median(), *low, *high, network_ratio, sample_ratio);
    json["simulators"].push_back({{"name", row.contender.name},
                                  {"what", row.contender.what},
                                  {"transitions_per_second", row.rates},
                                  {"median_transitions_per_second", row.median()},
                                  {"ratio_network", network_ratio},
                                  {"ratio_sample", sample_ratio}});
  }
  write_file_atomically(options.out, json.dump(2) + "\n");
  fmt::print(
      "\nnetwork /, sample /: how many times as fast the first and the second line are\n"
      "Result: {}\n",
      options.out);
}

Options parse(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  Options options;
  const auto text = [&](const char* name, std::string& value) {
    if (given.count(name) != 0) value = given[name];
    given.erase(name);
  };
  const auto number = [&](const char* name, int& value) {
    if (given.count(name) != 0) value = std::atoi(given[name].c_str());
    given.erase(name);
  };
  text("--model", options.model);
  text("--workload", options.workload);
  text("--out", options.out);
  number("--images", options.images);
  number("--repetitions", options.repetitions);
  number("--cpu", options.cpu);
  if (!given.empty() || argc % 2 == 0) {
    throw std::runtime_error(
        "usage: compare_simulators [--model NET.onnx --workload W.yaml] [--images N] "
        "[--repetitions N] [--cpu N] [--out FILE.json]");
  }
  return options;
}

void run(const Options& options) {
  if (options.cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(options.cpu), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("no such processor");
  }
  const std::string rtl = TOGGLEWISE_SOURCE_DIR "/rtl/";
  tech::SynthesisRequest request;
  request.rtl_files = {rtl + "mac.sv", rtl + "multiplier.sv", rtl + "adder.sv"};
  request.parameters = {{"PARTIAL_SUM_BITS", kPartialSumBits}};
  request.liberty_file = kLiberty;
  const tech::SynthesisResult synthesis = tech::synthesize(request);
  const tech::Netlist netlist =
      tech::Netlist::read(synthesis.json_file, tech::CellLibrary::read(kLiberty));
  const tech::NetlistEnergy energy = tech::compute_mac_energy(netlist, {});
  const gate::ZeroDelayEngine engine(netlist, energy);

  const Workload workload = load_workload(options.model, options.workload, options.images);
  const std::vector<PeStream> sample = draw_sample(workload, 2'000'000, 1U << 30);
  const std::vector<PeStream> short_sample = draw_sample(workload, 60'000, 1025);
  const std::vector<PeStream> icarus_sample = draw_sample(workload, 4'000, 257);
  const double zeros = share_under_weight_0(sample);
  fmt::print("{}: {:.1f} % of the transitions under weight 0, {:.1f} % in the sample of {} PEs\n",
             workload.description, 100 * workload.zero_weights, 100 * zeros, sample.size());

  const TemporaryDirectory folder;
  const std::string verilog = synthesis.verilog_file.string();
  write_file_atomically(folder.path() / "cells.v", tech::write_verilog_models(netlist));
  write_file_atomically(folder.path() / "sample.bin", sample_words(sample));
  write_file_atomically(folder.path() / "short.bin", sample_words(short_sample));
  const auto plain = verilate(folder.path(), "plain", plain_top(netlist.top()), verilog, false);
  const auto registered =
      verilate(folder.path(), "registered", registered_top(netlist.top()), verilog, false);
  const auto traced =
      verilate(folder.path(), "traced", registered_top(netlist.top()), verilog, true);
  std::size_t lines = 0;
  write_file_atomically(folder.path() / "vectors.hex", sample_hex(icarus_sample, lines));
  for (const bool vcd : {false, true}) {
    const std::string name = vcd ? "icarus_vcd" : "icarus";
    write_file_atomically(folder.path() / (name + ".v"),
                          icarus_testbench(netlist.top(), lines, vcd));
    require_success({"iverilog", "-o", name, name + ".v", verilog, kVendorModels}, folder.path());
  }

  require_sums(plain, folder.path() / "sample.bin", checksum_of(sample));
  // One cycle behind: the last vector's sum does not arrive.
  require_sums(registered, folder.path() / "sample.bin",
               checksum_of(sample) - last_sum_of(sample.back()));

  const std::uint64_t icarus_transitions = transitions_of(icarus_sample);
  const auto words_file = folder.path() / "sample.bin";
  const auto short_file = folder.path() / "short.bin";
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const std::string& what,
                       std::function<double()> rate_of) {
    rows.push_back({{name, what, std::move(rate_of)}, {}});
  };
  add("Togglewise, whole network", "zero-delay, all toggles of all nets counted",
      [&] { return run_workload(engine, workload); });
  add("Togglewise, sample", "the operands that the others run, as bit planes",
      [&] { return run_sample(engine, sample, false); });
  add("Togglewise, sample, transposed", "the same from integers: both streams transposed",
      [&] { return run_sample(engine, sample, true); });
  add("Verilator, inputs at the ports", "no counting",
      [&] { return run_verilated(plain, words_file, 1); });
  add("Verilator, registered inputs", "no counting",
      [&] { return run_verilated(registered, words_file, 1); });
  add("Verilator, registered inputs, VCD", "all nets into a file",
      [&] { return run_verilated(traced, short_file, 1); });
  add("Icarus", "no counting, the vendor's cell models",
      [&] { return run_icarus(folder.path(), "icarus", icarus_transitions); });
  add("Icarus, VCD", "all nets into a file",
      [&] { return run_icarus(folder.path(), "icarus_vcd", icarus_transitions); });
  for (int repetition = 0; repetition < options.repetitions; ++repetition) {
    std::fprintf(stderr, "* repetition %d of %d\n", repetition + 1, options.repetitions);
    for (Row& row : rows) row.rates.push_back(row.contender.transitions_per_second());
  }
  nlohmann::ordered_json json;
  json["netlist"] = {{"library", kLiberty}, {"hash", netlist.hash()}};
  json["workload"] = workload.description;
  json["share_under_weight_0"] = workload.zero_weights;
  json["share_under_weight_0_in_sample"] = zeros;
  json["instruction_set"] = engine.instruction_set();
  json["verilator"] = run_command({"verilator", "--version"}, ".").output;
  json["icarus"] = run_command({"iverilog", "-V"}, ".").output.substr(0, 60);
  json["processor"] = options.cpu;
  report(rows, options, json);
}

}  // namespace
}  // namespace togglewise::bench

int main(int argc, char** argv) {
  try {
    togglewise::bench::run(togglewise::bench::parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "compare_simulators: %s\n", error.what());
    return 1;
  }
}
