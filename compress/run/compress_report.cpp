#include "compress/run/compress_report.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compress/run/accuracy.h"

namespace togglewise::compress {

namespace {

nlohmann::json layer_json(const network::GemmLayer& layer, const energy::LayerCost& cost) {
  std::array<std::size_t, energy::kWeightValues> histogram{};  // index v + 128
  for (const std::int8_t w : layer.weights) ++histogram[energy::weight_index(w)];
  const auto distinct = static_cast<std::size_t>(
      std::count_if(histogram.begin(), histogram.end(), [](std::size_t n) { return n > 0; }));
  return {{"energy_fj_per_image", energy::layer_energy_fj(cost, layer.weights)},
          {"zero_weights", histogram[energy::weight_index(0)]},
          {"distinct_values", distinct},
          {"weight_histogram", histogram},
          {"cost_fj_per_transition", cost.energy_fj},
          {"transitions_per_weight", cost.transitions_per_weight}};
}

nlohmann::json accuracy_json(const std::vector<std::uint8_t>& before,
                             const std::vector<std::uint8_t>& after) {
  const AccuracyDrop drop = accuracy_drop(before, after);
  return {{"before", accuracy_of(before).to_json()},
          {"after", accuracy_of(after).to_json()},
          {"drop_points", drop.points},
          {"drop_standard_error_points", drop.standard_error_points}};
}

}  // namespace

double MeasuredNetwork::energy_fj() const {
  const std::vector<const network::GemmLayer*> layers = network.gemm_layers();
  double energy_fj = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    energy_fj += energy::layer_energy_fj(costs[l], layers[l]->weights);
  }
  return energy_fj;
}

nlohmann::json compress_json(const CompressResult& result) {
  const double before_fj = result.before.energy_fj();
  const double after_fj = result.after.energy_fj();
  const std::vector<const network::GemmLayer*> before = result.before.network.gemm_layers();
  const std::vector<const network::GemmLayer*> after = result.after.network.gemm_layers();
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t l = 0; l < after.size(); ++l) {
    layers.push_back({{"name", after[l]->name},
                      {"weights", after[l]->weights.size()},
                      {"output_pixels", after[l]->gemm().output_pixels},
                      {"permitted_values", after[l]->permitted_values},
                      {"before", layer_json(*before[l], result.before.costs[l])},
                      {"after", layer_json(*after[l], result.after.costs[l])}});
  }
  nlohmann::json json;
  json["accuracy"] = {{"holdout", accuracy_json(result.holdout_before, result.holdout_after)},
                      {"test", accuracy_json(result.test_before, result.test_after)}};
  json["energy"] = {{"fidelity", "layer"},
                    {"before_fj_per_image", before_fj},
                    {"after_fj_per_image", after_fj},
                    {"reduction_percent", 100.0 * (1.0 - after_fj / before_fj)}};
  json["layers"] = layers;
  json["trials"] = result.trials;
  json["chosen_trial"] =
      result.chosen_trial ? nlohmann::json(*result.chosen_trial) : nlohmann::json();
  return json;
}

std::string trial_line(const nlohmann::json& record) {
  std::string sets;
  for (const nlohmann::json& layer : record.at("layers")) {
    sets += fmt::format("{}{} {}", sets.empty() ? "" : ", ", layer.at("name").get<std::string>(),
                        layer.at("permitted_values").get<std::size_t>());
  }
  return fmt::format(
      "trial {}: multiplier {:.3g}, energy -{:.1f} %, top-1 lost {:.2f} ± {:.2f} "
      "points: {} (values: {})",
      record.at("trial").get<int>(), record.at("multiplier").get<double>(),
      record.at("energy_reduction_percent").get<double>(), record.at("drop_points").get<double>(),
      record.at("drop_standard_error_points").get<double>(),
      record.at("accepted").get<bool>() ? "accepted" : "refused", sets);
}

}  // namespace togglewise::compress
