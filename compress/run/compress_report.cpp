#include "compress/run/compress_report.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compress/run/accuracy.h"
#include "sim/energy/image_spread.h"

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

// "before" is dense int8; the drop that limits are about is that from the float network.
nlohmann::json accuracy_json(const Hits& hits) {
  const AccuracyDrop drop = accuracy_drop(hits.before, hits.after);
  const AccuracyDrop from_float = accuracy_drop(hits.in_real_numbers, hits.after);
  return {{"float", accuracy_of(hits.in_real_numbers).to_json()},
          {"before", accuracy_of(hits.before).to_json()},
          {"after", accuracy_of(hits.after).to_json()},
          {"drop_points", drop.points},
          {"drop_standard_error_points", drop.standard_error_points},
          {"drop_from_float_points", from_float.points},
          {"drop_from_float_standard_error_points", from_float.standard_error_points}};
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

std::vector<bool> MeasuredNetwork::negated_layers() const {
  std::vector<bool> negated;
  for (const energy::LayerCost& cost : costs) negated.push_back(!cost.negated.empty());
  return negated;
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
  json["accuracy"] = {{"holdout", accuracy_json(result.limit)},
                      {"test", accuracy_json(result.reported)}};
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
      "trial {}: strength {:.3g}, energy -{:.1f} %, top-1 lost {:.2f} ± {:.2f} "
      "points: {} (values: {})",
      record.at("trial").get<int>(), record.at("strength").get<double>(),
      record.at("energy_reduction_percent").get<double>(), record.at("drop_points").get<double>(),
      record.at("drop_standard_error_points").get<double>(),
      record.at("accepted").get<bool>() ? "accepted" : "refused", sets);
}

namespace {

// The half width is that of the 95 % interval over the images.
nlohmann::json reduction_json(double before_fj, double after_fj, const std::vector<double>& before,
                              const std::vector<double>& after, int images) {
  nlohmann::json json = {{"before_fj_per_image", before_fj},
                         {"after_fj_per_image", after_fj},
                         {"reduction_percent", 100.0 * (1.0 - after_fj / before_fj)}};
  const std::optional<double> half_width = energy::half_width_of_ratio(before, after, images);
  if (half_width) json["half_width_percent"] = 100.0 * *half_width;
  return json;
}

}  // namespace

nlohmann::json gate_energy_json(const energy::NetworkEnergy& before,
                                const energy::NetworkEnergy& after) {
  const energy::ImageEnergies a = before.image_energies();
  const energy::ImageEnergies b = after.image_energies();
  const energy::EnergyBreakdown of_a = before.energy_per_image();
  const energy::EnergyBreakdown of_b = after.energy_per_image();
  return {{"timing", after.timing},
          {"images", after.images},
          {"mac_dynamic", reduction_json(of_a.mac_dynamic_fj(), of_b.mac_dynamic_fj(),
                                         a.mac_dynamic_fj, b.mac_dynamic_fj, after.images)},
          {"dynamic", reduction_json(of_a.dynamic_fj(), of_b.dynamic_fj(), a.dynamic_fj,
                                     b.dynamic_fj, after.images)},
          {"total_before_fj_per_image", of_a.total_fj()},
          {"total_after_fj_per_image", of_b.total_fj()},
          {"total_reduction_percent", 100.0 * (1.0 - of_b.total_fj() / of_a.total_fj())}};
}

std::vector<std::size_t> pareto_front(const nlohmann::json& trials) {
  std::vector<std::size_t> order(trials.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto energy = [&](std::size_t i) {
    return trials[i].at("energy_fj_per_image").get<double>();
  };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return energy(a) < energy(b); });
  std::vector<std::size_t> front;
  std::size_t most_correct = 0;
  for (const std::size_t i : order) {
    const std::size_t correct = trials[i].at("holdout").at("correct");
    if (!front.empty() && correct <= most_correct) continue;
    most_correct = correct;
    front.push_back(i);
  }
  return front;
}

std::string pareto_csv(const nlohmann::json& trials) {
  const std::vector<std::size_t> front = pareto_front(trials);
  std::string csv =
      "trial,strength,energy_reduction_percent,limit_drop_points,limit_drop_standard_error_points,"
      "on_front,model\n";
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const nlohmann::json& trial = trials[i];
    const bool on_front = std::find(front.begin(), front.end(), i) != front.end();
    csv += fmt::format(
        "{},{:.6g},{:.4f},{:.4f},{:.4f},{},{}\n", trial.at("trial").get<int>(),
        trial.at("strength").get<double>(), trial.at("energy_reduction_percent").get<double>(),
        trial.at("drop_points").get<double>(), trial.at("drop_standard_error_points").get<double>(),
        on_front ? 1 : 0, trial.value("model", std::string()));
  }
  return csv;
}

}  // namespace togglewise::compress
