// Images and labels in memory, and the readers of their file formats.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/config/workload_config.h"
#include "sim/network/shape.h"

namespace togglewise::network {

struct Dataset {
  FeatureMapShape shape;
  std::vector<std::uint8_t> pixels;  // [image][channel][row][column]
  std::vector<std::uint8_t> labels;  // [image]

  std::size_t size() const { return labels.size(); }
  const std::uint8_t* image(std::size_t index) const {
    return pixels.data() + index * shape.size();
  }
};

// idx (MNIST) files, gzip'd or not. Throws TW-DATA-001 missing file (with the package to install as
// a hint), TW-DATA-002 not an idx file, TW-DATA-003 short file, TW-DATA-004 images and labels
// differ in number.
Dataset read_idx(const std::filesystem::path& images, const std::filesystem::path& labels,
                 const std::string& package_hint);

// The files of a workload; also throws TW-DATA-005 for a label that the workload has no class for.
Dataset read_training_set(const config::WorkloadConfig& workload);
Dataset read_test_set(const config::WorkloadConfig& workload);

// Indices of the training set that are trained on, and those held out
// (workload.dataset.holdout_images of them), by a shuffle that depends on `seed` alone. Throws
// TW-DATA-006 when nothing would be left to train on.
struct TrainingSplit {
  std::vector<std::size_t> train;
  std::vector<std::size_t> holdout;
};
TrainingSplit split_training_set(std::size_t size, int holdout_images, std::uint64_t seed);

// Pixel 0..255 → activation 0..127 with scale 1/127 (real value pixel/255): nearest; 127/255 of a
// whole number never ends in one half, so that there are no ties to define.
inline std::int8_t quantize_pixel(std::uint8_t pixel) {
  return static_cast<std::int8_t>((pixel * 127 + 127) / 255);
}

}  // namespace togglewise::network
