// The array and its memories as an architecture description of Accelergy and Timeloop.
#pragma once

#include <string>
#include <vector>

#include "sim/config/hardware_config.h"

namespace togglewise::accelergy {

// Names of the components, with their place in the hierarchy, as ERT and action counts use them.
struct ComponentNames {
  explicit ComponentNames(const config::HardwareConfig& hardware);

  std::string dram, ifmap_sram, filter_sram, ofmap_sram;
  std::string accumulator, skew_registers, deskew_registers, every_cycle;
  std::string weight_register, mac;
};

// architecture.yaml: the tree in which every one of these components is. Timeloop takes its levels
// from the memories, the weight registers and the MACs, and passes over the rest.
std::string architecture_yaml(const config::HardwareConfig& hardware,
                              const std::vector<std::string>& comment);

}  // namespace togglewise::accelergy
