// Compression under a limit on delays: only weight values whose MAC settles in time, and what the
// shorter paths that the network then has are worth in supply voltage.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/config/hardware_config.h"
#include "sim/energy/weight_delays.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress {

struct DelayLimit {
  energy::WeightDelays delays;
  std::string source;  // the delays' file
  std::string hash;    // of its content
  double limit_ps = 0;
  energy::DelayKind kind = energy::DelayKind::sta;
  config::HardwareConfig hardware;
};

// The values that each GEMM layer may have, ascending. `negated`: whether the mapping negates any
// of the layer's columns; then a value needs both signs. Throws TW-COMPRESS-013 where a layer is
// left without a value.
std::vector<std::vector<int>> values_in_time(const DelayLimit& limit,
                                             const network::QuantizedNetwork& network,
                                             const std::vector<bool>& negated);

// What `a` and `b` share, layer by layer. Throws TW-COMPRESS-013 where that is nothing.
std::vector<std::vector<int>> common_values(const std::vector<std::vector<int>>& a,
                                            const std::vector<std::vector<int>>& b,
                                            const std::vector<std::string>& layer_names);

// The limit, the longest delays of the dense and of the compressed network, and, where the hardware
// says how delays depend on voltage, the supply that the compressed network's allow: with the
// energy (MAC dynamic, femtojoules per image) at the nominal voltage and at this one, apart.
nlohmann::json delay_json(const DelayLimit& limit, const network::QuantizedNetwork& before,
                          const network::QuantizedNetwork& after, const std::vector<bool>& negated,
                          double before_fj, double after_fj);

}  // namespace togglewise::compress
