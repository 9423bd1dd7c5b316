#include "compress/run/delay_limit.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "sim/base/error.h"
#include "sim/energy/activation_signs.h"
#include "sim/energy/network_delays.h"
#include "sim/energy/weight_delays_json.h"

namespace togglewise::compress {

namespace {

using energy::Activations;
using energy::DelayKind;
using energy::Signs;

Error nothing_left(const std::string& layer) {
  return Error::input("TW-COMPRESS-013",
                      "no weight value is left for layer '" + layer + "' under the delay limit");
}

nlohmann::json longest_json(const energy::NetworkDelays& network) {
  return {{"sta_ps", network.longest_ps(DelayKind::sta)},
          {"sensitized_ps", network.longest_ps(DelayKind::sensitized)}};
}

// Dynamic energy alone: what leaks does not go with C·V².
nlohmann::json supply_json(const energy::VoltageChoice& choice, double before_fj, double after_fj) {
  nlohmann::json json = energy::voltage_choice_json(choice);
  json["after_fj_per_image"] = after_fj * choice.supply.energy_factor;
  json["reduction_percent"] = 100.0 * (1.0 - after_fj * choice.supply.energy_factor / before_fj);
  return json;
}

}  // namespace

std::vector<std::vector<int>> values_in_time(const DelayLimit& limit,
                                             const network::QuantizedNetwork& network,
                                             const std::vector<bool>& negated) {
  const std::vector<const network::GemmLayer*> layers = network.gemm_layers();
  const std::vector<bool> nonnegative = energy::nonnegative_inputs(network);
  std::vector<std::vector<int>> sets;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const energy::DelayChoice choice{limit.kind, negated[l] ? Signs::either : Signs::as_given,
                                     nonnegative[l] ? Activations::nonnegative : Activations::any};
    sets.push_back(energy::values_within(limit.delays, limit.limit_ps, choice));
    // −128, whose negative does not exist, is none of a trained network's values.
    sets.back().erase(std::remove(sets.back().begin(), sets.back().end(), -128), sets.back().end());
    if (!sets.back().empty()) continue;
    throw nothing_left(layers[l]->name)
        .at(limit.source)
        .expected(fmt::format("a limit of at least {:.1f} ps, in which the weight 0 settles",
                              energy::delay_ps(limit.delays, 0, choice)));
  }
  return sets;
}

std::vector<std::vector<int>> common_values(const std::vector<std::vector<int>>& a,
                                            const std::vector<std::vector<int>>& b,
                                            const std::vector<std::string>& layer_names) {
  std::vector<std::vector<int>> both(a.size());
  for (std::size_t l = 0; l < a.size(); ++l) {
    std::set_intersection(a[l].begin(), a[l].end(), b[l].begin(), b[l].end(),
                          std::back_inserter(both[l]));
    if (both[l].empty()) {
      throw nothing_left(layer_names[l]).hint("raise the limit, or add faster values to the set");
    }
  }
  return both;
}

nlohmann::json delay_json(const DelayLimit& limit, const network::QuantizedNetwork& before,
                          const network::QuantizedNetwork& after, const std::vector<bool>& negated,
                          double before_fj, double after_fj) {
  const energy::NetworkDelays dense = network_delays(limit.delays, before, negated);
  const energy::NetworkDelays compressed = network_delays(limit.delays, after, negated);
  nlohmann::json json = {{"file", limit.source},
                         {"hash", limit.hash},
                         {"limit_ps", limit.limit_ps},
                         {"delay", energy::to_string(limit.kind)},
                         {"longest_before", longest_json(dense)},
                         {"longest_after", longest_json(compressed)}};
  json["without_voltage"] = {{"before_fj_per_image", before_fj},
                             {"after_fj_per_image", after_fj},
                             {"reduction_percent", 100.0 * (1.0 - after_fj / before_fj)}};
  if (!limit.hardware.voltage.given) return json;
  const energy::DelayChoice sta{DelayKind::sta, Signs::as_given, Activations::any};
  const energy::DelayChoice seen{DelayKind::sensitized, Signs::as_given, Activations::any};
  const std::vector<energy::DelayScope> scopes = {
      {"all values", longest_delay_ps(limit.delays, sta), longest_delay_ps(limit.delays, seen)},
      {"network", compressed.longest_ps(DelayKind::sta),
       compressed.longest_ps(DelayKind::sensitized)}};
  json["with_voltage"] = nlohmann::json::array();
  for (const energy::VoltageChoice& choice :
       voltage_choices(limit.delays, scopes, limit.hardware)) {
    json["with_voltage"].push_back(supply_json(choice, before_fj, after_fj));
  }
  return json;
}

}  // namespace togglewise::compress
