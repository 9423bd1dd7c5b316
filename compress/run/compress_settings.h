// What a compression runs with: the workload's settings, and what its options put in their place.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "compress/run/compress_run.h"
#include "compress/run/compress_trial.h"

namespace togglewise::compress {

struct CompressSettings {
  config::WorkloadConfig workload;
  Precision precision = Precision::float32;
  int trials = 0;
  int epochs = 0;
  int continued_epochs = 0;
  int activation_bits = all_activation_bits;
  int largest_set = 0;

  int trial_epochs(bool continued) const { return continued ? continued_epochs : epochs; }
  // Of trials behind the first, as a rule.
  int next_epochs() const { return continued_epochs > 0 ? continued_epochs : epochs; }
};

// Reads the workload. Throws TW-COMPRESS-012 for an impossible set size, and what reading throws.
CompressSettings settings_of(const CompressOptions& options);

TrialParams trial_params(const CompressSettings& settings, const CompressOptions& options,
                         torch::Device device, double strength, bool continued);

// Says which sets given by hand and which delay limit the options have.
nlohmann::json identity_of_limits(const CompressOptions& options);

// Stands for all input of the search: trials of other input are of no use to it.
std::string search_fingerprint(const CompressSettings& settings, const CompressOptions& options,
                               const StartingPoint& start, const std::string& dataset_hash);

// Key "parameters" of compress.json, without what the search finds out.
nlohmann::json parameters_json(const CompressSettings& settings, const CompressOptions& options);

}  // namespace togglewise::compress
