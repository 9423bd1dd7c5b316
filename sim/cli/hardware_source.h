// The array that a command runs on: a hardware configuration of Togglewise's or of SCALE-Sim's.
#pragma once

#include <filesystem>
#include <optional>

#include "sim/config/hardware_config.h"
#include "sim/topology/scalesim_config.h"

namespace togglewise::cli {

struct HardwareSource {
  config::HardwareConfig config;
  std::optional<topology::ScaleSimConfig> scalesim;  // where the file is a .cfg
};

// A file that ends in .cfg is read as SCALE-Sim's.
HardwareSource load_hardware(const std::filesystem::path& file);

// Throws TW-CLI-007 when the configuration names no cell library: energies need one.
void require_cell_library(const HardwareSource& hardware);

}  // namespace togglewise::cli
