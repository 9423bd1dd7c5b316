#include "sim/gate/inertial_network.h"

#include "sim/gate/inertial_program.h"
#include "tests/gate/inertial_fixture.h"

namespace togglewise::gate {
namespace {

TEST(TimeSet, PointsAreFoundInOrder_AcrossWords) {
  TimeSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.last(), TimeSet::kNone);
  for (const int time : {130, 5, 64, 63}) set.add(time);
  EXPECT_EQ(set.first(), 5);
  EXPECT_EQ(set.next(6), 63);
  EXPECT_EQ(set.next(64), 64);
  EXPECT_EQ(set.next(65), 130);
  EXPECT_EQ(set.next(131), TimeSet::kNone);
  EXPECT_EQ(set.last(), 130);
}

TEST(TimeSet, ShiftedPoints_AreAdded_ForAnyShift) {
  for (const int shift : {0, 1, 63, 64, 65, 200}) {
    TimeSet source;
    for (const int time : {0, 1, 62, 63, 64, 190}) source.add(time);
    TimeSet moved;
    moved.add(3);
    moved.add_shifted(source, shift);
    for (const int time : {0, 1, 62, 63, 64, 190}) {
      EXPECT_EQ(moved.next(time + shift), time + shift) << time << " + " << shift;
    }
    EXPECT_EQ(moved.next(3), 3);
    EXPECT_EQ(moved.last(), 190 + shift);
  }
}

TEST(TimeSet, ShortestTime_IsToALaterPoint) {
  TimeSet a;
  TimeSet b;
  a.add(10);
  a.add(20);
  EXPECT_EQ(a.shortest_time_to(b), TimeSet::kForever);
  b.add(10);
  EXPECT_EQ(a.shortest_time_to(b), TimeSet::kForever);
  b.add(17);
  b.add(100);
  EXPECT_EQ(a.shortest_time_to(b), 7);
}

// What the network promises about every net, on the letter of the rule.
TEST(InertialNetwork, NetsChangeOnlyWhereTheNetworkAllowsIt_AndPulsesLast) {
  const InertialModel model = model22(50.0);
  const tech::Netlist& netlist = mac22().netlist;
  QuantumReference reference(netlist, model);
  ScalarEngine scalar(netlist);
  for (const int weight : {93, -1, 0, 1, -128}) {
    const InertialNetwork network = build_inertial_network(netlist, model, weight);
    const Streams streams = random_streams(12, 22, 8);
    std::vector<std::uint8_t> before;
    for (std::size_t t = 0; t < streams.activation.size(); ++t) {
      const std::vector<std::uint8_t> after = settled_values(
          scalar,
          {static_cast<std::int8_t>(weight), streams.activation[t], streams.partial_sum[t]});
      if (t > 0) {
        reference.cycle(before, after);
        for (std::size_t net = 2; net < netlist.nets().size(); ++net) {
          if (static_cast<int>(net) == netlist.clock_net()) continue;
          const InertialSignal& signal = network.signal_of_net[net];
          int last_change = -TimeSet::kForever;
          for (int k = 1; k < reference.quanta(); ++k) {
            const bool rises = !reference.value(net, k - 1) && reference.value(net, k);
            const bool falls = reference.value(net, k - 1) && !reference.value(net, k);
            if (!rises && !falls) continue;
            ASSERT_FALSE(signal.is_constant()) << netlist.nets()[net].name;
            const InertialNode& node = network.nodes[static_cast<std::size_t>(signal.node)];
            const TimeSet& allowed = rises != signal.inverted ? node.rises : node.falls;
            ASSERT_EQ(allowed.next(k - signal.delay), k - signal.delay)
                << netlist.nets()[net].name << " weight " << weight;
            const int shortest = rises != signal.inverted ? node.shortest_low : node.shortest_high;
            if (last_change >= 0) {
              ASSERT_GE(k - last_change, shortest);
            }
            last_change = k;
          }
        }
      }
      before = after;
    }
  }
}

TEST(InertialNetwork, TablesAreCanonical_AndReferOnlyBack) {
  const InertialModel model = model22(50.0);
  for (const int weight : {93, -1, 2}) {
    const InertialNetwork network = build_inertial_network(mac22().netlist, model, weight);
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
      const InertialNode& node = network.nodes[i];
      if (node.kind != InertialNode::Kind::table) continue;
      EXPECT_EQ(node.table & 1, 0);
      EXPECT_LE(node.fanin.size(), 3U);
      EXPECT_GE(node.fanin.size(), 1U);
      for (const InertialNode::Fanin& fanin : node.fanin) {
        EXPECT_LT(fanin.node, static_cast<int>(i));
        EXPECT_GE(fanin.shift, 0);
      }
    }
  }
}

TEST(InertialNetwork, SimpleWeights_LeaveFewerNodes_AndPoints) {
  const InertialModel model = model22(50.0);
  const auto points = [&](int weight) {
    return build_inertial_program(build_inertial_network(mac22().netlist, model, weight))
        .table_points();
  };
  EXPECT_LT(points(0), points(93));
  EXPECT_LT(points(1), points(93));
  EXPECT_LT(points(64), points(93));
}

TEST(InertialNetwork, WithoutAWeight_ItsBitsAreInputs) {
  const InertialNetwork network =
      build_inertial_network(mac22().netlist, model22(50.0), std::nullopt);
  int weight_bits = 0;
  for (const InertialNode& node : network.nodes) {
    if (node.kind == InertialNode::Kind::weight) ++weight_bits;
  }
  EXPECT_EQ(weight_bits, 8);
}

}  // namespace
}  // namespace togglewise::gate
