#include "sim/gate/make_mac_engine.h"

#include "tests/gate/inertial_fixture.h"

namespace togglewise::gate {
namespace {

TEST(MakeMacEngine, TimingNames_AreThoseItParses) {
  for (const std::string& name : timing_names()) EXPECT_EQ(to_string(parse_timing(name)), name);
}

TEST(MakeMacEngine, UnknownTiming_IsRefusedWithTheKnownOnes) {
  const Error error = tech::error_of([] { parse_timing("unit"); });
  EXPECT_EQ(error.id(), "TW-GATE-004");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(std::string(error.what()), testing::HasSubstr("unit"));
}

TEST(MakeMacEngine, EachTiming_HasItsEngine) {
  const auto make = [](Timing timing) {
    return make_mac_engine(mac22().netlist, mac22().energy, timing, delays22(), 50.0);
  };
  EXPECT_EQ(make(Timing::zero)->timing(), "zero-delay");
  EXPECT_EQ(make(Timing::inertial)->timing(), "inertial, 50 ps");
}

}  // namespace
}  // namespace togglewise::gate
