// docs/cycles.md shows a 4×4 array cycle by cycle: its tables are what the RTL does.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/array/cycle_model.h"
#include "sim/base/files.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {
namespace {

constexpr int size = 4;
constexpr int length = 3;

// All weights are 1 and vector m is (m+1, m+1, …): row r then holds (r+1)·(m+1) for vector m.
std::string held_vectors(const ArrayRegisters& registers) {
  std::string text;
  for (int r = 0; r < size; ++r) {
    if (r > 0) text += ' ';
    for (int c = 0; c < size; ++c) {
      const int sum = registers.signed_partial_sum(r, c);
      text += sum == 0 ? "·" : std::to_string(sum / (r + 1) - 1);
    }
  }
  return text;
}

std::string table_of(int tiles, bool double_buffered) {
  const auto rtl = make_verilated_array({size, size, 8, 8, 18}, RtlStyle::loop, double_buffered);
  const std::vector<std::int8_t> weights(size, 1);
  std::string table;
  int started = 0;
  for (int cycle = 0;; ++cycle) {
    const ControllerRequest request = rtl->settle(started < tiles, length);
    if (!request.busy) return table;
    if (request.weight_shift && request.weight_row == size - 1) ++started;
    const int value = request.activation_valid ? static_cast<int>(request.activation_index) + 1 : 0;
    rtl->clock_edge(weights.data(), std::vector<std::int8_t>(size, std::int8_t(value)).data());
    const ArrayOutput output = rtl->output();
    const std::string phase = request.activation_valid ? "stream"
                              : request.weight_shift   ? "load"
                                                       : "fill, drain";
    table += fmt::format("| {} | {} | {} | {} | `{}` | {} |\n", cycle, phase,
                         request.weight_shift ? std::to_string(request.weight_row) : "",
                         value > 0 ? std::to_string(value - 1) : "", held_vectors(rtl->registers()),
                         output.valid ? std::to_string(output.index) : "");
  }
}

TEST(CyclesDocument, ShowsWhatTheRtlDoes) {
  const std::string document =
      read_file(std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "docs/cycles.md");
  EXPECT_THAT(document, testing::HasSubstr(table_of(1, false)));
  EXPECT_THAT(document, testing::HasSubstr(table_of(2, true)));
}

}  // namespace
}  // namespace togglewise::systemc
