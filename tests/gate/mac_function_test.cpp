#include "sim/gate/mac_function.h"

#include <utility>

#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

using ::testing::HasSubstr;

MacFunctionStats stats_of(const tech::SynthesisRequest& request) {
  return require_mac_function(tech::synthesized(request));
}
Error error_of_file(const std::string& file) {
  const tech::Netlist netlist = tech::synthesized(tech::request({tech::data_file(file)}, "mac"));
  return tech::error_of([&] { require_mac_function(netlist); });
}

TEST(MacFunction, OurMac_IsAMac_ForEveryProduct) {
  const MacFunctionStats stats = require_mac_function(mac22().netlist);
  EXPECT_TRUE(stats.every_product);
  EXPECT_GT(stats.vectors, 8U * 65536U);
}

TEST(MacFunction, BoothMacs_AreMacs_AtEvenAndOddWidths) {
  for (const char* top : {"mac_booth", "mac_booth_activation"}) {
    for (const auto& [weight_bits, activation_bits] :
         {std::pair{8, 8}, std::pair{4, 4}, std::pair{5, 7}, std::pair{7, 6}}) {
      EXPECT_TRUE(stats_of(tech::booth_request(top, weight_bits, activation_bits)).every_product)
          << top << " " << weight_bits << " " << activation_bits;
    }
  }
}

TEST(MacFunction, AMacWithOwnNamesAndAFusedArray_IsAMac) {
  EXPECT_TRUE(stats_of(tech::own_mac_request()).every_product);
}

TEST(MacFunction, AnUnsignedMultiplier_IsReported_WithOperands) {
  const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::data_file("mac_unsigned.sv")}, "mac"));
  const Error error =
      tech::error_of([&] { ZeroDelayEngine(netlist, tech::compute_mac_energy(netlist, {})); });
  EXPECT_EQ(error.id(), "TW-GATE-002");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.message(), HasSubstr("weight 1, activation -128 and partial sum 0 it gives "
                                         "partial_sum_out 128 and activation_out -128"));
  EXPECT_EQ(error.expected(), "partial_sum_out -128 and activation_out -128");
}

TEST(MacFunction, AWrongSignInTheBoothRecoding_IsReported) {
  const Error error = error_of_file("mac_booth_wrong_sign.sv");
  EXPECT_EQ(error.id(), "TW-GATE-002");
  EXPECT_THAT(error.message(), HasSubstr("weight -128, activation 1 and partial sum 0 it gives "
                                         "partial_sum_out 128"));
  EXPECT_THAT(error.expected(), HasSubstr("partial_sum_out -128"));
}

TEST(MacFunction, ATruncatedProduct_IsReported) {
  const Error error = error_of_file("mac_truncated.sv");
  EXPECT_THAT(error.message(), HasSubstr("weight 1, activation 1 and partial sum 0 it gives "
                                         "partial_sum_out 0"));
  EXPECT_THAT(error.expected(), HasSubstr("partial_sum_out 1"));
}

TEST(MacFunction, OneWrongProductOf65536_IsFound) {
  const Error error = error_of_file("mac_one_pair_wrong.sv");
  EXPECT_EQ(error.id(), "TW-GATE-002");
  EXPECT_THAT(error.message(), HasSubstr("weight 83, activation -90 and"));
}

TEST(MacFunction, ACutCarryChain_IsFoundAtAPartialSumCorner) {
  const Error error = error_of_file("mac_cut_carry.sv");
  EXPECT_EQ(error.id(), "TW-GATE-002");
  EXPECT_THAT(error.message(), HasSubstr("partial_sum_out"));
}

TEST(MacFunction, RegistersBeforeTheLogic_AreFollowed) {
  EXPECT_TRUE(
      stats_of(tech::request({tech::data_file("mac_registered_inputs.sv")}, "mac")).every_product);
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
