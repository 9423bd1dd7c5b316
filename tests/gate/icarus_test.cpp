// The proof: Icarus Verilog with the library's own cell models sees the same toggles on every net,
// for every library and MAC architecture of the reference set.
#include <sstream>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "tests/gate/reference_netlists.h"

namespace togglewise::gate {
namespace {

std::string hexadecimal(const std::vector<Vector>& vectors) {
  std::string lines;
  for (const Vector& vector : vectors) {
    lines +=
        fmt::format("{:02x}{:02x}{:06x}\n", vector.weight, vector.activation, vector.partial_sum);
  }
  return lines;
}

// Applies one vector a cycle and prints all nets just before the clock edge.
std::string testbench(const ReferenceNetlist& reference, std::size_t vectors) {
  return fmt::format(R"(`timescale 1ns/10ps
module testbench;
  reg clk = 0;
  reg [39:0] vectors [0:{last}];
  reg [7:0] weight;
  reg [7:0] activation;
  reg [21:0] partial_sum;
  integer t;
  {top} dut(.clk(clk), .weight(weight), .activation_in(activation), .partial_sum_in(partial_sum));
  initial begin
    $readmemh("vectors.hex", vectors);
    for (t = 0; t <= {last}; t = t + 1) begin
      {{weight, activation, partial_sum}} = {{vectors[t][39:24], vectors[t][21:0]}};
      #40;
      $display("%b", {nets});
      clk = 1;
      #40 clk = 0;
      #20;
    end
    $finish;
  end
endmodule
)",
                     fmt::arg("last", vectors - 1), fmt::arg("top", reference.netlist.top()),
                     fmt::arg("nets", concatenation(reference)));
}

std::vector<std::uint64_t> icarus_toggles(const ReferenceNetlist& reference,
                                          const std::filesystem::path& cell_models,
                                          const std::vector<Vector>& vectors) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "vectors.hex", hexadecimal(vectors));
  write_file_atomically(folder.path() / "testbench.v", testbench(reference, vectors.size()));
  const CommandResult compiled = run_command({"iverilog", "-o", "simulation", "testbench.v",
                                              reference.verilog.string(), cell_models.string()},
                                             folder.path());
  EXPECT_EQ(compiled.exit_status, 0) << compiled.output;
  const CommandResult run = run_command({"vvp", "-n", "simulation"}, folder.path());
  EXPECT_EQ(run.exit_status, 0) << run.output.substr(0, 1000);

  std::vector<std::uint64_t> toggles(reference.nets.size(), 0);
  std::istringstream lines(run.output);
  std::string previous;
  std::size_t count = 0;
  for (std::string line; count < vectors.size() && std::getline(lines, line); ++count) {
    EXPECT_EQ(line.size(), toggles.size());
    if (vectors[count].counted) {
      EXPECT_EQ(line.find_first_not_of("01"), std::string::npos) << "unknown values: " << count;
    }
    // The first counted line of a stream has nothing before it.
    if (count > 0 && vectors[count].counted && vectors[count - 1].counted) {
      for (std::size_t i = 0; i < line.size(); ++i) toggles[i] += line[i] != previous[i] ? 1 : 0;
    }
    previous = line;
  }
  EXPECT_EQ(count, vectors.size());
  return toggles;
}

class IcarusTest : public ::testing::TestWithParam<ReferenceCase> {};

TEST_P(IcarusTest, EveryNetsToggles_AreTheSame) {
  const ReferenceCase& chosen = GetParam();
  if (find_program("iverilog").empty()) GTEST_SKIP() << "iverilog is not installed";
  for (const auto& file : {chosen.library.liberty, chosen.library.cell_models}) {
    if (!std::filesystem::exists(file)) {
      GTEST_SKIP() << file << " is not installed: apt-get install qflow-tech-"
                   << chosen.library.name;
    }
  }
  const ReferenceNetlist reference(chosen);
  ASSERT_GT(reference.nets.size(), 450U);
  const std::vector<WeightedStream> streams = reference_streams(201);
  const std::vector<std::uint64_t> expected =
      icarus_toggles(reference, chosen.library.cell_models, vectors_of(streams));
  const std::vector<std::uint64_t> counted = engine_toggles(reference, streams);
  EXPECT_THAT(mismatches(reference, counted, expected), ::testing::IsEmpty());
  std::uint64_t total = 0;
  for (const std::uint64_t toggles : expected) total += toggles;
  EXPECT_GT(total, streams.size() * 200 * 10);
  RecordProperty("transitions", static_cast<int>(streams.size() * 200));
  RecordProperty("toggles", std::to_string(total));
}

INSTANTIATE_TEST_SUITE_P(Netlists, IcarusTest, ::testing::ValuesIn(reference_cases()),
                         [](const auto& chosen) { return case_name(chosen.param); });

}  // namespace
}  // namespace togglewise::gate
