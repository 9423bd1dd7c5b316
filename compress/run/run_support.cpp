#include "compress/run/run_support.h"

#include <chrono>

#include <torch/csrc/api/include/torch/cuda.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"

namespace togglewise::compress {

namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string describe(const network::FeatureMapShape& shape, int classes) {
  return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
         std::to_string(shape.width) + " pixels and " + std::to_string(classes) + " classes";
}

}  // namespace

Stopwatch::Stopwatch() : start_ns_(now_ns()) {}

double Stopwatch::seconds() const { return static_cast<double>(now_ns() - start_ns_) * 1e-9; }

std::string dataset_hash(const network::Dataset& dataset) {
  return hash_bytes(hash_bytes(dataset.pixels.data(), dataset.pixels.size()) +
                    hash_bytes(dataset.labels.data(), dataset.labels.size()));
}

void require_fit(const network::QuantizedNetwork& network, const network::Dataset& dataset,
                 const config::WorkloadConfig& workload, const std::string& source) {
  const auto classes = static_cast<int>(workload.dataset.classes.size());
  if (network.input == dataset.shape && network.classes == classes) return;
  throw Error::input("TW-TRAIN-004", "the model is for " +
                                         describe(network.input, network.classes) +
                                         ", the workload '" + workload.name + "' has " +
                                         describe(dataset.shape, classes))
      .at(source)
      .expected("a model trained for this workload");
}

torch::Device device_of(const std::string& device, const std::string& source) {
  if (device == "cpu") return torch::kCPU;
  if (torch::cuda::is_available()) return torch::kCUDA;
  throw Error::input("TW-TRAIN-006", "'training.device' asks for cuda, which is not there")
      .at(source)
      .expected("a libtorch built with CUDA, and a GPU; or 'device: cpu'");
}

void write_json(const nlohmann::json& value, const std::filesystem::path& file) {
  write_file_atomically(file, value.dump(2) + "\n");
}

nlohmann::json workload_json(const config::WorkloadConfig& workload) {
  return {{"file", workload.file.string()}, {"name", workload.name}, {"hash", workload.text_hash}};
}

}  // namespace togglewise::compress
