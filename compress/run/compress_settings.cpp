#include "compress/run/compress_settings.h"

#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"

namespace togglewise::compress {

CompressSettings settings_of(const CompressOptions& options) {
  CompressSettings settings;
  settings.workload = config::read_workload_config(options.workload);
  const config::WorkloadConfig::Compression& compression = settings.workload.compression;
  settings.precision = precision_of(settings.workload.training.precision);
  settings.trials = options.trials > 0 ? options.trials : compression.trials;
  settings.epochs = options.epochs > 0 ? options.epochs : compression.epochs;
  settings.continued_epochs = options.continued_epochs.value_or(compression.continued_epochs);
  settings.activation_bits = options.activation_bits.value_or(compression.activation_bits);
  settings.largest_set = options.largest_set.value_or(compression.largest_set);
  if (options.largest_set && (*options.largest_set < 2 || *options.largest_set > 255)) {
    throw Error::input("TW-COMPRESS-012", "sets of " + std::to_string(*options.largest_set) +
                                              " weight values are impossible")
        .expected("2 (one value computes nothing) to 255");
  }
  return settings;
}

TrialParams trial_params(const CompressSettings& settings, const CompressOptions& options,
                         torch::Device device, double strength, bool continued) {
  const config::WorkloadConfig& workload = settings.workload;
  TrialParams params;
  params.strength = strength;
  params.epochs.batch_size = workload.training.batch_size;
  params.epochs.plan = {workload.training.gradient_shards, options.threads};
  params.epochs.learning_rate.peak = workload.compression.learning_rate;
  params.epochs.augmentation = augmentation_of(workload);
  params.epochs.precision = settings.precision;
  params.epochs.device = device;
  params.epochs.seed = options.seed;
  params.epochs.epochs = settings.trial_epochs(continued);
  params.sgd = {workload.training.momentum, workload.training.weight_decay};
  params.largest_set = settings.largest_set;
  return params;
}

nlohmann::json identity_of_limits(const CompressOptions& options) {
  nlohmann::json identity = {{"sets", options.sets ? options.sets->text_hash : ""}};
  if (options.delay_limit) {
    identity["delay"] = {options.delay_limit->hash, options.delay_limit->limit_ps,
                         energy::to_string(options.delay_limit->kind)};
  }
  return identity;
}

std::string search_fingerprint(const CompressSettings& settings, const CompressOptions& options,
                               const StartingPoint& start, const std::string& dataset_hash) {
  const nlohmann::json input = {kVersion,
                                settings.workload.text_hash,
                                start.baseline_hash,
                                parameter_hash(start.initial),
                                parameter_hash(start.teacher),
                                dataset_hash,
                                settings.activation_bits,
                                options.provenance,
                                options.method->name(),
                                name_of(settings.precision),
                                settings.epochs,
                                settings.continued_epochs,
                                settings.largest_set,
                                options.seed,
                                identity_of_limits(options)};
  return hash_bytes(input.dump());
}

nlohmann::json parameters_json(const CompressSettings& settings, const CompressOptions& options) {
  const config::WorkloadConfig::Compression& compression = settings.workload.compression;
  return {{"selector", options.method->name()},
          {"max_accuracy_drop_points", options.max_accuracy_drops.back()},
          {"max_accuracy_drops_points", options.max_accuracy_drops},
          {"margin_standard_errors", options.margin_standard_errors},
          {"trials", settings.trials},
          {"epochs", settings.epochs},
          {"continued_epochs", settings.continued_epochs},
          {"learning_rate", compression.learning_rate},
          {"distillation_temperature", compression.distillation_temperature},
          {"largest_set", settings.largest_set},
          {"activation_bits", settings.activation_bits},
          {"precision", name_of(settings.precision)}};
}

}  // namespace togglewise::compress
