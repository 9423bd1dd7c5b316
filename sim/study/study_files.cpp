#include "sim/study/study_files.h"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/report/console_table.h"
#include "sim/report/number_format.h"

namespace togglewise::study {
namespace {

using report::Json;

Json or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// Five significant digits.
Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.5g}", value).c_str(), nullptr);
}

Json errors_json(const LayerErrors& errors, const std::vector<std::string>& layers) {
  if (errors.of_layer.empty()) return nullptr;
  Json of_layer = Json::object();
  for (std::size_t l = 0; l < layers.size(); ++l) of_layer[layers[l]] = errors.of_layer[l];
  return {{"mean", errors.mean()},
          {"max", errors.max()},
          {"total", errors.total},
          {"layers", of_layer}};
}

Json samples_json(const SampleErrors& samples) {
  return {{"r_squared", samples.r_squared},
          {"weight_error_mean", samples.weight_mean},
          {"weight_error_max", samples.weight_max},
          {"layer_weight_error_mean", samples.layer_weight_mean},
          {"layer_weight_error_max", samples.layer_weight_max},
          {"rank_correlation_min", or_null(samples.rank_min)},
          {"rank_correlation_mean", or_null(samples.rank_mean)}};
}

Json layers_json(const std::vector<std::string>& names, const std::vector<double>& exact_fj,
                 int images) {
  Json layers = Json::array();
  for (std::size_t l = 0; l < names.size(); ++l) {
    layers.push_back(
        {{"name", names[l]}, {"gate_mac_dynamic_nj_per_image", 1e-6 * exact_fj[l] / images}});
  }
  return layers;
}

Json model_result_json(const GroupingStudy& study, const ModelResult& model) {
  Json by_samples = Json::array();
  for (const ErrorAtSamples& at : model.by_samples) {
    by_samples.push_back({{"transitions_per_weight", at.transitions},
                          {"held_out_mean", at.mean},
                          {"held_out_max", at.max},
                          {"r_squared", at.r_squared}});
  }
  return {{"name", model.name},
          {"formula", model.formula},
          {"is_grouping", model.is_grouping},
          {"cells_per_weight", model.cells},
          {"cells", model.cells_of_all},
          {"populated_cells", model.populated_cells},
          {"samples", samples_json(model.samples)},
          {"held_out", errors_json(model.held_out, study.layers)},
          {"tables_of_all_layers", errors_json(model.all_layers, study.layers)},
          {"compressed", errors_json(model.compressed, study.compressed_layers)},
          {"layer_fidelity_held_out", errors_json(model.layer_fidelity, study.layers)},
          {"layer_fidelity_compressed",
           errors_json(model.layer_fidelity_compressed, study.compressed_layers)},
          {"transitions_needed_per_weight", model.transitions_needed},
          {"by_samples", by_samples}};
}

void add_rounded(const char* name, const LayerErrors& errors, Json& figures) {
  if (errors.of_layer.empty()) return;
  figures[name] = {rounded(errors.mean()), rounded(errors.max()), rounded(errors.total)};
}

void add_lines(const ModelResult& model, const char* what, const LayerErrors& errors,
               const std::vector<std::string>& layers, std::string& csv) {
  for (std::size_t l = 0; l < errors.of_layer.size(); ++l) {
    csv += fmt::format("{},{},\"{}\",{}\n", model.name, what, layers[l], 100 * errors.of_layer[l]);
  }
  if (!errors.of_layer.empty()) {
    csv += fmt::format("{},{},all,{}\n", model.name, what, 100 * errors.total);
  }
}

std::string pair_text(const LayerErrors& errors) {
  if (errors.of_layer.empty()) return "–";
  return fmt::format("{} / {}", report::format_digits(100 * errors.mean(), 2),
                     report::format_digits(100 * errors.max(), 2));
}

}  // namespace

Json figures_json(const StudyRun& run, const GroupingStudy& study) {
  Json figures = Json::object();
  for (const ModelResult& model : study.models) {
    const SampleErrors& samples = model.samples;
    Json of_model = {{"cells", model.cells},
                     {"populated_cells", model.populated_cells},
                     {"r_squared", rounded(samples.r_squared)},
                     {"weight_error", {rounded(samples.weight_mean), rounded(samples.weight_max)}},
                     {"layer_weight_error",
                      {rounded(samples.layer_weight_mean), rounded(samples.layer_weight_max)}},
                     {"rank_correlation", {rounded(samples.rank_min), rounded(samples.rank_mean)}}};
    add_rounded("held_out", model.held_out, of_model);
    add_rounded("tables_of_all_layers", model.all_layers, of_model);
    add_rounded("compressed", model.compressed, of_model);
    add_rounded("layer_fidelity_held_out", model.layer_fidelity, of_model);
    add_rounded("layer_fidelity_compressed", model.layer_fidelity_compressed, of_model);
    figures[model.name] = of_model;
  }
  Json json = report::result_header("study grouping figures", run.seed);
  json["hardware"] = run.hardware->name;
  json["timing_of_gates"] = run.timing;
  json["model"] = run.model.name;
  json["images"] = study.images;
  json["transitions_per_weight"] = study.transitions_asked;
  json["figures"] = figures;
  return json;
}

