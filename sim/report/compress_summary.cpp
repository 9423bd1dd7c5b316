#include "sim/report/compress_summary.h"

#include <cmath>

#include <fmt/format.h>

#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

std::vector<int> integers_at(const Json& json, const std::string& path) {
  std::vector<int> integers;
  for (const double value : numbers_at(json, path)) {
    if (std::isfinite(value)) integers.push_back(static_cast<int>(value));
  }
  return integers;
}

// 256 counts or energies; anything else cannot be drawn over −128..127.
std::vector<double> per_value_at(const Json& json, const std::string& path) {
  std::vector<double> values = numbers_at(json, path);
  return values.size() == 256 ? values : std::vector<double>();
}

}  // namespace

const CompressSummary::Accuracy* CompressSummary::accuracy_on(const std::string& images) const {
  for (const Accuracy& accuracy : accuracies) {
    if (accuracy.images == images && std::isfinite(accuracy.before + accuracy.after)) {
      return &accuracy;
    }
  }
  return nullptr;
}

std::optional<CompressSummary> compress_summary(const ResultFiles& results) {
  const ResultFile* file = results.first("compress");
  if (file == nullptr) return std::nullopt;
  const Json& json = file->json;
  CompressSummary summary;
  summary.file = file->path;
  summary.max_accuracy_drop_points = number_at(json, "parameters.max_accuracy_drop_points");
  summary.margin_standard_errors = number_at(json, "parameters.margin_standard_errors");
  summary.method = text_at(json, "parameters.selector");
  const Json* in_test = find_value(json, "dataset.limit_in_test_set");
  summary.limit_in_test_set = in_test != nullptr && in_test->is_boolean() && in_test->get<bool>();
  const std::string gates = "energy.gate.";
  summary.gates = {text_at(json, gates + "timing"),
                   number_at(json, gates + "images"),
                   number_at(json, gates + "mac_dynamic.before_fj_per_image"),
                   number_at(json, gates + "mac_dynamic.after_fj_per_image"),
                   number_at(json, gates + "mac_dynamic.reduction_percent"),
                   number_at(json, gates + "mac_dynamic.half_width_percent"),
                   number_at(json, gates + "total_reduction_percent")};
  for (const Json& layer : array_at(json, "layers")) {
    summary.layers.push_back(
        {text_at(layer, "name"), per_value_at(layer, "before.weight_histogram"),
         per_value_at(layer, "after.weight_histogram"), integers_at(layer, "permitted_values"),
         per_value_at(layer, "before.cost_fj_per_transition"),
         number_at(layer, "before.energy_fj_per_image"),
         number_at(layer, "after.energy_fj_per_image")});
  }
  for (const char* images : {"test", "holdout"}) {
    const std::string path = fmt::format("accuracy.{}.", images);
    summary.accuracies.push_back({images, number_at(json, path + "float.top1_percent") / 100,
                                  number_at(json, path + "before.top1_percent") / 100,
                                  number_at(json, path + "after.top1_percent") / 100,
                                  number_at(json, path + "after.images"),
                                  number_at(json, path + "drop_from_float_standard_error_points")});
  }
  const double chosen = number_at(json, "chosen_trial");
  for (const Json& trial : array_at(json, "trials")) {
    const Json* accepted = find_value(trial, "accepted");
    const double number = number_at(trial, "trial");
    summary.trials.push_back(
        {"trial " + format_fixed(number, 0), number_at(trial, "strength"),
         number_at(trial, "holdout.top1_percent") / 100, number_at(trial, "drop_bound_points"),
         number_at(trial, "energy_fj_per_image"),
         accepted != nullptr && accepted->is_boolean() && accepted->get<bool>(), number == chosen});
  }
  return summary;
}

}  // namespace togglewise::report
