#include "compress/run/compare_report.h"

#include <algorithm>

#include <fmt/core.h>

#include "compress/run/compress_report.h"

namespace togglewise::compress {

namespace {

nlohmann::json trials_json(const nlohmann::json& trials) {
  const std::vector<std::size_t> front = pareto_front(trials);
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < trials.size(); ++i) {
    nlohmann::json trial;
    for (const char* key :
         {"trial", "strength", "energy_fj_per_image", "energy_reduction_percent", "drop_points",
          "drop_standard_error_points", "drop_bound_points", "test_drop_points"}) {
      trial[key] = trials[i].at(key);
    }
    trial["on_front"] = std::find(front.begin(), front.end(), i) != front.end();
    list.push_back(std::move(trial));
  }
  return list;
}

// Of each limit the trial that keeps it, or the dense network.
nlohmann::json limits_json(const nlohmann::json& result) {
  nlohmann::json list = nlohmann::json::array();
  for (const nlohmann::json& limit : result.at("limits")) {
    nlohmann::json reached = {{"limit_points", limit.at("limit_points")},
                              {"trial", limit.at("trial")}};
    for (const nlohmann::json& trial : result.at("trials")) {
      if (trial.at("trial") != limit.at("trial")) continue;
      for (const char* key : {"energy_reduction_percent", "drop_points", "test_drop_points"}) {
        reached[key] = trial.at(key);
      }
    }
    list.push_back(std::move(reached));
  }
  return list;
}

nlohmann::json dense_json(const nlohmann::json& result) {
  const nlohmann::json& accuracy = result.at("accuracy");
  nlohmann::json dense = {{"energy_fj_per_image", result.at("energy").at("before_fj_per_image")}};
  for (const char* set : {"holdout", "test"}) {
    dense[set] = {{"images", accuracy.at(set).at("before").at("images")},
                  {"float_top1_percent", accuracy.at(set).at("float").at("top1_percent")},
                  {"top1_percent", accuracy.at(set).at("before").at("top1_percent")}};
  }
  return dense;
}

}  // namespace

nlohmann::json compare_json(const std::vector<ComparedMethod>& methods) {
  nlohmann::json json;
  json["methods"] = nlohmann::json::array();
  for (const ComparedMethod& method : methods) {
    const nlohmann::json& result = method.result;
    nlohmann::json entry = {{"name", method.name},
                            {"folder", method.folder},
                            {"trials", trials_json(result.at("trials"))},
                            {"limits", limits_json(result)},
                            {"stopped_by_budget", result.at("stopped_by_budget")}};
    if (result.at("energy").contains("gate")) {
      const nlohmann::json& gate = result.at("energy").at("gate");
      entry["gate_mac_dynamic"] = gate.at("mac_dynamic");
    }
    json["methods"].push_back(std::move(entry));
    json["timing"]["seconds"][method.name] = result.at("timing").at("total_seconds");
  }
  const nlohmann::json& first = methods.front().result;
  json["dense"] = dense_json(first);
  json["limits_points"] = first.at("parameters").at("max_accuracy_drops_points");
  for (const char* key : {"tool", "version", "seed", "workload", "hardware", "tables", "dataset",
                          "baseline", "mapping", "sets"}) {
    if (first.contains(key)) json[key] = first.at(key);
  }
  json["command"] = "compare";
  return json;
}

std::string compare_csv(const nlohmann::json& compare) {
  std::string csv =
      "method,trial,strength,energy_reduction_percent,limit_drop_points,"
      "limit_drop_standard_error_points,final_drop_points,on_front\n";
  for (const nlohmann::json& method : compare.at("methods")) {
    for (const nlohmann::json& trial : method.at("trials")) {
      csv += fmt::format(
          "{},{},{:.6g},{:.4f},{:.4f},{:.4f},{:.4f},{}\n", method.at("name").get<std::string>(),
          trial.at("trial").get<int>(), trial.at("strength").get<double>(),
          trial.at("energy_reduction_percent").get<double>(), trial.at("drop_points").get<double>(),
          trial.at("drop_standard_error_points").get<double>(),
          trial.at("test_drop_points").get<double>(), trial.at("on_front").get<bool>() ? 1 : 0);
    }
  }
  return csv;
}

std::string compare_table(const nlohmann::json& compare) {
  std::string text = fmt::format("{:<17}{:>8}{:>10}{:>14}{:>14}{:>10}\n", "method", "limit",
                                 "saved %", "drop, limit", "drop, final", "time s");
  for (const nlohmann::json& method : compare.at("methods")) {
    const auto name = method.at("name").get<std::string>();
    const double seconds = compare.at("timing").at("seconds").at(name);
    for (const nlohmann::json& limit : method.at("limits")) {
      text += fmt::format("{:<17}{:>8.2f}", name, limit.at("limit_points").get<double>());
      if (limit.at("trial").is_null()) {
        text += fmt::format("{:>10}{:>14}{:>14}", "none", "", "");
      } else {
        text += fmt::format(
            "{:>10.1f}{:>14.2f}{:>14.2f}", limit.at("energy_reduction_percent").get<double>(),
            limit.at("drop_points").get<double>(), limit.at("test_drop_points").get<double>());
      }
      text += fmt::format("{:>10.0f}\n", seconds);
    }
  }
  return text;
}

}  // namespace togglewise::compress
