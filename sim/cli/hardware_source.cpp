#include "sim/cli/hardware_source.h"

#include "sim/base/error.h"

namespace togglewise::cli {

HardwareSource load_hardware(const std::filesystem::path& file) {
  if (file.extension() != ".cfg") return {config::read_hardware_config(file), std::nullopt};
  const topology::ScaleSimConfig scalesim = topology::read_scalesim_config(file);
  return {topology::to_hardware_config(scalesim), scalesim};
}

void require_cell_library(const HardwareSource& hardware) {
  if (!hardware.scalesim) return;
  throw Error::input("TW-CLI-007", "a SCALE-Sim configuration names no cell library")
      .at(hardware.config.file.string())
      .expected("fidelity cycles or toggles, or a hardware configuration in YAML")
      .hint("hw_configs/ws64x64_osu018.yaml is one to copy");
}

}  // namespace togglewise::cli
