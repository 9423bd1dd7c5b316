#include "sim/tech/verilog_models.h"

#include <fmt/format.h>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

TEST(VerilogExpression, KeepsLibertysBinding_WhereVerilogBindsOtherwise) {
  EXPECT_EQ(verilog_expression("A B^C + !D"), "((A & (B ^ C)) | ~D)");
  EXPECT_EQ(verilog_expression("(!((A B)+C))"), "~((A & B) | C)");
  EXPECT_EQ(verilog_expression("A'*B'"), "(~A & ~B)");
  EXPECT_EQ(verilog_expression("1"), "1'b1");
  EXPECT_EQ(verilog_expression("IQN", {{"IQ", "state"}, {"IQN", "~state"}}), "~state");
  EXPECT_THROW(verilog_expression("(A"), std::invalid_argument);
  EXPECT_THROW(verilog_expression("A +"), std::invalid_argument);
  EXPECT_THROW(verilog_expression("A ) B"), std::invalid_argument);
}

TEST(VerilogIdentifier, IsEscaped_WhereItIsNotASimpleName) {
  EXPECT_EQ(verilog_identifier("n12"), "n12");
  EXPECT_EQ(verilog_identifier("u_adder.n12"), "\\u_adder.n12 ");
  EXPECT_EQ(verilog_identifier("1st"), "\\1st ");
  EXPECT_EQ(verilog_identifier("$x"), "\\$x ");
}

// Every cell that can be simulated, driven with pseudo-random inputs of more steps than a function
// of six variables has rows; registers are clocked in between, with clear and preset pins high.
std::string testbench(const CellLibrary& library) {
  std::string instances;
  std::string outputs;
  int count = 0;
  for (const LibraryCell& cell : library.cells()) {
    if (!cell.unsupported_reason.empty() || cell.outputs.empty()) continue;
    const std::string name = fmt::format("i{}", count++);
    std::string pins;
    int bit = 0;
    for (const int index : cell.inputs) {
      const LibraryPin& pin = cell.pins[static_cast<std::size_t>(index)];
      const bool clock =
          cell.is_register() && cell.flip_flop->clocked_on.find(pin.name) != std::string::npos;
      const bool high = cell.is_register() && (pin.name == "R" || pin.name == "S");
      pins += fmt::format(".{}({}), ", pin.name,
                          clock  ? "clk"
                          : high ? "1'b1"
                                 : fmt::format("inputs[{}]", bit++));
    }
    for (const int index : cell.outputs) {
      const std::string& pin = cell.pins[static_cast<std::size_t>(index)].name;
      instances += fmt::format("  wire {}_{};\n", name, pin);
      pins += fmt::format(".{}({}_{}), ", pin, name, pin);
      outputs += fmt::format("{}{}_{}", outputs.empty() ? "" : ", ", name, pin);
    }
    pins.resize(pins.size() - 2);
    instances += fmt::format("  {} {}({});\n", cell.name, name, pins);
  }
  return fmt::format(R"(`timescale 1ns/10ps
module testbench;
  reg clk = 0;
  reg [5:0] inputs = 0;
  integer t;
{}
  initial begin
    for (t = 0; t < 300; t = t + 1) begin
      inputs = t < 64 ? t : $random;
      #10 clk = 1;
      #10 clk = 0;
      #10 if (t > 0) $display("%b", {{{}}});
    end
    $finish;
  end
endmodule
)",
                     instances, outputs);
}

class VerilogModelsTest : public ::testing::TestWithParam<const char*> {};

TEST_P(VerilogModelsTest, BehaveAsTheVendorsModels) {
  const std::string base = std::string("/usr/share/qflow/tech/") + GetParam();
  if (find_program("iverilog").empty()) GTEST_SKIP() << "iverilog is not installed";
  for (const char* ending : {".lib", ".v"}) {
    if (!std::filesystem::exists(base + ending)) {
      GTEST_SKIP() << base << ending << " is not installed";
    }
  }
  const auto library = CellLibrary::read(base + ".lib");
  std::vector<const LibraryCell*> cells;
  for (const LibraryCell& cell : library->cells()) {
    if (cell.unsupported_reason.empty() && !cell.outputs.empty()) cells.push_back(&cell);
  }
  ASSERT_GT(cells.size(), 25U);
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "models.v",
                        "`timescale 1ns/10ps\n" + write_verilog_models(cells));
  write_file_atomically(folder.path() / "testbench.v", testbench(*library));
  const auto simulate = [&](const std::string& models) {
    const CommandResult compiled =
        run_command({"iverilog", "-o", "simulation", "testbench.v", models}, folder.path());
    EXPECT_EQ(compiled.exit_status, 0) << compiled.output;
    return run_command({"vvp", "-n", "simulation"}, folder.path()).output;
  };
  const std::string ours = simulate("models.v");
  EXPECT_GT(ours.size(), 299 * cells.size());
  EXPECT_EQ(ours.find_first_of("xz"), std::string::npos);
  EXPECT_EQ(ours, simulate(base + ".v"));
}

INSTANTIATE_TEST_SUITE_P(Libraries, VerilogModelsTest,
                         ::testing::Values("osu018/osu018_stdcells", "osu035/osu035_stdcells",
                                           "osu050/osu05_stdcells"),
                         [](const auto& chosen) { return std::string(chosen.param).substr(0, 6); });

}  // namespace
}  // namespace togglewise::tech
