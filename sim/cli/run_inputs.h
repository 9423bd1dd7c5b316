// What `simulate` and `validate` run on: a model, and the first test images of its workload.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/config/workload_config.h"
#include "sim/network/dataset.h"
#include "sim/network/quantized_network.h"
#include "sim/network/traces.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

struct LoadedModel {
  network::QuantizedNetwork network;
  report::ModelIdentity identity;
};

// Reads the ONNX file and checks that its weights fit the array.
LoadedModel load_model(const std::filesystem::path& file, const config::HardwareConfig& hardware);

// `given` when it is not empty, else the file that the model's metadata names under `key`: as it
// stands, or relative to the model's folder. Throws TW-CLI-003 when there is none.
std::filesystem::path path_from_model(const std::filesystem::path& given, const LoadedModel& model,
                                      const std::string& key, const std::string& option);

struct TestImages {
  network::Dataset dataset;
  std::vector<std::size_t> indices;
  std::string workload;  // name
  std::string source;    // for people and result files
};

// The first `count` test images. Throws TW-CLI-004 when there are fewer.
TestImages first_test_images(const config::WorkloadConfig& workload, int count);

}  // namespace togglewise::cli
