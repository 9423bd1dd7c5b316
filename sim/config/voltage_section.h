// The section `voltage` of a hardware configuration: how delays depend on the supply.
#pragma once

#include "sim/config/hardware_config.h"
#include "sim/config/yaml_reader.h"

namespace togglewise::config {

// Declares the keys; `finish` checks them together and fills in the rest. Throws TW-CFG-013 for
// voltages or points that contradict each other.
class VoltageSection {
 public:
  explicit VoltageSection(HardwareConfig::Voltage& voltage);
  void finish(const YamlDocument& document);

  YamlSection section;

 private:
  void read_points();
  void check_power_law(const YamlDocument& document) const;
  void check_points(const YamlDocument& document) const;

  HardwareConfig::Voltage& voltage_;
  YamlTree points_;
};

}  // namespace togglewise::config
