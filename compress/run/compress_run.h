// `togglewise compress`: trials of the global multiplier μ, one accuracy limit, the cheapest
// network that keeps it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/run/run_support.h"
#include "compress/select/cost_model.h"

namespace togglewise::compress {

struct CompressOptions {
  std::filesystem::path workload;
  std::filesystem::path model;
  std::filesystem::path out;
  double max_accuracy_drop = 1.0;  // points of top-1 on training images held out of training
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

// Leaves model.onnx, traces.h5, compress.json and the finished trials in `out`, and returns what
// compress.json holds. An interrupted run goes on after its last finished trial.
nlohmann::json run_compress(const CompressOptions& options, const CostModel& costs,
                            const Reporter& reporter);

}  // namespace togglewise::compress
