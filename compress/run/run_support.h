// What the runs of both commands share: how they report, and which input they stand for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "sim/base/progress.h"
#include "sim/config/workload_config.h"
#include "sim/network/dataset.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress {

struct Reporter {
  ProgressFunction progress = no_progress;
  std::function<void(const std::string&)> note = [](const std::string&) {};  // one line for people
};

// Seconds since it was made.
class Stopwatch {
 public:
  Stopwatch();
  double seconds() const;

 private:
  std::int64_t start_ns_;
};

// A hash of the images and labels.
std::string dataset_hash(const network::Dataset& dataset);

// Throws TW-TRAIN-004 when `network` does not take the workload's images or has another number of
// classes; `source` is the file named in the message.
void require_fit(const network::QuantizedNetwork& network, const network::Dataset& dataset,
                 const config::WorkloadConfig& workload, const std::string& source);

// "cpu" or "cuda". Throws TW-TRAIN-006 for a device that libtorch here does not have.
torch::Device device_of(const std::string& device, const std::string& source);

// Result files: indented, and a newline at the end.
void write_json(const nlohmann::json& value, const std::filesystem::path& file);

nlohmann::json workload_json(const config::WorkloadConfig& workload);

}  // namespace togglewise::compress
