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

enum class CifarKind { cifar10, cifar100 };

// Files of CIFAR's binary version, one behind the other, gzip'd or not; CIFAR-100's labels are the
// fine ones. Throws TW-DATA-001 missing file, TW-DATA-003 short file, TW-DATA-005 a label out of
// range, both with the place in bytes.
Dataset read_cifar(const std::vector<std::filesystem::path>& files, CifarKind kind,
                   const std::string& package_hint);
// Their names in a folder.
std::vector<std::filesystem::path> cifar_training_files(const std::filesystem::path& directory,
                                                        CifarKind kind);
std::filesystem::path cifar_test_file(const std::filesystem::path& directory, CifarKind kind);

// The files of a dataset; also throws TW-DATA-005 for a label for which `files.classes`, unless it
// is empty, names no class, and what read_image_folder() throws. The test set also throws
// TW-DATA-011 when `files.limit_test_images` leaves nothing of it.
Dataset read_training_set(const config::WorkloadConfig::Dataset& files);
Dataset read_test_set(const config::WorkloadConfig::Dataset& files);

// The dataset in a folder, recognised by the names of what it holds: CIFAR-10, CIFAR-100 (with
// their class names), idx as MNIST names them (without), or folders of images by class. Throws
// TW-DATA-007 when there is none.
config::WorkloadConfig::Dataset open_dataset(const std::filesystem::path& directory);

// Those of a workload.
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

// Indices of the test set: the first `limit_images`, on which the accuracy limit of compression is
// measured, and the others, which the final figure is for. Throws TW-DATA-011 when nothing would be
// left for it.
struct TestSplit {
  std::vector<std::size_t> limit;
  std::vector<std::size_t> reported;
};
TestSplit split_test_set(std::size_t size, int limit_images);

// Pixel 0..255 → activation 0..127 with scale 1/127 (real value pixel/255): nearest; 127/255 of a
// whole number never ends in one half, so that there are no ties to define.
inline std::int8_t quantize_pixel(std::uint8_t pixel) {
  return static_cast<std::int8_t>((pixel * 127 + 127) / 255);
}

}  // namespace togglewise::network
