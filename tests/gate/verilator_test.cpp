// The Verilated netlist, with cell models made from the Liberty functions, sees the same toggles.
#include <sstream>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "tests/gate/reference_netlists.h"

namespace togglewise::gate {
namespace {

// All nets as one output: nothing depends on how Verilator names what is inside.
std::string wrapper(const ReferenceNetlist& reference) {
  return fmt::format(R"(module wrapper(input clk, input [7:0] weight, input [7:0] activation,
    input [21:0] partial_sum, output [{last}:0] nets);
  {top} dut(.clk(clk), .weight(weight), .activation_in(activation), .partial_sum_in(partial_sum));
  assign nets = {nets};
endmodule
)",
                     fmt::arg("last", reference.nets.size() - 1),
                     fmt::arg("top", reference.netlist.top()),
                     fmt::arg("nets", concatenation(reference)));
}

// Reads lines "counted weight activation partial_sum" and prints the toggles of each bit of `nets`,
// the most significant first.
const char* const kHarness = R"(#include <cstdio>
#include <cstdint>
#include <vector>
#include "Vwrapper.h"
#include "verilated.h"
int main() {
  VerilatedContext context;
  Vwrapper top(&context);
  const int bits = NETS;
  std::vector<uint64_t> toggles(bits, 0);
  std::vector<uint32_t> previous;
  unsigned counted, weight, activation, partial_sum;
  top.clk = 0;
  top.eval();
  while (std::scanf("%u %u %u %u", &counted, &weight, &activation, &partial_sum) == 4) {
    top.weight = weight;
    top.activation = activation;
    top.partial_sum = partial_sum;
    top.eval();
    std::vector<uint32_t> nets(bits / 32 + 1, 0);
    for (int word = 0; word < (bits + 31) / 32; ++word) nets[word] = top.nets[word];
    for (int i = 0; counted && !previous.empty() && i < bits; ++i) {
      toggles[i] += ((nets[i / 32] ^ previous[i / 32]) >> (i % 32)) & 1;
    }
    previous = counted ? nets : std::vector<uint32_t>();
    top.clk = 1;
    top.eval();
    top.clk = 0;
    top.eval();
  }
  for (int i = bits - 1; i >= 0; --i) std::printf("%llu\n", (unsigned long long)toggles[i]);
}
)";

std::vector<std::uint64_t> verilated_toggles(const ReferenceNetlist& reference,
                                             const std::vector<Vector>& vectors) {
  const TemporaryDirectory folder;
  std::string lines;
  for (const Vector& vector : vectors) {
    lines += fmt::format("{} {} {} {}\n", vector.counted ? 1 : 0, vector.weight, vector.activation,
                         vector.partial_sum);
  }
  write_file_atomically(folder.path() / "vectors.txt", lines);
  write_file_atomically(folder.path() / "cells.v", tech::write_verilog_models(reference.netlist));
  write_file_atomically(folder.path() / "wrapper.v", wrapper(reference));
  write_file_atomically(folder.path() / "harness.cpp", kHarness);
  const CommandResult built =
      run_command({"verilator", "--cc", "--exe", "--build", "-Wno-fatal", "-O3", "--top-module",
                   "wrapper", "-CFLAGS", fmt::format("-O0 -DNETS={}", reference.nets.size()),
                   "wrapper.v", reference.verilog.string(), "cells.v", "harness.cpp"},
                  folder.path());
  EXPECT_EQ(built.exit_status, 0) << built.output;
  const CommandResult run =
      run_command({"/bin/sh", "-c", "./obj_dir/Vwrapper < vectors.txt"}, folder.path());
  EXPECT_EQ(run.exit_status, 0) << run.output;
  std::vector<std::uint64_t> toggles;
  std::istringstream output(run.output);
  for (std::uint64_t value = 0; output >> value;) toggles.push_back(value);
  return toggles;
}

class VerilatorTest : public ::testing::TestWithParam<ReferenceCase> {};

TEST_P(VerilatorTest, EveryNetsToggles_AreTheSame) {
  const ReferenceCase& chosen = GetParam();
  if (find_program("verilator").empty()) GTEST_SKIP() << "verilator is not installed";
  if (!std::filesystem::exists(chosen.library.liberty)) {
    GTEST_SKIP() << chosen.library.liberty << " is not installed";
  }
  const ReferenceNetlist reference(chosen);
  const std::vector<WeightedStream> streams = reference_streams(2001);
  const std::vector<std::uint64_t> expected = verilated_toggles(reference, vectors_of(streams));
  ASSERT_EQ(expected.size(), reference.nets.size());
  const std::vector<std::uint64_t> counted = engine_toggles(reference, streams);
  EXPECT_THAT(mismatches(reference, counted, expected), ::testing::IsEmpty());
  std::uint64_t total = 0;
  for (const std::uint64_t toggles : expected) total += toggles;
  EXPECT_GT(total, streams.size() * 2000 * 10);
}

// Each build takes some seconds: one of them by default.
std::vector<ReferenceCase> verilated_cases() {
  std::vector<ReferenceCase> cases = reference_cases();
  if (!all_weights()) cases.resize(1);
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Netlists, VerilatorTest, ::testing::ValuesIn(verilated_cases()),
                         [](const auto& chosen) { return case_name(chosen.param); });

}  // namespace
}  // namespace togglewise::gate
