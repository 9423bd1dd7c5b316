// `togglewise train`: a network from scratch (or from weights given), first in real numbers, then
// with fake quantization; measured and written as the integer network it becomes.
#pragma once

#include <cstdint>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "compress/run/run_support.h"

namespace togglewise::compress {

struct TrainOptions {
  std::filesystem::path workload;
  std::filesystem::path
      init;  // ONNX network to start from; "": the workload's architecture, random
  std::filesystem::path out;
  std::uint64_t seed = 1;
  int threads = 1;
  bool fresh = false;  // do not go on from a checkpoint in `out`
};

// Files in `out` of either command.
inline constexpr const char* model_file = "model.onnx";
inline constexpr const char* traces_file = "traces.h5";
inline constexpr const char* float_file =
    "float.pt";  // the network in real numbers, for compression to start from
inline constexpr const char* float_kind = "togglewise float network";

// Leaves model.onnx, traces.h5, float.pt, train.json and a checkpoint in `out`, and returns what
// train.json holds. An interrupted run goes on after its last whole epoch and ends with the same
// files as one that was not interrupted.
nlohmann::json run_train(const TrainOptions& options, const Reporter& reporter);

}  // namespace togglewise::compress
