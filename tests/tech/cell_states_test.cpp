#include "sim/tech/cell_states.h"

#include <gtest/gtest.h>

namespace togglewise::tech {
namespace {

LibraryPin input(const std::string& name) {
  LibraryPin pin;
  pin.name = name;
  pin.direction = PinDirection::input;
  return pin;
}

// An and-gate of `inputs` inputs A, B, C … with output Y.
LibraryCell and_gate(int inputs) {
  LibraryCell cell;
  std::vector<std::string> names;
  for (int i = 0; i < inputs; ++i) {
    names.emplace_back(1, static_cast<char>('A' + i));
    cell.inputs.push_back(static_cast<int>(cell.pins.size()));
    cell.pins.push_back(input(names.back()));
  }
  LibraryPin output;
  output.name = "Y";
  output.direction = PinDirection::output;
  if (inputs <= kMaxFunctionVariables) {
    std::string function = names[0];
    for (std::size_t i = 1; i < names.size(); ++i) function += " " + names[i];
    output.function = parse_boolean_function(function, names);
  }
  cell.outputs.push_back(static_cast<int>(cell.pins.size()));
  cell.pins.push_back(output);
  return cell;
}

TEST(CellStates, AConditionMayNameOutputs_WhichFollowFromTheInputs) {
  const LibraryCell gate = and_gate(3);
  const CellStates states(gate);
  EXPECT_EQ(count(*states.where("1")), 8U);
  EXPECT_EQ(count(*states.where("A B' | C")), 5U);
  EXPECT_EQ(count(*states.where("Y")), 1U);
  EXPECT_EQ(count(*states.where("A B C Y'")), 0U);
  EXPECT_FALSE(states.where("D").has_value());
  EXPECT_FALSE(states.where("").has_value());
}

TEST(CellStates, SensitisedStates_AreThoseInWhichTheOutputFollows) {
  const LibraryCell gate = and_gate(3);
  const CellStates states(gate);
  EXPECT_EQ(count(*states.sensitised(gate.pins.back(), "B")), 2U);  // A = C = 1
  EXPECT_FALSE(states.sensitised(gate.pins.back(), "Z").has_value());
}

TEST(CellStates, Weights_CountStates_AndLeaveTheRestToTheDefault) {
  const LibraryCell gate = and_gate(3);
  const CellStates states(gate);
  EXPECT_EQ(states.weights({"A", "A' B", ""}), (std::vector<double>{4, 2, 2}));
  EXPECT_EQ(states.weights({"A", "A'", ""}), (std::vector<double>{4, 4, 0}));
  EXPECT_EQ(states.weights({"", ""}), (std::vector<double>{4, 4}));
  EXPECT_EQ(states.weights({"A", "unknown"}), (std::vector<double>{1, 1}));
  EXPECT_EQ(states.weights({"A A'"}), (std::vector<double>{1})) << "no state at all";
  EXPECT_EQ(states.weights({"A'", "B'"}, states.sensitised(gate.pins.back(), "C")),
            (std::vector<double>{4, 4}))
      << "none of them where C matters: all states count";
  EXPECT_DOUBLE_EQ(states.share_of_rest({"A", "B"}), 0.25);
}

TEST(CellStates, BeyondSixInputs_StatesAreStillCounted_UpToTwelve) {
  const LibraryCell wide = and_gate(8);
  const CellStates states(wide);
  // 8 inputs and the output, whose function is not known.
  EXPECT_EQ(count(*states.where("1")), 512U);
  EXPECT_EQ(count(*states.where("A B C D E F G H")), 2U);
  EXPECT_EQ(count(*states.where("A ^ H")), 256U);
  EXPECT_EQ(count(*states.where("Y")), 256U);
  const LibraryCell too_wide = and_gate(14);
  EXPECT_FALSE(CellStates(too_wide).where("A").has_value());
  EXPECT_EQ(CellStates(too_wide).weights({"A", "B C"}), (std::vector<double>{1, 1}));
}

}  // namespace
}  // namespace togglewise::tech
