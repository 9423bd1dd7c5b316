#include "sim/tech/mac_contract.h"

#include <fstream>

#include "sim/base/files.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

Error contract_error(const std::string& file, const MacWidths& widths = {}) {
  const Netlist netlist = synthesized(request({data_file(file)}, "mac"));
  return error_of([&] { require_mac_contract(netlist, widths); });
}

// Parameters as a configuration gives them, whether or not the module has them.
SynthesisRequest own_request(const std::vector<std::filesystem::path>& files,
                             const std::string& top = "mac", const MacWidths& widths = {}) {
  return request(files, top,
                 {{"WEIGHT_BITS", widths.weight_bits},
                  {"ACTIVATION_BITS", widths.activation_bits},
                  {"PARTIAL_SUM_BITS", widths.partial_sum_bits}});
}
Error port_error(const std::string& file, const MacWidths& widths = {}) {
  return error_of(
      [&] { require_mac_ports(own_request({data_file(file)}, "mac", widths), widths); });
}

TEST(MacContract, OurMac_KeepsIt_AtEveryPartialSumWidth) {
  for (const int bits : {18, 22, 24}) {
    const Netlist mac = synthesized(mac_request(bits));
    EXPECT_NO_THROW(require_mac_contract(mac, {8, 8, bits}));
    EXPECT_EQ(mac_widths(mac).partial_sum_bits, bits);
  }
}

TEST(MacContract, BoothMacs_KeepIt_AtOddWidthsToo) {
  for (const char* top : {"mac_booth", "mac_booth_activation"}) {
    const Netlist mac = synthesized(booth_request(top, 5, 7));
    EXPECT_NO_THROW(require_mac_contract(mac, {5, 7, 18}));
    EXPECT_NO_THROW(require_mac_ports(booth_request(top, 5, 7), {5, 7, 18}));
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
  const Error two = contract_error("mac_two_stages.sv");
  EXPECT_EQ(two.id(), "TW-NET-007");
  EXPECT_THAT(two.message(), HasSubstr("of module 'mac' mixes values of different cycles"));
  EXPECT_EQ(contract_error("mac_unregistered.sv").id(), "TW-NET-007");
  const Error none = contract_error("mac_activation_unregistered.sv");
  EXPECT_EQ(none.id(), "TW-NET-007");
  EXPECT_THAT(none.message(), HasSubstr("activation_out of module 'mac' lies behind no register"));
}

TEST(MacContract, RegistersBeforeTheLogic_KeepItToo) {
  EXPECT_NO_THROW(require_mac_contract(
      synthesized(request({data_file("mac_registered_inputs.sv")}, "mac")), {}));
}

TEST(MacPorts, AMisspelledPort_IsReported_BeforeSynthesis_WithFileLineAndNearestName) {
  const Error error = port_error("mac_misspelled_port.sv");
  EXPECT_EQ(error.id(), "TW-NET-006");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.file(), EndsWith("mac_misspelled_port.sv"));
  EXPECT_EQ(error.line(), 2);
  EXPECT_THAT(error.message(), HasSubstr("there is no port activation_in, only activation_inn"));
  EXPECT_EQ(error.expected(), "input [7:0] activation_in");
  EXPECT_THAT(error.hint(), HasSubstr("input clk, input [7:0] weight, input [7:0] activation_in, "
                                      "input [21:0] partial_sum_in, output [7:0] activation_out, "
                                      "output [21:0] partial_sum_out"));
}

TEST(MacPorts, AWrongDirection_IsReported) {
  const Error error = port_error("mac_wrong_direction.sv");
  EXPECT_EQ(error.id(), "TW-NET-006");
  EXPECT_THAT(error.message(), HasSubstr("port activation_out is an inout of 8 bits"));
  EXPECT_EQ(error.expected(), "output [7:0] activation_out");
}

TEST(MacPorts, AMacOfFixedWidths_FitsItsWidthsOnly) {
  const MacWidths fixed{6, 5, 15};
  const SynthesisRequest fitting = own_request({data_file("mac_fixed_widths.sv")}, "mac", fixed);
  EXPECT_NO_THROW(require_mac_ports(fitting, fixed));
  const SynthesisResult result = synthesize_mac(fitting, fixed);
  const Netlist mac = Netlist::read(result.json_file, CellLibrary::read(fitting.liberty_file));
  EXPECT_NO_THROW(require_mac_contract(mac, fixed));

  const Error error = port_error("mac_fixed_widths.sv", {6, 8, 20});
  EXPECT_EQ(error.id(), "TW-NET-006");
  EXPECT_THAT(error.message(), HasSubstr("port activation_in is an input of 5 bits"));
  EXPECT_EQ(error.expected(), "input [7:0] activation_in");
  EXPECT_THAT(error.hint(), HasSubstr("'mac' has no parameter ACTIVATION_BITS"));
}

