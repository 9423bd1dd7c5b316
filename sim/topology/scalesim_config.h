// SCALE-Sim's configuration files (*.cfg), for those who have them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/config/hardware_config.h"

namespace togglewise::topology {

struct ScaleSimConfig {
  std::filesystem::path file;
  std::string text_hash;
  std::string run_name = "scale_run";
  int array_height = 32;
  int array_width = 32;
  // Whole buffers, both halves, in units of 1024 words of one byte. SCALE-Sim's own defaults.
  int ifmap_sram_kb = 256;
  int filter_sram_kb = 256;
  int ofmap_sram_kb = 128;
  // InterfaceBandwidth USER: the DRAM gives so many words per cycle and the array may stall.
  // CALC: the bandwidth is what stall-free running needs.
  bool user_bandwidth = false;
  int bandwidth_words_per_cycle = 10;
};

// Keys are found in any case and with ':' or '=', as Python's configparser does; '#' and ';' begin
// comment lines. What does not concern a weight-stationary array's cycles (address offsets, memory
// banks, Ramulator settings) is not looked at. Throws TW-SCALESIM-001 to 004, see the README.
ScaleSimConfig read_scalesim_config(const std::filesystem::path& file);

// The array with 8-bit operands, single-buffered weights and, with USER bandwidth, its memories. It
// names no MAC and no cell library: good for cycles and toggles, not for energies.
config::HardwareConfig to_hardware_config(const ScaleSimConfig& scalesim);

// What of `hardware` SCALE-Sim knows; sizes that are not given are its defaults.
ScaleSimConfig to_scalesim_config(const config::HardwareConfig& hardware);

}  // namespace togglewise::topology
