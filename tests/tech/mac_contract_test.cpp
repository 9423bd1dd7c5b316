#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;

Error contract_error(const std::string& file, const MacWidths& widths = {}) {
  const Netlist netlist = synthesized(request({data_file(file)}, "mac"));
  return error_of([&] { require_mac_contract(netlist, widths); });
}

TEST(MacContract, OurMac_KeepsIt_AtEveryPartialSumWidth) {
  for (const int bits : {18, 22, 24}) {
    const Netlist mac = synthesized(mac_request(bits));
    EXPECT_NO_THROW(require_mac_contract(mac, {8, 8, bits}));
    EXPECT_EQ(mac_widths(mac).partial_sum_bits, bits);
  }
}

TEST(MacContract, AnotherWidth_IsReported_WithWhatWasExpected) {
  const Netlist mac = synthesized(mac_request(18));
  const Error error = error_of([&] { require_mac_contract(mac, {8, 8, 22}); });
  EXPECT_EQ(error.id(), "TW-NET-006");
  EXPECT_THAT(error.message(), HasSubstr("partial_sum_in is an input of 18 bits"));
  EXPECT_THAT(error.expected(), HasSubstr("input [21:0] partial_sum_in"));
}

TEST(MacContract, MissingAndExtraPorts_AreReported) {
  const Netlist adder = synthesized(request({rtl_file("adder.sv")}, "adder"));
  EXPECT_EQ(error_of([&] { require_mac_contract(adder, {}); }).id(), "TW-NET-006");
  const Error extra = contract_error("mac_extra_port.sv");
  EXPECT_EQ(extra.id(), "TW-NET-006");
  EXPECT_THAT(extra.message(), HasSubstr("enable"));
}

TEST(MacContract, TooManyOrTooFewRegisters_AreReported) {
  EXPECT_EQ(contract_error("mac_two_stages.sv").id(), "TW-NET-007");
  EXPECT_EQ(contract_error("mac_unregistered.sv").id(), "TW-NET-007");
}

}  // namespace
}  // namespace togglewise::tech
