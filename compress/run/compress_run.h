// `togglewise compress`: trials of a selection method, one global accuracy limit, the cheapest
// network that keeps it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/run/delay_limit.h"
#include "compress/run/run_support.h"
#include "compress/run/starting_point.h"
#include "compress/select/cost_model.h"
#include "compress/select/hand_sets.h"
#include "compress/select/selection_method.h"

namespace togglewise::compress {

struct CompressOptions {
  std::filesystem::path workload;
  StartingFiles files;
  std::filesystem::path out;
  // Points of top-1 below the float network on the images of the limit, ascending; the network of
  // the last one is `model.onnx`.
  std::vector<double> max_accuracy_drops = {1.0};
  // Standard errors of the measured drop that a trial must stay away from a limit.
  double margin_standard_errors = 0.5;
  std::shared_ptr<const SelectionMethod> method;
  bool pareto = false;        // keep every trial that no other beats, as a model of its own
  double budget_seconds = 0;  // 0: none; else no training starts or goes on that would pass it
  int energy_images = 16;     // reported test images that go through the gates at the end; 0: none
  // In place of the workload's where they are set.
  int trials = 0;
  int epochs = 0;
  std::optional<int> activation_bits;
  std::optional<int> continued_epochs;  // of trials that go on from a milder one; 0: none does
  std::optional<int> largest_set;       // values a layer may have
  // What weights may be from the first step on; every value that either refuses is out.
  std::optional<HandSets> sets;
  std::optional<DelayLimit> delay_limit;
  std::uint64_t seed = 1;
  int threads = 1;
  bool fresh = false;  // do not use trials that lie in `out`
  // What the cost model stands for: goes into the result file, and finished trials are only used
  // again when it is the same. Keys "hardware", "tables" and, where there is one, "mapping".
  nlohmann::json provenance = nlohmann::json::object();
  int weight_bits = 8;
  // How the layers lie on the array, as the cost model takes it to be: goes into the result's
  // metadata (mapping::kMappingMetadata). "": naturally.
  std::string mapping_text;
};

// Leaves model.onnx, traces.h5, compress.json, pareto.csv, log.jsonl (a line a decision) and the
// finished trials in `out`, and returns what compress.json holds. An interrupted run goes on after
// its last finished epoch and ends with the same files; only a time budget can change the result,
// and then compress.json says so.
// Throws TW-COMPRESS-003 when dense int8 is beyond the limits already, TW-COMPRESS-011 and
// TW-COMPRESS-013 for `sets` and `delay_limit` that do not go with the network, TW-COMPRESS-012 for
// an impossible set size.
nlohmann::json run_compress(const CompressOptions& options, const HardwareModel& hardware,
                            const Reporter& reporter);

}  // namespace togglewise::compress
