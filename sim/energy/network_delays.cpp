#include "sim/energy/network_delays.h"

#include <algorithm>
#include <set>

#include "sim/energy/activation_signs.h"

namespace togglewise::energy {
namespace {

double of_kind(const DelayScope& scope, DelayKind kind) {
  return kind == DelayKind::sta ? scope.sta_ps : scope.sensitized_ps;
}

}  // namespace

double NetworkDelays::longest_ps(DelayKind kind) const {
  double longest_ps = 0;
  for (const LayerDelays& layer : layers) {
    longest_ps = std::max(longest_ps, kind == DelayKind::sta ? layer.sta_ps : layer.sensitized_ps);
  }
  return longest_ps;
}

NetworkDelays network_delays(const WeightDelays& delays, const network::QuantizedNetwork& network,
                             const std::vector<bool>& negated) {
  const std::vector<const network::GemmLayer*> layers = network.gemm_layers();
  const std::vector<bool> nonnegative = nonnegative_inputs(network);
  NetworkDelays result;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    std::set<int> values(layers[l]->weights.begin(), layers[l]->weights.end());
    values.insert(0);  // PEs beside and below the weights
    LayerDelays layer;
    layer.layer = layers[l]->name;
    layer.activations = nonnegative[l] ? Activations::nonnegative : Activations::any;
    layer.signs = negated[l] ? Signs::either : Signs::as_given;
    layer.values.assign(values.begin(), values.end());
    layer.sta_ps =
        longest_delay_ps(delays, layer.values, {DelayKind::sta, layer.signs, layer.activations});
    layer.sensitized_ps = longest_delay_ps(delays, layer.values,
                                           {DelayKind::sensitized, layer.signs, layer.activations});
    result.layers.push_back(std::move(layer));
  }
  return result;
}

std::string to_string(Supplied supplied) { return supplied == Supplied::macs ? "macs" : "array"; }

std::vector<VoltageChoice> voltage_choices(const WeightDelays& delays,
                                           const std::vector<DelayScope>& scopes,
                                           const config::HardwareConfig& config) {
  std::vector<VoltageChoice> choices;
  for (const DelayKind kind : {DelayKind::sta, DelayKind::sensitized}) {
    for (const Supplied supplied : {Supplied::macs, Supplied::array}) {
      const double others_ps = supplied == Supplied::array ? delays.accumulator_path_ps : 0;
      const double shortest_ps =
          std::max(others_ps, longest_delay_ps(delays, {kind, Signs::as_given, Activations::any}));
      for (const char* const clock : {"shortest", "configured"}) {
        const double clock_ps =
            std::string(clock) == "shortest" ? shortest_ps : config.clock_period_ps;
        for (const DelayScope& scope : scopes) {
          const double delay_ps = std::max(others_ps, of_kind(scope, kind));
          const auto supply = lowest_supply(config.voltage, delay_ps, clock_ps);
          if (!supply) continue;
          choices.push_back({scope.name, clock, kind, supplied, clock_ps, delay_ps, *supply});
        }
      }
    }
  }
  return choices;
}

}  // namespace togglewise::energy