Json study_json(const StudyRun& run, const GroupingStudy& study) {
  Json json = report::result_header("study grouping", run.seed);
  json["hardware"] = report::hardware_json(*run.hardware);
  json["timing_of_gates"] = run.timing;
  json["model"] = report::model_json(run.model);
  json["workload"] = run.workload;
  json["operands"] = run.operand_source;
  json["images"] = study.images;
  json["transitions_per_weight"] = study.transitions_per_weight;
  json["covering_transitions_per_weight"] = study.covering_transitions;
  json["compressed_network"] = run.compressed_source;
  json["compressed_zero_weights"] = study.compressed_zero_weights;
  json["layers"] = layers_json(study.layers, study.exact_fj, study.images);
  json["compressed_layers"] =
      layers_json(study.compressed_layers, study.compressed_exact_fj, study.images);
  Json models = Json::array();
  for (const ModelResult& model : study.models) models.push_back(model_result_json(study, model));
  json["models"] = models;
  json["timing"] = {{"seconds", run.seconds}};
  return json;
}

std::string study_csv(const GroupingStudy& study) {
  std::string csv = "model,error_of,layer,error_percent\n";
  for (const ModelResult& model : study.models) {
    add_lines(model, "held_out", model.held_out, study.layers, csv);
    add_lines(model, "tables_of_all_layers", model.all_layers, study.layers, csv);
    add_lines(model, "compressed", model.compressed, study.compressed_layers, csv);
    add_lines(model, "layer_fidelity_held_out", model.layer_fidelity, study.layers, csv);
    add_lines(model, "layer_fidelity_compressed", model.layer_fidelity_compressed,
              study.compressed_layers, csv);
  }
  return csv;
}

std::string study_text(const GroupingStudy& study) {
  report::ConsoleTable table({{"Model", "", report::ConsoleTable::Align::left},
                              {"Cells", "per weight"},
                              {"Populated", "%"},
                              {"R²", "held out"},
                              {"Held out", "mean / max %"},
                              {"Total", "%"},
                              {"Compressed", "mean / max %"},
                              {"Layer fidelity", "mean / max %"},
                              {"E(w)", "mean / max %"},
                              {"Rank", "least"},
                              {"Needed", "transitions"}});
  bool groupings = true;
  for (const ModelResult& model : study.models) {
    if (groupings && !model.is_grouping) table.add_rule();
    groupings = model.is_grouping;
    const auto percent = [](double fraction) { return report::format_digits(100 * fraction, 2); };
    table.add_row({model.name, report::format_count(model.cells),
                   report::format_fixed(100.0 * static_cast<double>(model.populated_cells) /
                                            static_cast<double>(model.cells_of_all),
                                        0),
                   report::format_fixed(model.samples.r_squared, 4), pair_text(model.held_out),
                   report::format_fixed(100 * model.held_out.total, 2), pair_text(model.compressed),
                   pair_text(model.layer_fidelity),
                   fmt::format("{} / {}", percent(model.samples.layer_weight_mean),
                               percent(model.samples.layer_weight_max)),
                   report::format_fixed(model.samples.rank_min, 4),
                   report::format_count(model.transitions_needed)});
  }
  return table.text();
}

report::StudyPage study_page(const StudyRun& run, const GroupingStudy& study) {
  report::StudyPage page;
  page.study = study_json(run, study);
  for (std::size_t l = 0; l < study.layers.size(); ++l) {
    report::StudyPage::Layer layer;
    layer.name = study.layers[l];
    for (const ModelResult& model : study.models) {
      const WeightCurve& curve = model.weights[l];
      layer.weights = curve.weight;
      layer.measured_fj = curve.measured_fj;
      layer.predicted_fj.push_back(curve.predicted_fj);
    }
    page.weight_energies.push_back(std::move(layer));
  }
  return page;
}

void write_study_files(const StudyRun& run, const GroupingStudy& study,
                       const std::filesystem::path& folder) {
  report::write_result(folder / "study.json", study_json(run, study));
  report::write_result(folder / "figures.json", figures_json(run, study));
  write_file_atomically(folder / "study.csv", study_csv(study));
  write_file_atomically(folder / "study.html", report::study_html(study_page(run, study)));
}

}  // namespace togglewise::study
