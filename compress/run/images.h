// Which images a compression may look at, and for what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/config/workload_config.h"
#include "sim/network/dataset.h"

namespace togglewise::compress {

struct CompressImages {
  network::Dataset training;
  network::Dataset test;
  std::vector<std::size_t> train;        // of `training`: gradients and statistics
  std::vector<std::size_t> calibration;  // of `training`: operand traces
  // The accuracy limit is measured on these, which neither training nor the initial weights have
  // seen: images of `training` that `train` held out, or the first ones of `test`.
  std::vector<std::size_t> limit;
  bool limit_in_test = false;
  std::vector<std::size_t> reported;  // of `test`: the final figure, looked at once, at the end

  const network::Dataset& limit_set() const { return limit_in_test ? test : training; }
  std::string limit_name() const;
};

// `split_seed` is the one that `train` split the training set with; "" where the model does not
// say: then the workload must name test images for the limit. Throws TW-COMPRESS-001 when it does
// not, and what reading the dataset throws; `source` is the model's file.
CompressImages read_compress_images(const config::WorkloadConfig& workload,
                                    const std::string& split_seed, const std::string& source);

// Sizes of all sets and the hash of the dataset.
nlohmann::json images_json(const CompressImages& images);

}  // namespace togglewise::compress
