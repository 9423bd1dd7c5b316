#include "sim/gate/small_cones.h"

#include <gtest/gtest.h>

namespace togglewise::gate {
namespace {

InertialNode input_at(int time) {
  InertialNode node;
  node.kind = InertialNode::Kind::activation;
  node.rises.add(time);
  node.falls.add(time);
  return node;
}

std::vector<int> points(const TimeSet& set) {
  std::vector<int> result;
  for (int t = set.next(0); t != TimeSet::kNone; t = set.next(t + 1)) result.push_back(t);
  return result;
}

constexpr std::uint8_t kXor = 0x6;
constexpr std::uint8_t kAnd = 0x8;

TEST(SmallCones, ASignalAgainstItselfLater_GivesAPulse_OrNothingBehindALongerWindow) {
  const std::vector<InertialNode> nodes{input_at(3)};
  SmallCones cones(nodes);
  const std::vector<InertialNode::Fanin> fanin{{0, 0}, {0, 4}};
  const auto pulse = cones.edges(kXor, fanin, 4, 4);
  ASSERT_TRUE(pulse);
  EXPECT_EQ(points(pulse->rises), std::vector<int>{6});
  EXPECT_EQ(points(pulse->falls), std::vector<int>{10});
  EXPECT_EQ(pulse->shortest_high, 4);
  EXPECT_EQ(pulse->shortest_low, TimeSet::kForever);
  const auto swallowed = cones.edges(kXor, fanin, 5, 1);
  ASSERT_TRUE(swallowed);
  EXPECT_TRUE(swallowed->never());
}

TEST(SmallCones, EdgesOfOneInput_AreNotTakenForIndependent) {
  // x ∧ x late: rises with the late one, falls with the early one, and never glitches.
  const std::vector<InertialNode> nodes{input_at(3)};
  SmallCones cones(nodes);
  const auto both = cones.edges(kAnd, {{0, 0}, {0, 2}}, 1, 1);
  ASSERT_TRUE(both);
  EXPECT_EQ(points(both->rises), std::vector<int>{5});
  EXPECT_EQ(points(both->falls), std::vector<int>{3});
  EXPECT_EQ(both->shortest_high, TimeSet::kForever);
}

TEST(SmallCones, NodesBetween_AreSeenThrough) {
  std::vector<InertialNode> nodes{input_at(0), input_at(1)};
  InertialNode gate;
  gate.table = kAnd;
  gate.fanin = {{0, 0}, {1, 0}};
  gate.rise = 2;
  gate.fall = 3;
  nodes.push_back(gate);
  SmallCones cones(nodes);
  // a ∧ (a ∧ b) is 0 from a's fall at once, 1 only from the gate's rise on, at 0 or 1 plus 1.
  const auto edges = cones.edges(kAnd, {{0, 0}, {2, 0}}, 1, 1);
  ASSERT_TRUE(edges);
  EXPECT_EQ(points(edges->rises), (std::vector<int>{1, 2}));
  EXPECT_EQ(points(edges->falls), (std::vector<int>{0, 3}));
}

TEST(SmallCones, MoreThanThreeInputs_AreLeftToTheBounds) {
  std::vector<InertialNode> nodes;
  for (int i = 0; i < 4; ++i) nodes.push_back(input_at(i));
  InertialNode gate;
  gate.table = kXor;
  gate.fanin = {{0, 0}, {1, 0}};
  nodes.push_back(gate);
  SmallCones cones(nodes);
  EXPECT_TRUE(cones.edges(kXor, {{2, 0}, {4, 0}}, 1, 1));
  EXPECT_FALSE(cones.edges(0x96, {{2, 0}, {3, 0}, {4, 0}}, 1, 1));
}

}  // namespace
}  // namespace togglewise::gate
