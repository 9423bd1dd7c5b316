#include "sim/study/grouping_study.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/base/error.h"
#include "sim/study/layer_operands.h"
#include "sim/study/simple_models.h"
#include "sim/study/study_model.h"

namespace togglewise::study {
namespace {

constexpr double kStaysWithin = 0.001;  // of the relative error

void check(const network::Traces& traces) {
  if (traces.layers.size() >= 2) return;
  throw Error::input("TW-STUDY-001",
                     fmt::format("'{}' has {} layer with weights: none can be held out",
                                 traces.network_name, traces.layers.size()))
      .expected("a network of two such layers or more");
}

std::vector<std::string> chosen_groupings(const GroupingStudyParams& params) {
  return params.groupings.empty() ? energy::grouping_names() : params.groupings;
}

std::vector<std::string> names_of(const network::Traces& traces) {
  std::vector<std::string> names;
  for (const network::TracedLayer& traced : traces.layers) names.push_back(traced.layer.name);
  return names;
}

double zero_share(const network::Traces& traces) {
  double zeros = 0;
  double weights = 0;
  for (const network::TracedLayer& traced : traces.layers) {
    const auto& all = traced.layer.weights;
    zeros += static_cast<double>(std::count(all.begin(), all.end(), 0));
    weights += static_cast<double>(all.size());
  }
  return zeros / weights;
}

LayerErrors layer_errors(const std::vector<double>& predicted, const std::vector<double>& exact) {
  LayerErrors errors;
  for (std::size_t l = 0; l < exact.size(); ++l) {
    errors.of_layer.push_back(exact[l] > 0 ? predicted[l] / exact[l] - 1 : 0);
  }
  errors.total = std::accumulate(predicted.begin(), predicted.end(), 0.0) /
                     std::accumulate(exact.begin(), exact.end(), 0.0) -
                 1;
  return errors;
}

// What the study of every model needs.
struct Setting {
  const energy::MacHardware& hardware;
  const network::Traces& dense;
  const network::Traces& compressed;
  const GroupingStudyParams& params;
  const StudySamples& samples;
  const LayerOperands& dense_operands;
  const LayerOperands& compressed_operands;
  const std::vector<double>& dense_fj;
  const std::vector<double>& compressed_fj;

