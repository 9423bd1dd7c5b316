// The binary version of CIFAR-10 and CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html): per
// image its label bytes, then 1024 bytes each of red, green and blue, row by row.
#include <string>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/network/dataset.h"
#include "sim/network/dataset_file.h"

namespace togglewise::network {
namespace fs = std::filesystem;
namespace {

constexpr FeatureMapShape image_shape = {3, 32, 32};
constexpr std::size_t image_bytes = 3 * 32 * 32;

// What stands before an image. CIFAR-100 gives its superclass first, which is checked, not kept.
struct LabelBytes {
  int count;
  int superclasses;
  int classes;
};

LabelBytes label_bytes(CifarKind kind) {
  return kind == CifarKind::cifar10 ? LabelBytes{1, 0, 10} : LabelBytes{2, 20, 100};
}

void require_label(const fs::path& file, std::size_t image, std::size_t at, int label, int classes,
                   const char* what) {
  if (label < classes) return;
  throw Error::input("TW-DATA-005",
                     fmt::format("image {} has the {} {} at byte {}", image, what, label, at))
      .at(file.string())
      .expected(fmt::format("0 to {}", classes - 1));
}

void append(Dataset& dataset, const fs::path& file, const std::string& bytes,
            const LabelBytes& labels) {
  const std::size_t record = static_cast<std::size_t>(labels.count) + image_bytes;
  if (bytes.size() % record != 0 || bytes.empty()) {
    const std::size_t whole = bytes.size() / record;
    throw Error::input("TW-DATA-003",
                       fmt::format("the file ends at byte {}, inside image {}, which begins at "
                                   "byte {}",
                                   bytes.size(), whole, whole * record))
        .at(file.string())
        .expected(fmt::format("a whole number of images of {} bytes each", record))
        .hint(bytes.size() % (image_bytes + 1) == 0 || bytes.size() % (image_bytes + 2) == 0
                  ? "is it the other of cifar10 and cifar100?"
                  : "");
  }
  for (std::size_t start = 0; start < bytes.size(); start += record) {
    const std::size_t image = start / record;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    const std::size_t label = start + static_cast<std::size_t>(labels.count) - 1;
    if (labels.count == 2) {
      require_label(file, image, start, byte(start), labels.superclasses, "coarse label");
    }
    require_label(file, image, label, byte(label), labels.classes, "label");
    dataset.labels.push_back(byte(label));
    const auto pixels = bytes.begin() + static_cast<std::ptrdiff_t>(label + 1);
    dataset.pixels.insert(dataset.pixels.end(), pixels,
                          pixels + static_cast<std::ptrdiff_t>(image_bytes));
  }
}

}  // namespace

Dataset read_cifar(const std::vector<fs::path>& files, CifarKind kind,
                   const std::string& package_hint) {
  Dataset dataset;
  dataset.shape = image_shape;
  for (const fs::path& file : files) {
    append(dataset, file, read_dataset_file(file, "a binary file of CIFAR", package_hint),
           label_bytes(kind));
  }
  return dataset;
}

std::vector<fs::path> cifar_training_files(const fs::path& directory, CifarKind kind) {
  if (kind == CifarKind::cifar100) return {directory / "train.bin"};
  std::vector<fs::path> files;
  for (int i = 1; i <= 5; ++i) files.push_back(directory / fmt::format("data_batch_{}.bin", i));
  return files;
}

fs::path cifar_test_file(const fs::path& directory, CifarKind kind) {
  return directory / (kind == CifarKind::cifar100 ? "test.bin" : "test_batch.bin");
}

}  // namespace togglewise::network
