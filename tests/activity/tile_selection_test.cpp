#include "sim/activity/tile_selection.h"

#include <gtest/gtest.h>

#include "tests/gate/gate_fixture.h"

namespace togglewise::activity {
namespace {

array::TileStreams tile(int rows, int columns, const std::vector<std::int8_t>& weights) {
  array::TileOperands operands;
  operands.used_rows = rows;
  operands.used_columns = columns;
  operands.stream_length = 3;
  operands.weights = weights;
  for (int i = 0; i < 3 * rows; ++i) operands.activations.push_back(static_cast<std::int8_t>(i));
  return array::to_streams(operands);
}

TEST(MiddlePe, IsTheNextOneWithAWeight_InReadingOrder) {
  const PeRange middle = middle_pe(tile(3, 3, {1, 1, 1, 1, 5, 1, 1, 1, 1}));
  EXPECT_EQ(middle.row_begin, 1);
  EXPECT_EQ(middle.column_begin, 1);
  EXPECT_TRUE(middle.single());
  const PeRange later = middle_pe(tile(3, 3, {1, 1, 1, 1, 0, 0, 7, 1, 1}));
  EXPECT_EQ(later.row_begin, 2);
  EXPECT_EQ(later.column_begin, 0);
  const PeRange around = middle_pe(tile(2, 2, {0, 9, 0, 0}));
  EXPECT_EQ(around.row_begin, 0);
  EXPECT_EQ(around.column_begin, 1);
  EXPECT_EQ(middle_pe(tile(2, 2, {0, 0, 0, 0})).row_begin, 1);
}

TEST(StimulusOf, AddsUpTheRowsAbove_AndWrapsAtTheWidth) {
  const array::TileStreams streams = tile(3, 1, {100, -3, 7});
  const PeStimulus bottom = stimulus_of(streams, 2, 0, 22);
  EXPECT_EQ(bottom.weight, 7);
  EXPECT_EQ(bottom.activation, (std::vector<std::int8_t>{0, 2, 5, 8, 0}));
  EXPECT_EQ(bottom.partial_sum, (std::vector<std::int32_t>{0, -3, 288, 579, 0}));
  EXPECT_EQ(stimulus_of(streams, 2, 0, 9).partial_sum,
            (std::vector<std::int32_t>{0, -3, -224, 67, 0}));
}

TEST(TileModule, WiresNeighboursTogether) {
  const TileModule module =
      tile_module(gate::mac22().netlist, tile(2, 2, {1, 2, 3, -4}), {0, 2, 0, 2});
  EXPECT_NE(module.verilog.find("mac pe_0_0 ("), std::string::npos) << module.verilog;
  EXPECT_NE(module.verilog.find(".weight(8'd252)"), std::string::npos);
  EXPECT_NE(module.verilog.find(".activation_out(activation_0_1)"), std::string::npos);
  EXPECT_NE(module.verilog.find(".partial_sum_in(partial_sum_1_1)"), std::string::npos);
  EXPECT_NE(module.verilog.find("input [15:0] activation_in"), std::string::npos);
  EXPECT_NE(module.verilog.find("output [43:0] partial_sum_out"), std::string::npos);
  EXPECT_EQ(module.wires.size(), 4U + 4U);
}

}  // namespace
}  // namespace togglewise::activity