  int weight_bits() const { return hardware.config().array.weight_bits; }
};

std::vector<bool> layers_of_half(std::size_t layers, std::size_t half) {
  std::vector<bool> is_in(layers);
  for (std::size_t l = 0; l < layers; ++l) is_in[l] = l % 2 == half;
  return is_in;
}

// Predictions for every layer by tables from the other half of the layers.
struct HeldOut {
  std::vector<double> table_fj;
  std::vector<double> layer_fj;  // at fidelity `layer`
  std::vector<WeightSums> sums;
};

HeldOut predict_held_out(const Setting& setting, const StudyModel& model, std::size_t first_cycles,
                         bool layer_fidelity) {
  const std::size_t layers = setting.dense.layers.size();
  HeldOut held_out{std::vector<double>(layers), std::vector<double>(layers),
                   std::vector<WeightSums>(layers)};
  const int threads = setting.params.threads;
  for (std::size_t half = 0; half < 2; ++half) {
    const energy::EnergyTables tables =
        fit_model(model, setting.weight_bits(), [&](const energy::Segment& segment) {
          return segment.layer % 2 != half && segment.begin < first_cycles;
        });
    const std::vector<bool> wanted = layers_of_half(layers, half);
    const auto add = [&](const std::vector<double>& from, std::vector<double>& to) {
      for (std::size_t l = half; l < layers; l += 2) to[l] = from[l];
    };
    add(setting.dense_operands.energies_fj(tables, wanted, threads), held_out.table_fj);
    if (layer_fidelity) {
      add(layer_fidelity_fj(tables, setting.hardware.shape(), setting.dense, wanted, threads),
          held_out.layer_fj);
    }
    compare_samples(setting.samples, tables, wanted, threads, held_out.sums);
  }
  return held_out;
}

void study_held_out(const Setting& setting, const StudyModel& model, ModelResult& result) {
  for (const std::uint64_t divisor : setting.params.sample_divisors) {
    const bool all = divisor == 1;
    const bool layer_fidelity = all && setting.params.layer_fidelity;
    const HeldOut held_out = predict_held_out(
        setting, model, setting.samples.pool.stream.cycles() / divisor, layer_fidelity);
    const LayerErrors errors = layer_errors(held_out.table_fj, setting.dense_fj);
    const SampleErrors samples = sample_errors(held_out.sums, setting.weight_bits());
    result.by_samples.push_back({setting.samples.pool.transitions / divisor, errors.mean(),
                                 errors.max(), samples.r_squared});
    if (!all) continue;
    result.held_out = errors;
    result.samples = samples;
    result.weights = weight_curves(setting.dense, held_out.sums, setting.weight_bits());
    if (layer_fidelity) result.layer_fidelity = layer_errors(held_out.layer_fj, setting.dense_fj);
  }
  for (auto at = result.by_samples.rbegin(); at != result.by_samples.rend(); ++at) {
    if (at->mean > result.held_out.mean() + kStaysWithin) break;
    result.transitions_needed = at->transitions;
  }
}

void study_all_layers(const Setting& setting, const StudyModel& model, ModelResult& result) {
  const int threads = setting.params.threads;
  const energy::EnergyTables tables =
      fit_model(model, setting.weight_bits(), [](const energy::Segment&) { return true; });
  result.populated_cells = tables.populated_cells();
  const std::vector<bool> dense_layers(setting.dense.layers.size(), true);
  const std::vector<bool> compressed_layers(setting.compressed.layers.size(), true);
  result.all_layers = layer_errors(
      setting.dense_operands.energies_fj(tables, dense_layers, threads), setting.dense_fj);
  result.compressed =
      layer_errors(setting.compressed_operands.energies_fj(tables, compressed_layers, threads),
                   setting.compressed_fj);
  if (!setting.params.layer_fidelity) return;
  result.layer_fidelity_compressed =
      layer_errors(layer_fidelity_fj(tables, setting.hardware.shape(), setting.compressed,
                                     compressed_layers, threads),
                   setting.compressed_fj);
}

ModelResult study_model(const Setting& setting, const StudyModel& model) {
  ModelResult result;
  result.name = model.name;
  result.formula = model.formula;
  result.is_grouping = model.is_grouping;
  result.cells = model.grouping->cells();
  result.cells_of_all = result.cells << setting.weight_bits();
  study_held_out(setting, model, result);
  study_all_layers(setting, model, result);
  return result;
}

}  // namespace

double LayerErrors::mean() const {
  double sum = 0;
  for (const double error : of_layer) sum += std::abs(error);
  return of_layer.empty() ? 0 : sum / static_cast<double>(of_layer.size());
}

double LayerErrors::max() const {
  double most = 0;
  for (const double error : of_layer) most = std::max(most, std::abs(error));
  return most;
}

const ModelResult& GroupingStudy::model(const std::string& name) const {
  return *std::find_if(models.begin(), models.end(),
                       [&](const ModelResult& model) { return model.name == name; });
}

void check_groupings(const GroupingStudyParams& params) {
  std::set<std::string> seen;
  for (const std::string& name : params.groupings) {
    if (!seen.insert(name).second) {
      throw Error::input("TW-STUDY-002", fmt::format("grouping '{}' is named twice", name))
          .expected("every grouping once");
    }
    energy::make_grouping(name, {});
  }
  const std::vector<std::uint64_t>& divisors = params.sample_divisors;
  const bool descends =
      std::adjacent_find(divisors.begin(), divisors.end(), std::less_equal<>()) == divisors.end();
  if (!descends || divisors.empty() || divisors.back() != 1) {
    throw Error::input("TW-STUDY-003", fmt::format("fractions 1/N with N = {} do not end in all",
                                                   fmt::join(divisors, ", ")))
        .expected("every N smaller than the one before, and 1 at the end: 8,4,2,1");
  }
}

GroupingStudy study_groupings(const energy::MacHardware& hardware, const network::Traces& dense,
                              const network::Traces& compressed, const GroupingStudyParams& params,
                              const ProgressFunction& progress) {
  check(dense);
  check(compressed);
  check_groupings(params);
  const std::vector<std::string> names = chosen_groupings(params);

  SampleParams sample_params;
  sample_params.transitions_per_weight = params.transitions_per_weight;
  sample_params.covering_visits = params.covering_visits;
  sample_params.negative_activations = energy::has_negative_activations(compressed);
  sample_params.seed = params.seed;
  sample_params.threads = params.threads;
  const StudySamples samples = measure_samples(hardware, dense, sample_params, progress);

  GroupingStudy study;
  study.layers = names_of(dense);
  study.exact_fj = gate_energies_fj(hardware, dense, params.threads, progress);
  study.compressed_layers = names_of(compressed);
  study.compressed_exact_fj = gate_energies_fj(hardware, compressed, params.threads, progress);
  study.compressed_zero_weights = zero_share(compressed);
  study.images = dense.layers[0].images;
  study.transitions_asked = params.transitions_per_weight;
  study.transitions_per_weight = samples.pool.transitions;
  study.covering_transitions = static_cast<std::uint64_t>(
      std::count(samples.covering.counted.begin(), samples.covering.counted.end(), 1));

  const LayerOperands dense_operands(hardware.shape(), dense);
  const LayerOperands compressed_operands(hardware.shape(), compressed);
  const Setting setting{hardware,
                        dense,
                        compressed,
                        params,
                        samples,
                        dense_operands,
                        compressed_operands,
                        study.exact_fj,
                        study.compressed_exact_fj};
  energy::FitParams fit;
  fit.threads = params.threads;
  std::vector<StudyModel> models;
  for (const std::string& name : names) models.push_back(grouping_model(name, samples, fit));
  for (StudyModel& model : simple_models(samples, dense)) models.push_back(std::move(model));
  for (std::size_t i = 0; i < models.size(); ++i) {
    progress("groupings and other models", i, models.size());
    study.models.push_back(study_model(setting, models[i]));
  }
  progress("groupings and other models", models.size(), models.size());
  return study;
}

}  // namespace togglewise::study
