// A workload small enough to train on in a second: striped images whose class is the stripe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compress/select/cost_model.h"
#include "sim/base/files.h"
#include "sim/network/dataset.h"

namespace togglewise::compress::test {

struct SmallWorkload {
  int training_images = 240;
  int test_images = 60;
  int holdout_images = 40;
  int epochs = 3;
  int quantization_epochs = 1;
  int compression_epochs = 1;
  int trials = 2;
  int largest_set = 0;
  double learning_rate = 0.05;

  // Writes idx files and workload.yaml into `folder`; returns the path of the latter.
  std::filesystem::path write(const std::filesystem::path& folder) const;
};

// Images and labels as idx files `name`-images and `name`-labels.
void write_idx(const network::Dataset& dataset, const std::filesystem::path& folder,
               const std::string& name);

// A made-up cost: popcount(|v|) bits to add, twice as dear when negative.
CostModel popcount_costs();

// The JSON without its key "timing", as text.
std::string without_timing(const std::filesystem::path& json_file);

}  // namespace togglewise::compress::test
