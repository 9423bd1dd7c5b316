#include "sim/activity/pe_waveforms.h"

#include "sim/activity/activity_energy.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::activity {
namespace {

using gate::engine22;
using gate::mac22;

// Begins and ends with zeros, as the streams of a tile do.
PeStimulus stimulus(int weight, std::size_t cycles) {
  const gate::Streams streams =
      gate::random_streams(cycles, 22, static_cast<std::uint64_t>(weight + 300));
  PeStimulus result{weight, streams.activation, streams.partial_sum};
  result.activation.front() = result.activation.back() = 0;
  result.partial_sum.front() = result.partial_sum.back() = 0;
  return result;
}

const tech::NetlistDelays& delays() {
  static const tech::NetlistDelays instance =
      tech::compute_delays(mac22().netlist, {}, tech::mac_external_loads(mac22().netlist, {}));
  return instance;
}

class SettledTest : public ::testing::TestWithParam<int> {};

TEST_P(SettledTest, TogglesAndEnergy_AreTheEngines) {
  const PeStimulus operands = stimulus(GetParam(), 257);
  const PeWaveforms waveforms = record_settled(mac22().netlist, operands);
  ASSERT_EQ(waveforms.cycles(), 258U);
  const Timeline timeline{8000, 258};
  const std::vector<NetActivity> activity = count_activity(mac22().netlist, waveforms, timeline, 0);

  gate::ToggleTally tally = engine22().make_tally();
  gate::BitPlanes out;
  engine22().run(operands.weight, gate::BitPlanes::from_int8(operands.activation),
                 gate::BitPlanes::from_int32(operands.partial_sum, 22), out, tally);
  for (std::size_t net = 2; net < activity.size(); ++net) {
    if (static_cast<int>(net) == mac22().netlist.clock_net()) continue;
    EXPECT_EQ(activity[net].toggles, engine22().net_toggles(tally, static_cast<int>(net)))
        << mac22().netlist.nets()[net].name;
  }
  ToggleSums sums;
  sums.add(mac22().netlist, activity);
  EXPECT_NEAR(summarize(sums, mac22().energy).total.dynamic_fj(),
              engine22().energy(tally).total_fj(), 1e-9 * engine22().energy(tally).total_fj());
}

INSTANTIATE_TEST_SUITE_P(Weights, SettledTest, ::testing::Values(0, 1, -1, 93, -128));

TEST(CountActivity, TimesFillTheDuration_WhereverThePeLies) {
  const PeWaveforms waveforms = record_settled(mac22().netlist, stimulus(-37, 40));
  const Timeline timeline{7999, 50};  // a period that has no exact half
  const std::vector<NetActivity> first = count_activity(mac22().netlist, waveforms, timeline, 0);
  const std::vector<NetActivity> later = count_activity(mac22().netlist, waveforms, timeline, 9);
  for (std::size_t net = 0; net < first.size(); ++net) {
    EXPECT_EQ(first[net].time_zero_ps + first[net].time_one_ps, timeline.duration_ps());
    EXPECT_EQ(later[net].time_zero_ps + later[net].time_one_ps, timeline.duration_ps());
    // Zeros come before and after, so a delay changes nothing.
    EXPECT_EQ(first[net].toggles, later[net].toggles);
    EXPECT_EQ(first[net].time_one_ps, later[net].time_one_ps);
  }
  const NetActivity& clock = first[static_cast<std::size_t>(mac22().netlist.clock_net())];
  EXPECT_EQ(clock.toggles, 100U);
  EXPECT_EQ(clock.time_one_ps, 50U * 4000U);
  EXPECT_EQ(first[1].time_one_ps, timeline.duration_ps());
}

TEST(RecordInertial, SettlesWhereZeroDelayDoes_AndOnlyAddsPairsOfToggles) {
  const PeStimulus operands = stimulus(-93, 120);
  const gate::InertialModel model = gate::make_inertial_model(mac22().netlist, delays(), 20.0);
  const PeWaveforms inertial = record_inertial(mac22().netlist, model, operands);
  const PeWaveforms settled = record_settled(mac22().netlist, operands);
  ASSERT_EQ(inertial.cycles(), settled.cycles());
  EXPECT_EQ(inertial.initial, settled.initial);
  EXPECT_GT(inertial.changes.size(), settled.changes.size() * 11 / 10);
  EXPECT_LT(inertial.latest_offset_ps(), 8000U);
  // Pulses are swallowed whole: two edges each.
  std::uint64_t swallowed = 0;
  for (const std::uint64_t edges : inertial.swallowed_edges) {
    EXPECT_EQ(edges % 2, 0U);
    swallowed += edges;
  }
  EXPECT_GT(swallowed, 100U);
  EXPECT_GT(inertial.latest_offset_ps(), 1000U);
  for (std::size_t cycle = 0; cycle < settled.cycles(); ++cycle) {
    std::vector<int> parity(mac22().netlist.nets().size(), 0);
    for (const PeWaveforms* one : {&inertial, &settled}) {
      for (std::size_t i = one->cycle_begin[cycle]; i < one->cycle_begin[cycle + 1]; ++i) {
        parity[one->changes[i].net] ^= 1;
        if (i == one->cycle_begin[cycle]) continue;
        EXPECT_GE(one->changes[i].offset_ps, one->changes[i - 1].offset_ps);
      }
    }
    EXPECT_EQ(std::count(parity.begin(), parity.end(), 1), 0) << "cycle " << cycle;
  }
}

}  // namespace
}  // namespace togglewise::activity
