// Whether a mapping may be used: by this array, for this network.
#pragma once

#include <string>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/mapping/mapping_file.h"
#include "sim/network/quantized_network.h"
#include "sim/network/traces.h"

namespace togglewise::mapping {

// Throws TW-MAP-005 where an order is no permutation of what it orders, or tiles or signs are not
// as many as the layer has on an array of this size. `source` is the file named in messages.
void check_orders(const MappedLayer& layer, int array_rows, int array_columns,
                  const std::string& source);

// The names of what is permitted, as `mapping.allow` lists them.
std::vector<std::string> names_of(const config::HardwareConfig::MappingPermissions& allowed);

// Names of what the hardware has to allow for this mapping (config::mapping_permission_names()).
std::vector<std::string> needed_permissions(const NetworkMapping& mapping);

// Throws TW-MAP-003 (another array), -007 (partial sums may overflow), -008 (something that the
// hardware's `mapping.allow` does not name).
void check_hardware(const NetworkMapping& mapping, const config::HardwareConfig& hardware,
                    const std::string& source);

// Throws TW-MAP-004 (other layers) and -006 (a weight in a negated column whose negative does not
// fit weight_bits). Weights that are no weights of the network, only its shape: leave them empty.
void check_layers(const NetworkMapping& mapping,
                  const std::vector<const network::GemmLayer*>& layers, int weight_bits,
                  const std::string& source);

// Everything of the above, and every layer's mapping into `traces`.
void apply_mapping(const NetworkMapping& mapping, const config::HardwareConfig& hardware,
                   const std::string& source, network::Traces& traces);

}  // namespace togglewise::mapping
