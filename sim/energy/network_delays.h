// How long the array takes with the weight values that a network has, and what supply voltage that
// allows.
#pragma once

#include <string>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/energy/supply_voltage.h"
#include "sim/energy/weight_delays.h"
#include "sim/network/quantized_network.h"

namespace togglewise::energy {

struct LayerDelays {
  std::string layer;
  Activations activations = Activations::any;  // as the clamps before the layer say
  Signs signs = Signs::as_given;
  std::vector<int> values;  // that its PEs hold: those of its weights and 0, ascending
  double sta_ps = 0;        // longest of these
  double sensitized_ps = 0;
};

struct NetworkDelays {
  std::vector<LayerDelays> layers;
  double longest_ps(DelayKind kind) const;
};

// `negated`: per GEMM layer, whether the mapping negates any of its columns.
NetworkDelays network_delays(const WeightDelays& delays, const network::QuantizedNetwork& network,
                             const std::vector<bool>& negated);

// What stands on the supply whose voltage is lowered.
enum class Supplied {
  macs,  // the MACs alone: the accumulators' supply stays
  array  // accumulators too: their path has to meet the clock as well
};
std::string to_string(Supplied supplied);

// One path at one clock.
struct VoltageChoice {
  std::string scope;  // "all values", "values within the limit", "network"
  std::string clock;  // "shortest": at which every value works at the nominal voltage, or
                      // "configured"
  DelayKind kind = DelayKind::sta;
  Supplied supplied = Supplied::macs;
  double clock_ps = 0;
  double delay_ps = 0;
  SupplyVoltage supply;
};

// The longest path of some weight values, by both kinds of delay.
struct DelayScope {
  std::string name;
  double sta_ps = 0;
  double sensitized_ps = 0;
};

// Every scope (the values of all weights first), at both clocks, by both kinds, with both supplies.
std::vector<VoltageChoice> voltage_choices(const WeightDelays& delays,
                                           const std::vector<DelayScope>& scopes,
                                           const config::HardwareConfig& config);

}  // namespace togglewise::energy
