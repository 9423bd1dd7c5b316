// A workload small enough to train on in a second: striped images whose class is the stripe, as idx
// files or in CIFAR-10's layout.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "compress/run/run_support.h"
#include "compress/select/cost_model.h"
#include "sim/base/files.h"
#include "sim/network/dataset.h"

namespace togglewise::compress::test {

struct SmallWorkload {
  std::string architecture = "lenet5";
  bool cifar = false;  // 3×32×32 in CIFAR-10's files, else 28×28 as idx
  int training_images = 240;
  int test_images = 60;
  int holdout_images = 40;
  int epochs = 3;
  int quantization_epochs = 1;
  int compression_epochs = 1;
  int trials = 2;
  int largest_set = 0;
  int limit_test_images = 0;
  double learning_rate = 0.05;
  double weight_decay = 1e-4;
  std::string precision = "auto";
  std::string device = "cpu";

  // Writes the images and workload.yaml into `folder`; returns the path of the latter.
  std::filesystem::path write(const std::filesystem::path& folder) const;
};

// Images and labels as idx files `name`-images and `name`-labels.
void write_idx(const network::Dataset& dataset, const std::filesystem::path& folder,
               const std::string& name);

// Made-up hardware without gates: popcount(|v|) bits to add, twice as dear when negative.
HardwareModel popcount_hardware();

// Keeps the lines that a run notes.
struct Notes {
  std::vector<std::string> lines;

  Reporter reporter();  // of these notes, which must outlive it
  bool mention(const std::string& text) const;
};

// A reporter whose run ends with Interrupted as soon as a step begins whose name begins so.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};
Reporter interrupting(const std::string& step);

// The JSON without its key "timing", as text.
std::string without_timing(const std::filesystem::path& json_file);

}  // namespace togglewise::compress::test
