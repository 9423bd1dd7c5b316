#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/energy/gating_hardware.h"
#include "sim/energy/mac_hardware.h"
#include "sim/tech/synthesis.h"
#include "sim/tech/timing.h"

namespace togglewise::energy {
namespace {

// Static timing knows no latches: here a clock gate is a wire, and enables lead nowhere.
constexpr const char* kWire =
    "module clock_gate (input clk, input enable, output gated_clk);\n"
    "  assign gated_clk = clk;\nendmodule\n";

// gated_pe.sv calls the MAC `mac`.
std::string mac_under_its_name(const std::string& top) {
  return fmt::format(
      "module mac #(parameter WEIGHT_BITS = 8, parameter ACTIVATION_BITS = 8,\n"
      "             parameter PARTIAL_SUM_BITS = 22)\n"
      "    (input clk, input [WEIGHT_BITS-1:0] weight, input [ACTIVATION_BITS-1:0] activation_in,\n"
      "     input [PARTIAL_SUM_BITS-1:0] partial_sum_in,\n"
      "     output [ACTIVATION_BITS-1:0] activation_out,\n"
      "     output [PARTIAL_SUM_BITS-1:0] partial_sum_out);\n"
      "  {} #(.WEIGHT_BITS(WEIGHT_BITS), .ACTIVATION_BITS(ACTIVATION_BITS),\n"
      "       .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS)) u_mac (.*);\nendmodule\n",
      top);
}

// A file of Togglewise's own beside the netlists that are made of it.
std::filesystem::path own_rtl(const std::string& name, const std::string& text) {
  const std::filesystem::path folder = tech::default_cache_folder();
  require_writable_directory(folder);
  const std::filesystem::path file = folder / name;
  write_file_atomically(file, text);
  return file;
}

tech::Netlist gated_pe(const MacHardware& hardware, const StageOptions& options) {
  const config::HardwareConfig& config = hardware.config();
  const std::filesystem::path rtl(TOGGLEWISE_RTL_DIR);
  tech::SynthesisRequest request;
  request.rtl_files = config.mac.rtl;
  for (const char* name : {"weight_register", "gated_activation", "partial_sum_gate", "gated_pe"}) {
    request.rtl_files.push_back(rtl / (std::string(name) + ".sv"));
  }
  request.rtl_files.push_back(own_rtl("clock_gate_wire.v", kWire));
  if (config.mac.top != "mac") {
    request.rtl_files.push_back(
        own_rtl("mac_" + config.mac.top + ".sv", mac_under_its_name(config.mac.top)));
  }
  request.top = "gated_pe";
  request.parameters = {{"WEIGHT_BITS", config.array.weight_bits},
                        {"ACTIVATION_BITS", config.array.activation_bits},
                        {"PARTIAL_SUM_BITS", config.array.partial_sum_bits},
                        {"IDLE_ROWS", options.idle_rows},
                        {"ZERO_WEIGHT", options.zero_weight},
                        {"ZERO_ACTIVATION", options.zero_activation},
                        {"UNCHANGED_PARTIAL_SUM", options.unchanged_partial_sum}};
  request.liberty_file = config.technology.liberty;
  request.clock_period_ps = config.clock_period_ps;
  return tech::Netlist::read(tech::synthesize(request).json_file,
                             hardware.netlist().library_pointer(), tech::Clocks::several);
}

void require(const MacHardware& hardware, const std::string& what, double takes_ps, double has_ps) {
  if (takes_ps <= has_ps) return;
  const config::HardwareConfig& config = hardware.config();
  throw Error::input("TW-ENERGY-002", fmt::format("clock_period_ps is {} but {} takes {:.0f} ps",
                                                  config.clock_period_ps, what, takes_ps))
      .at(config.file.string())
      .expected(fmt::format("a clock period of at least {:.0f} ps",
                            takes_ps / has_ps * config.clock_period_ps));
}

}  // namespace

GatedTiming gated_timing(const MacHardware& hardware, const GatedStage& stage) {
  GatedTiming timing;
  timing.critical_path_ps = hardware.timing().critical_path_ps;
  if (!stage.options.own_activation()) return timing;
  const tech::EnergyParameters& parameters = hardware.netlist_energy().parameters;
  timing.critical_path_ps =
      tech::analyze_timing(gated_pe(hardware, stage.options), parameters).critical_path_ps;
  const auto add_path = [&](const tech::Netlist& netlist) {
    timing.enable_path_ps =
        std::max(timing.enable_path_ps, tech::analyze_timing(netlist, parameters).latest_output_ps);
  };
  add_path(*stage.activation->part().netlist);
  if (stage.partial_sum) add_path(*stage.partial_sum->part().netlist);
  return timing;
}

GatedTiming require_gated_timing(const MacHardware& hardware, const GatedStage& stage) {
  const GatedTiming timing = gated_timing(hardware, stage);
  const double period_ps = hardware.config().clock_period_ps;
  require(hardware, "the critical path of a PE with gating", timing.critical_path_ps, period_ps);
  require(hardware, "the way of an enable to its clock gate, half a period,", timing.enable_path_ps,
          period_ps / 2);
  return timing;
}

}  // namespace togglewise::energy
