#include "sim/gate/mac_function.h"

#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

using ::testing::HasSubstr;

TEST(MacFunction, OurMac_IsAMac) { EXPECT_NO_THROW(require_mac_function(mac22().netlist)); }

TEST(MacFunction, AnUnsignedMultiplier_IsReported_WithOperands) {
  const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::data_file("mac_unsigned.sv")}, "mac"));
  const Error error =
      tech::error_of([&] { ZeroDelayEngine(netlist, tech::compute_mac_energy(netlist, {})); });
  EXPECT_EQ(error.id(), "TW-GATE-002");
  EXPECT_THAT(error.message(), HasSubstr("weight 1, activation -128"));
  EXPECT_THAT(error.expected(), HasSubstr("partial_sum_out"));
}

TEST(MacFunction, AMacThatIsTooWide_IsReported) {
  tech::SynthesisRequest wide = tech::mac_request(24);
  wide.parameters["WEIGHT_BITS"] = 9;
  const tech::Netlist netlist = tech::synthesized(wide);
  const Error error =
      tech::error_of([&] { ZeroDelayEngine(netlist, tech::compute_mac_energy(netlist, {})); });
  EXPECT_EQ(error.id(), "TW-GATE-001");
  EXPECT_THAT(error.message(), HasSubstr("9 weight"));
}

TEST(MacFunction, ANarrowMac_Works) {
  tech::SynthesisRequest narrow = tech::mac_request(14);
  narrow.parameters["WEIGHT_BITS"] = 4;
  narrow.parameters["ACTIVATION_BITS"] = 5;
  const tech::Netlist netlist = tech::synthesized(narrow);
  const ZeroDelayEngine engine(netlist, tech::compute_mac_energy(netlist, {}));
  EXPECT_EQ(engine.lowest_weight(), -8);
  EXPECT_EQ(engine.highest_weight(), 7);
  BitPlanes out;
  ToggleTally tally;
  engine.run(-8, BitPlanes::from_int8({-16, 15, 3}, 5), BitPlanes::from_int32({0, -8000, 5}, 14),
             out, tally);
  EXPECT_EQ(out.to_int32(), (std::vector<std::int32_t>{128, -8120, -19}));
}

}  // namespace
}  // namespace togglewise::gate
