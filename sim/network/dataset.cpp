#include "sim/network/dataset.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <system_error>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/random.h"
#include "sim/config/class_folders.h"
#include "sim/network/image_folder.h"

namespace togglewise::network {
namespace fs = std::filesystem;
namespace {

using Files = config::WorkloadConfig::Dataset;

CifarKind cifar_kind(const Files& files) {
  return files.format == "cifar100" ? CifarKind::cifar100 : CifarKind::cifar10;
}

Dataset read_labelled(const Files& files, const fs::path& images, const fs::path& labels) {
  Dataset dataset = read_idx(images, labels, files.package);
  const std::size_t classes = files.classes.size();
  for (std::size_t i = 0; i < dataset.size() && classes > 0; ++i) {
    if (dataset.labels[i] >= classes) {
      throw Error::input("TW-DATA-005", fmt::format("image {} has label {}, but the workload names "
                                                    "{} classes",
                                                    i, dataset.labels[i], classes))
          .at(labels.string())
          .expected(fmt::format("labels from 0 to {}", classes - 1));
    }
  }
  return dataset;
}

bool is_file(const fs::path& path) {
  std::error_code status;
  return fs::is_regular_file(path, status);
}

// The file of this name in `directory`, plain or gzip'd; "" when there is none.
fs::path find_file(const fs::path& directory, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    const fs::path file = directory / (name + ending);
    if (is_file(file)) return file;
  }
  return {};
}

// MNIST's four names, as they are published and with the dot that some unpackers make of the dash.
bool find_idx_files(const fs::path& directory, Files& files) {
  const std::array<std::pair<fs::path*, const char*>, 4> wanted = {{
      {&files.train_images, "train-images"},
      {&files.train_labels, "train-labels"},
      {&files.test_images, "t10k-images"},
      {&files.test_labels, "t10k-labels"},
  }};
  for (const auto& [path, stem] : wanted) {
    const char* dimensions = std::string(stem).find("images") == std::string::npos ? "1" : "3";
    for (const char* separator : {"-", "."}) {
      if (path->empty()) {
        *path = find_file(directory, fmt::format("{}{}idx{}-ubyte", stem, separator, dimensions));
      }
    }
    if (path->empty()) return false;
  }
  return true;
}

bool is_image_folder(const fs::path& directory) {
  std::error_code status;
  return fs::is_directory(directory / "test", status) &&
         !config::class_folder_names(directory).empty();
}

Dataset read_whole_test_set(const Files& files) {
  if (files.format == "idx") return read_labelled(files, files.test_images, files.test_labels);
  if (files.format == "folder") return read_image_folder(files, "test");
  return read_cifar({cifar_test_file(files.directory, cifar_kind(files))}, cifar_kind(files),
                    files.package);
}

}  // namespace

Dataset read_training_set(const Files& files) {
  if (files.format == "idx") return read_labelled(files, files.train_images, files.train_labels);
  if (files.format == "folder") return read_image_folder(files, "train");
  return read_cifar(cifar_training_files(files.directory, cifar_kind(files)), cifar_kind(files),
                    files.package);
}

Dataset read_test_set(const Files& files) {
  Dataset dataset = read_whole_test_set(files);
  split_test_set(dataset.size(), files.limit_test_images);  // throws where nothing would be left
  return dataset;
}

Dataset read_training_set(const config::WorkloadConfig& workload) {
  return read_training_set(workload.dataset);
}

Dataset read_test_set(const config::WorkloadConfig& workload) {
  return read_test_set(workload.dataset);
}

Files open_dataset(const fs::path& directory) {
  Files files;
  files.directory = directory;
  for (const CifarKind kind : {CifarKind::cifar10, CifarKind::cifar100}) {
    if (is_file(cifar_test_file(directory, kind))) {
      files.format = kind == CifarKind::cifar10 ? "cifar10" : "cifar100";
      files.classes = config::cifar_class_names(files.format);
      return files;
    }
  }
  if (find_idx_files(directory, files)) return files;
  if (is_image_folder(directory)) {
    files = Files();
    files.directory = directory;
    files.format = "folder";
    files.classes = config::class_folder_names(directory);
    return files;
  }
  throw Error::input("TW-DATA-007", "this is no folder of a known dataset")
      .at(directory.string())
      .expected(
          "CIFAR's binary files (data_batch_1.bin to data_batch_5.bin and test_batch.bin, or "
          "train.bin and test.bin), MNIST's idx files (train-images-idx3-ubyte, "
          "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, plain or "
          "gzip'd), or images in train/CLASS and test/CLASS");
}

TrainingSplit split_training_set(std::size_t size, int holdout_images, std::uint64_t seed) {
  const auto holdout = static_cast<std::size_t>(std::max(holdout_images, 0));
  if (holdout_images < 0 || holdout >= size) {
    throw Error::input("TW-DATA-006", fmt::format("{} of {} training images are to be held out",
                                                  holdout_images, size))
        .expected(fmt::format("0 up to below {}", size))
        .hint("see 'dataset.holdout_images' of the workload");
  }
  std::vector<std::size_t> order(size);
  for (std::size_t i = 0; i < size; ++i) order[i] = i;
  Random random(seed);
  for (std::size_t i = size; i > 1; --i) {  // Fisher-Yates
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i))]);
  }
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(size - holdout);
  return {{order.begin(), cut}, {cut, order.end()}};
}

TestSplit split_test_set(std::size_t size, int limit_images) {
  const auto limit = static_cast<std::size_t>(std::max(limit_images, 0));
  if (limit_images < 0 || limit >= size) {
    throw Error::input("TW-DATA-011",
                       fmt::format("the accuracy limit is to be measured on {} of {} test images",
                                   limit_images, size))
        .expected(fmt::format("0 up to below {}: the final figure is for the others", size))
        .hint("see 'dataset.limit_test_images' of the workload");
  }
  TestSplit split;
  split.limit.resize(limit);
  split.reported.resize(size - limit);
  std::iota(split.limit.begin(), split.limit.end(), std::size_t{0});
  std::iota(split.reported.begin(), split.reported.end(), limit);
  return split;
}

}  // namespace togglewise::network
