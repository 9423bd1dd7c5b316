// Every configuration that is shipped, on its own library: does its MAC keep the contract and the
// clock, and are the energy model's assumptions inside the library's tables?
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/tech/mac_contract.h"
#include "sim/tech/timing.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

std::vector<config::HardwareConfig> shipped_configurations() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "hw_configs")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<config::HardwareConfig> configurations;
  for (const auto& file : files) configurations.push_back(config::read_hardware_config(file));
  return configurations;
}

SynthesisRequest request_for(const config::HardwareConfig& config,
                             const std::vector<std::filesystem::path>& files,
                             const std::string& top,
                             const std::map<std::string, std::int64_t>& parameters) {
  SynthesisRequest result = request(files, top, parameters);
  result.liberty_file = config.technology.liberty;
  result.clock_period_ps = config.clock_period_ps;
  return result;
}

TEST(ShippedConfigurations, EveryMac_KeepsTheContract_AndItsClockWithMargin) {
  for (const config::HardwareConfig& config : shipped_configurations()) {
    const auto& array = config.array;
    const MacWidths widths{array.weight_bits, array.activation_bits, array.partial_sum_bits};
    const SynthesisRequest request = request_for(config, config.mac.rtl, config.mac.top,
                                                 {{"WEIGHT_BITS", widths.weight_bits},
                                                  {"ACTIVATION_BITS", widths.activation_bits},
                                                  {"PARTIAL_SUM_BITS", widths.partial_sum_bits}});
    EXPECT_NO_THROW(require_mac_ports(request, widths)) << config.name;
    const Netlist mac = Netlist::read(synthesize_mac(request, widths).json_file,
                                      CellLibrary::read(request.liberty_file));
    EXPECT_NO_THROW(require_mac_contract(mac, widths)) << config.name;
    const EnergyParameters parameters{config.technology.input_slew_ns,
                                      config.technology.wire_capacitance_ff_per_fanout,
                                      config.clock_period_ps};
    const TimingReport timing = analyze_timing(mac, parameters);
    EXPECT_GT(config.clock_period_ps, 1.3 * timing.critical_path_ps) << config.name;
    // The osu libraries' tables begin at 0.06 ns and, for most cells, end at 1.2 ns.
    EXPECT_GT(config.technology.input_slew_ns, 0.06) << config.name;
    EXPECT_LT(config.technology.input_slew_ns, 1.2) << config.name;
    EXPECT_NEAR(config.technology.input_slew_ns, timing.mean_input_slew_ns,
                0.35 * timing.mean_input_slew_ns)
        << config.name;
    EXPECT_GT(compute_mac_energy(mac, parameters).clock_fj_per_cycle, 0.0) << config.name;
  }
}

TEST(ShippedConfigurations, WeightRegisterAndAccumulator_FitEveryLibrary) {
  for (const config::HardwareConfig& config : shipped_configurations()) {
    for (const auto& [file, top, parameters] :
         {std::tuple{
              "weight_register.sv", "weight_register",
              std::map<std::string, std::int64_t>{{"WEIGHT_BITS", config.array.weight_bits}}},
          std::tuple{"accumulator.sv", "accumulator",
                     std::map<std::string, std::int64_t>{
                         {"PARTIAL_SUM_BITS", config.array.partial_sum_bits},
                         {"ACCUMULATOR_BITS", 32}}}}) {
      const Netlist netlist = synthesized(request_for(config, {rtl_file(file)}, top, parameters));
      const NetlistEnergy energy = compute_netlist_energy(netlist, {});
      EXPECT_GT(energy.clock_fj_per_cycle, 0.0) << config.name << " " << top;
      EXPECT_EQ(energy.totals(Component::other).cells, static_cast<int>(netlist.cells().size()));
    }
  }
}

}  // namespace
}  // namespace togglewise::tech