TEST(MacPorts, AParameterThatIsNotObeyed_IsNamed) {
  const Error error = port_error("mac_ignored_parameter.sv");
  EXPECT_THAT(error.message(), HasSubstr("port partial_sum_out is an output of 20 bits"));
  EXPECT_THAT(error.hint(), HasSubstr("has to follow parameter PARTIAL_SUM_BITS"));
}

TEST(MacPorts, AMissingTopModule_IsReported_WithTheNearestOne) {
  const Error error = error_of(
      [] { require_mac_ports(own_request({data_file("own_mac.sv")}, "dot_product"), {}); });
  EXPECT_EQ(error.id(), "TW-SYN-002");
  EXPECT_THAT(error.message(), HasSubstr("no module 'dot_product'"));
  EXPECT_EQ(error.expected(), "one of dot_product_cell");
  EXPECT_EQ(error.hint(), "did you mean 'dot_product_cell'?");
}

TEST(MacPorts, AFileThatWasNotListed_IsReported_WithTheMissingModule) {
  const Error error = error_of(
      [] { require_mac_ports(own_request({data_file("own_mac.sv")}, "dot_product_cell"), {}); });
  EXPECT_EQ(error.id(), "TW-SYN-002");
  EXPECT_THAT(error.message(), HasSubstr("`fused_array'"));
  EXPECT_THAT(error.hint(), HasSubstr("list the file with that module"));
}

TEST(MacPorts, RtlThatYosysRefuses_IsReported_WithFileAndLine) {
  const Error error = port_error("mac_packed_array.sv");
  EXPECT_EQ(error.id(), "TW-SYN-002");
  EXPECT_EQ(error.line(), 4);
  EXPECT_THAT(error.message(), HasSubstr("yosys cannot read the RTL: syntax error"));
  EXPECT_THAT(error.file(), EndsWith("mac_packed_array.sv"));
  EXPECT_THAT(error.hint(), HasSubstr("packed arrays"));
  EXPECT_EQ(error_of([] { require_mac_ports(request({}, "mac"), {}); }).id(), "TW-SYN-003");
}

TEST(MacPorts, LatchesAndThreeStateDrivers_AreReported_WithTheLineOfTheRtl) {
  const Error latch = port_error("mac_latch.sv");
  EXPECT_EQ(latch.id(), "TW-SYN-007");
  EXPECT_THAT(latch.message(), HasSubstr("latch"));
  EXPECT_THAT(latch.file(), EndsWith("mac_latch.sv"));
  EXPECT_EQ(latch.line(), 11);
  const Error driver = port_error("mac_tristate.sv");
  EXPECT_EQ(driver.id(), "TW-SYN-007");
  EXPECT_THAT(driver.message(), HasSubstr("three-state"));
  EXPECT_THAT(driver.file(), EndsWith("mac_tristate.sv"));
}

TEST(MacSynthesis, OurMac_IsTheSameNetlist_CheckedOrNot) {
  const SynthesisRequest request = mac_request();
  EXPECT_EQ(synthesize_mac(request, {}).key, synthesize(request).key);
}

TEST(MacSynthesis, AMacInSeveralFilesWithOwnNames_Works) {
  const SynthesisRequest request = own_mac_request();
  const SynthesisResult result = synthesize_mac(request, {});
  const Netlist mac = Netlist::read(result.json_file, CellLibrary::read(request.liberty_file));
  EXPECT_EQ(mac.top(), "dot_product_cell");
  EXPECT_NO_THROW(require_mac_contract(mac, {}));
}

TEST(MacSynthesis, ABrokenContract_CostsNoSynthesis_AndLeavesNothingInTheCache) {
  const TemporaryDirectory cache;
  SynthesisRequest request = own_request({data_file("mac_misspelled_port.sv")});
  request.cache_folder = cache.path();
  EXPECT_EQ(error_of([&] { synthesize_mac(request, {}); }).id(), "TW-NET-006");
  EXPECT_TRUE(std::filesystem::is_empty(cache.path()));
}

}  // namespace
}  // namespace togglewise::tech
