#include "sim/network/dataset.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <zlib.h>

#include "sim/base/error.h"
#include "sim/base/random.h"

namespace togglewise::network {
namespace fs = std::filesystem;
namespace {

// idx (http://yann.lecun.com/exdb/mnist/): two zero bytes, the type (8: unsigned byte), the number
// of dimensions, each dimension as a big-endian 32-bit number, then the elements.
constexpr unsigned char type_unsigned_byte = 8;
constexpr std::uint32_t largest_dimension = 100'000'000;

// The file's content, decompressed when it is gzip'd.
std::string read_maybe_compressed(const fs::path& file, const std::string& package) {
  std::error_code status;
  if (!fs::is_regular_file(file, status)) {
    throw Error::input("TW-DATA-001", "the dataset file is not there")
        .at(file.string())
        .expected("an idx file, plain or gzip'd")
        .hint(package.empty() ? "" : fmt::format("apt-get install {}", package));
  }
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(file.c_str(), "rb"), gzclose);
  if (!stream) {
    throw Error::input("TW-DATA-001", "the dataset file cannot be read")
        .at(file.string())
        .expected("a readable file");
  }
  std::string content;
  std::string piece(1 << 20, '\0');
  for (;;) {
    const int count = gzread(stream.get(), piece.data(), static_cast<unsigned>(piece.size()));
    if (count > 0) content.append(piece.data(), static_cast<std::size_t>(count));
    if (count < static_cast<int>(piece.size())) {
      int code = Z_OK;
      const char* text = gzerror(stream.get(), &code);
      if (code != Z_OK && code != Z_STREAM_END) {
        throw Error::input("TW-DATA-003",
                           fmt::format("the compressed file is cut off or damaged ({})", text))
            .at(file.string())
            .expected("a whole gzip file");
      }
      return content;
    }
  }
}

struct IdxArray {
  std::vector<std::uint32_t> shape;
  std::string bytes;  // of the whole file
  std::size_t start = 0;
};

IdxArray read_idx_array(const fs::path& file, std::size_t dimensions, const std::string& what,
                        const std::string& package) {
  IdxArray array;
  array.bytes = read_maybe_compressed(file, package);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(array.bytes[i]); };
  array.start = 4 + 4 * dimensions;
  if (array.bytes.size() < 4 || byte(0) != 0 || byte(1) != 0 || byte(2) != type_unsigned_byte ||
      byte(3) != dimensions) {
    throw Error::input("TW-DATA-002", fmt::format("this is no idx file of {}", what))
        .at(file.string())
        .expected(fmt::format("a file that begins with the bytes 00 00 08 {:02}", dimensions));
  }
  std::size_t size = array.start;
  if (array.bytes.size() >= array.start) {
    std::size_t elements = 1;
    for (std::size_t d = 0; d < dimensions; ++d) {
      const std::size_t at = 4 + 4 * d;
      const std::uint32_t length = std::uint32_t{byte(at)} << 24 |
                                   std::uint32_t{byte(at + 1)} << 16 |
                                   std::uint32_t{byte(at + 2)} << 8 | byte(at + 3);
      if (length == 0 || length > largest_dimension || elements > (std::size_t{1} << 36)) {
        throw Error::input("TW-DATA-002",
                           fmt::format("the header gives dimension {} as {}", d + 1, length))
            .at(file.string())
            .expected(fmt::format("1 to {}", largest_dimension));
      }
      array.shape.push_back(length);
      elements *= length;
    }
    size += elements;
  }
  if (array.bytes.size() < size) {
    throw Error::input("TW-DATA-003", fmt::format("the file is cut off after {} bytes of {}",
                                                  array.bytes.size(), size))
        .at(file.string())
        .expected("a whole idx file");
  }
  if (array.bytes.size() > size) {
    throw Error::input("TW-DATA-002", fmt::format("the file has {} bytes after its last element",
                                                  array.bytes.size() - size))
        .at(file.string())
        .expected(fmt::format("{} bytes, as the header says", size));
  }
  return array;
}

Dataset checked_labels(Dataset dataset, const config::WorkloadConfig& workload,
                       const fs::path& labels) {
  const std::size_t classes = workload.dataset.classes.size();
  for (std::size_t i = 0; i < dataset.size(); ++i) {
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

}  // namespace

Dataset read_idx(const fs::path& images, const fs::path& labels, const std::string& package_hint) {
  const IdxArray image_array = read_idx_array(images, 3, "images", package_hint);
  const IdxArray label_array = read_idx_array(labels, 1, "labels", package_hint);
  if (image_array.shape[0] != label_array.shape[0]) {
    throw Error::input("TW-DATA-004", fmt::format("{} labels for {} images", label_array.shape[0],
                                                  image_array.shape[0]))
        .at(labels.string())
        .expected(fmt::format("one label for each image of {}", images.string()));
  }
  Dataset dataset;
  dataset.shape = {1, static_cast<int>(image_array.shape[1]),
                   static_cast<int>(image_array.shape[2])};
  const auto elements = [](const IdxArray& array) {
    return array.bytes.begin() + static_cast<std::ptrdiff_t>(array.start);
  };
  dataset.pixels.assign(elements(image_array), image_array.bytes.end());
  dataset.labels.assign(elements(label_array), label_array.bytes.end());
  return dataset;
}

Dataset read_training_set(const config::WorkloadConfig& workload) {
  const config::WorkloadConfig::Dataset& files = workload.dataset;
  return checked_labels(read_idx(files.train_images, files.train_labels, files.package), workload,
                        files.train_labels);
}

Dataset read_test_set(const config::WorkloadConfig& workload) {
  const config::WorkloadConfig::Dataset& files = workload.dataset;
  return checked_labels(read_idx(files.test_images, files.test_labels, files.package), workload,
                        files.test_labels);
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

}  // namespace togglewise::network
