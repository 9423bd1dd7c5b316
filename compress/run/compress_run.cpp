#include "compress/run/compress_run.h"

#include <map>
#include <optional>

#include "compress/run/accuracy.h"
#include "compress/run/compress_report.h"
#include "compress/run/compress_search.h"
#include "compress/run/final_figure.h"
#include "compress/run/train_run.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/network/onnx_file.h"

namespace togglewise::compress {

namespace {

class CompressRun {
 public:
  CompressRun(const CompressOptions& options, const HardwareModel& hardware,
              const Reporter& reporter);
  nlohmann::json run();

 private:
  CompressResult choose();
  nlohmann::json report_figure(CompressResult& result);
  void finish_network(network::QuantizedNetwork& network) const;
  void write_pareto();
  nlohmann::json describe(const CompressResult& result) const;

  const CompressOptions& options_;
  const HardwareModel& hardware_;
  const Reporter& reporter_;
  Stopwatch stopwatch_;
  DecisionLog log_;
  SearchResult found_;
};

CompressRun::CompressRun(const CompressOptions& options, const HardwareModel& hardware,
                         const Reporter& reporter)
    : options_(options),
      hardware_(hardware),
      reporter_(reporter),
      log_(options.out / "log.jsonl"),
      found_(search_trials(options, hardware, reporter, log_)) {}

void CompressRun::finish_network(network::QuantizedNetwork& network) const {
  network.metadata = found_.start.baseline.metadata;
  network.metadata["togglewise.baseline"] = options_.files.model.string();
  network.metadata["togglewise.baseline_hash"] = found_.start.baseline_hash;
  network.metadata["togglewise.workload"] = options_.workload.string();
  network.metadata["togglewise.workload_hash"] = found_.settings.workload.text_hash;
  network.metadata["togglewise.seed"] = std::to_string(options_.seed);
  network.metadata["togglewise.method"] = options_.method->name();
  network.metadata["togglewise.version"] = kVersion;
  network.metadata.erase(mapping::kMappingMetadata);
  if (!options_.mapping_text.empty()) {
    network.metadata[mapping::kMappingMetadata] = options_.mapping_text;
  }
}

// The images of the final figure are looked at here and nowhere else. Returns what every limit's
// choice is like on them.
nlohmann::json CompressRun::report_figure(CompressResult& result) {
  reporter_.note("measuring accuracy on test images");
  FinalFigure figure(found_.start, found_.images, hardware_, options_.energy_images,
                     options_.threads, reporter_);
  std::vector<std::vector<std::uint8_t>> hits_of_trials;
  for (std::size_t i = 0; i < found_.finished.size(); ++i) {
    hits_of_trials.push_back(figure.hits_of(found_.finished[i].stored.network));
    const std::vector<std::uint8_t>& after = hits_of_trials.back();
    found_.trials[i]["test"] = accuracy_of(after).to_json();
    found_.trials[i]["test_drop_points"] = accuracy_drop(figure.float_hits(), after).points;
  }
  std::map<std::optional<std::size_t>, nlohmann::json> gates;  // by trial; of dense int8 without
  nlohmann::json limits = nlohmann::json::array();
  for (const double limit : options_.max_accuracy_drops) {
    const std::optional<std::size_t> trial = found_.cheapest_within(limit);
    const network::QuantizedNetwork& network =
        trial ? found_.finished[*trial].stored.network : found_.start.baseline;
    if (gates.count(trial) == 0) gates[trial] = figure.gates_of(network);
    const std::vector<std::uint8_t>& after = trial ? hits_of_trials[*trial] : figure.dense_hits();
    const AccuracyDrop drop = accuracy_drop(figure.float_hits(), after);
    nlohmann::json entry = {{"limit_points", limit},
                            {"trial", nullptr},
                            {"test_drop_points", drop.points},
                            {"test_drop_standard_error_points", drop.standard_error_points},
                            {"gate_energy", gates[trial]}};
    if (trial) entry["trial"] = found_.trials[*trial].at("trial");
    limits.push_back(entry);
    // Ascending: the last limit's network is the result.
    result.reported = {figure.float_hits(), figure.dense_hits(), after};
  }
  log_.add("final figure", {{"images", found_.images.reported.size()},
                            {"first_image", found_.images.reported.front()},
                            {"float_top1_percent", accuracy_of(figure.float_hits()).percent()},
                            {"dense_int8_top1_percent", accuracy_of(figure.dense_hits()).percent()},
                            {"limits", limits}});
  return limits;
}

// The trials that no other beats, each a model of its own.
void CompressRun::write_pareto() {
  if (options_.pareto) {
    require_writable_directory(options_.out / "pareto");
    for (const std::size_t i : pareto_front(found_.trials)) {
      network::QuantizedNetwork network = found_.finished[i].stored.network;
      finish_network(network);
      network.metadata["togglewise.energy_reduction_percent"] =
          found_.trials[i].at("energy_reduction_percent").dump();
      const std::string name =
          "pareto/trial_" + std::to_string(found_.trials[i].at("trial").get<int>()) + ".onnx";
      network::write_onnx(network, options_.out / name);
      found_.trials[i]["model"] = name;
    }
  }
  write_file_atomically(options_.out / "pareto.csv", pareto_csv(found_.trials));
}

nlohmann::json CompressRun::describe(const CompressResult& result) const {
  nlohmann::json json = compress_json(result);
  json["tool"] = "togglewise";
  json["command"] = "compress";
  json["version"] = kVersion;
  json["seed"] = options_.seed;
  json["workload"] = workload_json(found_.settings.workload);
  json["hardware"] = options_.provenance.value("hardware", nlohmann::json());
  json["tables"] = options_.provenance.value("tables", nlohmann::json());
  if (options_.provenance.contains("mapping")) json["mapping"] = options_.provenance["mapping"];
  if (options_.sets) {
    json["sets"] = {{"file", options_.sets->file.string()}, {"hash", options_.sets->text_hash}};
  }
  if (options_.delay_limit) {
    json["delays"] = delay_json(*options_.delay_limit, result.before.network, result.after.network,
                                found_.before.negated_layers(), result.before.energy_fj(),
                                result.after.energy_fj());
  }
  json["dataset"] = images_json(found_.images);
  json["model"] = {{"file", model_file},
                   {"name", result.after.network.name},
                   {"hash", result.after.traces.model_hash}};
  json["baseline"] = {{"file", options_.files.model.string()},
                      {"hash", found_.start.baseline_hash}};
  json["initial"] = found_.start.initial.name;
  json["teacher"] = found_.start.teacher.name;
  json["stopped_by_budget"] = found_.stopped_by_budget;
  json["parameters"] = parameters_json(found_.settings, options_);
  json["parameters"]["strength_range"] = {found_.strengths.low, found_.strengths.high};
  json["timing"] = {{"total_seconds", stopwatch_.seconds()}, {"threads", options_.threads}};
  return json;
}

// The network of the loosest limit; what the others would choose is logged.
CompressResult CompressRun::choose() {
  CompressResult result;
  result.before = found_.before;
  result.after = found_.before;  // what remains when no trial keeps the limit
  for (const double limit : options_.max_accuracy_drops) {
    const std::optional<std::size_t> best = found_.cheapest_within(limit);
    nlohmann::json choice = {{"limit_points", limit}, {"trial", nullptr}};
    if (best) {
      choice["trial"] = found_.trials[*best].at("trial");
      result.chosen_trial = found_.trials[*best].at("trial").get<int>();
      result.after = found_.finished[*best].measured;
    } else {
      reporter_.note("no trial kept the accuracy limit of " + nlohmann::json(limit).dump() +
                     " points: the result is the dense network");
    }
    log_.add("choice", choice);
  }
  return result;
}

nlohmann::json CompressRun::run() {
  CompressResult result = choose();
  finish_network(result.after.network);
  network::check_network(result.after.network, options_.weight_bits,
                         (options_.out / model_file).string());
  const nlohmann::json limits = report_figure(result);
  const nlohmann::json& gates = limits.back().at("gate_energy");
  if (!gates.is_null()) {
    result.after.network.metadata["togglewise.gate_energy"] = gates.dump();
  }
  result.after.traces.model_hash = hash_bytes(network::to_onnx(result.after.network));
  result.limit = {
      found_.limit_float, found_.limit_dense,
      hits(result.after.network, found_.images.limit_set(), found_.images.limit, options_.threads)};
  write_pareto();
  result.trials = found_.trials;
  nlohmann::json json = describe(result);
  json["limits"] = limits;
  if (!gates.is_null()) json["energy"]["gate"] = gates;

  network::write_traces(result.after.traces, options_.out / traces_file);
  network::write_onnx(result.after.network, options_.out / model_file);
  write_json(json, options_.out / "compress.json");
  return json;
}

}  // namespace

nlohmann::json run_compress(const CompressOptions& options, const HardwareModel& hardware,
                            const Reporter& reporter) {
  return CompressRun(options, hardware, reporter).run();
}

}  // namespace togglewise::compress
