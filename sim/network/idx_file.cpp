// The idx format of MNIST and its kin.
#include <cstdint>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/network/dataset.h"
#include "sim/network/dataset_file.h"

namespace togglewise::network {
namespace fs = std::filesystem;
namespace {

// idx (http://yann.lecun.com/exdb/mnist/): two zero bytes, the type (8: unsigned byte), the number
// of dimensions, each dimension as a big-endian 32-bit number, then the elements.
constexpr unsigned char type_unsigned_byte = 8;
constexpr std::uint32_t largest_dimension = 100'000'000;

struct IdxArray {
  std::vector<std::uint32_t> shape;
  std::string bytes;  // of the whole file
  std::size_t start = 0;
};

IdxArray read_idx_array(const fs::path& file, std::size_t dimensions, const std::string& what,
                        const std::string& package) {
  IdxArray array;
  array.bytes = read_dataset_file(file, "an idx file, plain or gzip'd", package);
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

}  // namespace togglewise::network
