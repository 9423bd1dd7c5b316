// The search of a compression: the dense network measured, trials of increasing strength trained
// and judged on the images of the limit. Nothing here looks at the images of the final figure.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/run/compress_report.h"
#include "compress/run/compress_settings.h"
#include "compress/run/decision_log.h"
#include "compress/run/trial_store.h"

namespace togglewise::compress {

struct FinishedTrial {
  StoredTrial stored;
  MeasuredNetwork measured;
};

struct SearchResult {
  CompressSettings settings;
  CompressImages images;
  StartingPoint start;
  MeasuredNetwork before = {};  // dense int8
  // 1 where right, on the images of the limit.
  std::vector<std::uint8_t> limit_float = {}, limit_dense = {};
  StrengthRange strengths = {};
  std::vector<FinishedTrial> finished = {};
  nlohmann::json trials = nlohmann::json::array();  // what is known of each, in the same order
  bool stopped_by_budget = false;

  // Index of the trial that saves most of those that keep the limit.
  std::optional<std::size_t> cheapest_within(double limit_points) const;
};

// Goes on with what an interrupted search left in `options.out`. Throws what run_compress() throws.
SearchResult search_trials(const CompressOptions& options, const HardwareModel& hardware,
                           const Reporter& reporter, DecisionLog& log);

}  // namespace togglewise::compress
