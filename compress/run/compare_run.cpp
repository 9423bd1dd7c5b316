#include "compress/run/compare_run.h"

#include <optional>

#include "compress/run/compare_report.h"
#include "compress/run/compress_settings.h"
#include "compress/select/make_method.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"

namespace togglewise::compress {

namespace {

// Says which input a finished compress.json belongs to.
constexpr const char* finished_file = ".finished.json";

std::string hash_of_file(const std::filesystem::path& file) {
  return file.empty() ? "" : hash_bytes(read_file(file));
}

// Everything that a result depends on, but for the images: a workload's files are taken to stay.
std::string input_key(const CompressOptions& options, const std::string& method) {
  const nlohmann::json input = {kVersion,
                                method,
                                hash_of_file(options.workload),
                                hash_of_file(options.files.model),
                                hash_of_file(options.files.init),
                                hash_of_file(options.files.teacher),
                                options.provenance,
                                options.max_accuracy_drops,
                                options.margin_standard_errors,
                                options.pareto,
                                options.budget_seconds,
                                options.energy_images,
                                options.activation_bits.value_or(-1),
                                options.trials,
                                options.epochs,
                                options.continued_epochs.value_or(-1),
                                options.largest_set.value_or(-1),
                                options.seed,
                                identity_of_limits(options)};
  return hash_bytes(input.dump());
}

std::optional<nlohmann::json> finished_result(const CompressOptions& options,
                                              const std::string& key) {
  const std::filesystem::path result = options.out / "compress.json";
  if (options.fresh || !std::filesystem::exists(options.out / finished_file) ||
      !std::filesystem::exists(result)) {
    return std::nullopt;
  }
  try {
    const nlohmann::json finished = nlohmann::json::parse(read_file(options.out / finished_file));
    const std::string text = read_file(result);
    if (finished.at("input") != key || finished.at("result") != hash_bytes(text)) {
      return std::nullopt;
    }
    return nlohmann::json::parse(text);
  } catch (const Error&) {
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;  // damaged: the method runs again, from its trials
}

ComparedMethod run_method(const CompressOptions& common, const std::string& method,
                          const HardwareModel& hardware, const Reporter& reporter) {
  CompressOptions options = common;
  options.method = make_method(method);
  options.out = common.out / method;
  const std::string key = input_key(options, method);
  if (std::optional<nlohmann::json> result = finished_result(options, key)) {
    reporter.note(method + " is taken from " + options.out.string());
    return {method, method, std::move(*result)};
  }
  reporter.note("method " + method);
  ComparedMethod compared{method, method, run_compress(options, hardware, reporter)};
  write_json({{"input", key}, {"result", hash_bytes(read_file(options.out / "compress.json"))}},
             options.out / finished_file);
  return compared;
}

}  // namespace

nlohmann::json run_compare(const CompressOptions& options, const std::vector<std::string>& methods,
                           const HardwareModel& hardware, const Reporter& reporter) {
  std::vector<ComparedMethod> compared;
  for (const std::string& method : methods) {
    compared.push_back(run_method(options, method, hardware, reporter));
  }
  return compare_json(compared);
}

}  // namespace togglewise::compress
