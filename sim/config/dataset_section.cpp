#include "sim/config/dataset_section.h"

#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sim/config/class_folders.h"

namespace togglewise::config {
namespace {

constexpr int largest_image_side = 4096;  // pixels

// What a format is made of, for messages.
const char* wanted_paths(const std::string& format) {
  if (format == "idx") return "the four files of images and labels";
  return format == "folder" ? "the folder with train/ and test/" : "the folder of the binary files";
}

bool is_image_side(const std::string& text, int& side) {
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, side);
  return status == std::errc() && stop == end && side >= 1 && side <= largest_image_side;
}

}  // namespace

DatasetSection::DatasetSection(WorkloadConfig::Dataset& dataset) : dataset_(dataset) {
  section
      .choice("format", dataset.format, {"idx", "cifar10", "cifar100", "folder"},
              Presence::required)
      .path("train_images", dataset.train_images, Presence::optional)
      .path("train_labels", dataset.train_labels, Presence::optional)
      .path("test_images", dataset.test_images, Presence::optional)
      .path("test_labels", dataset.test_labels, Presence::optional)
      .path("directory", dataset.directory, Presence::optional)
      .text("package", dataset.package, Presence::optional)
      .texts("classes", dataset.classes, {2, 256}, Presence::optional)
      .texts("image_size", image_size_, {2, 2}, Presence::optional)
      .reals("mean", dataset.mean, {1, 3}, {-1000, 1000}, Presence::optional)
      .reals("std", dataset.deviation, {1, 3}, {0, 1000, false}, Presence::optional)
      .integer("holdout_images", dataset.holdout_images, {1, 1000000}, Presence::optional)
      .integer("limit_test_images", dataset.limit_test_images, {0, 1000000}, Presence::optional);
}

void DatasetSection::finish(const YamlDocument& document) {
  check_paths(document);
  check_classes(document);
  read_image_size(document);
  if (!dataset_.classes.empty()) return;
  dataset_.classes = dataset_.format == "folder" ? class_folder_names(dataset_.directory)
                                                 : cifar_class_names(dataset_.format);
}

void DatasetSection::check_paths(const YamlDocument& document) const {
  const bool idx = dataset_.format == "idx";
  const std::pair<const char*, const std::filesystem::path*> paths[] = {
      {"train_images", &dataset_.train_images}, {"train_labels", &dataset_.train_labels},
      {"test_images", &dataset_.test_images},   {"test_labels", &dataset_.test_labels},
      {"directory", &dataset_.directory},
  };
  for (const auto& [name, path] : paths) {
    const bool wanted = (path != &dataset_.directory) == idx;
    const std::string key = fmt::format("dataset.{}", name);
    if (wanted && path->empty()) {
      throw document
          .error_at(
              "dataset.format", "TW-CFG-003",
              fmt::format("key '{}' is missing, which the format {} needs", key, dataset_.format))
          .expected(wanted_paths(dataset_.format));
    }
    if (!wanted && !path->empty()) {
      throw document
          .error_at(key, "TW-CFG-009",
                    fmt::format("the format {} has no '{}'", dataset_.format, name))
          .expected(idx ? wanted_paths(dataset_.format) : "'directory' alone");
    }
  }
}

void DatasetSection::check_classes(const YamlDocument& document) const {
  if (dataset_.format == "idx" && dataset_.classes.empty()) {
    throw document.error_at("dataset.format", "TW-CFG-003", "key 'dataset.classes' is missing")
        .expected("the names of the classes, in the order of their labels");
  }
  if (dataset_.classes.empty()) return;
  if (dataset_.format == "folder") {
    const std::set<std::string> names(dataset_.classes.begin(), dataset_.classes.end());
    if (names.size() == dataset_.classes.size()) return;
    throw document
        .error_at("dataset.classes", "TW-CFG-009", "'dataset.classes' has a name more than once")
        .expected("one name for each folder of images");
  }
  if (dataset_.format == "idx") return;
  const std::size_t published = cifar_class_names(dataset_.format).size();
  if (dataset_.classes.size() == published) return;
  throw document
      .error_at("dataset.classes", "TW-CFG-009",
                fmt::format("'dataset.classes' has {} names", dataset_.classes.size()))
      .expected(fmt::format("{}, as {} has", published, dataset_.format));
}

void DatasetSection::read_image_size(const YamlDocument& document) {
  if (image_size_.empty()) return;
  if (dataset_.format != "folder") {
    throw document
        .error_at("dataset.image_size", "TW-CFG-009",
                  fmt::format("the format {} has no 'image_size'", dataset_.format))
        .expected("'image_size' with the format folder alone: other formats tell it themselves");
  }
  if (!is_image_side(image_size_[0], dataset_.image_height) ||
      !is_image_side(image_size_[1], dataset_.image_width)) {
    throw document
        .error_at("dataset.image_size", "TW-CFG-005",
                  fmt::format("'dataset.image_size' is [{}, {}]", image_size_[0], image_size_[1]))
        .expected(fmt::format("[height, width], whole numbers from 1 to {}", largest_image_side));
  }
}

}  // namespace togglewise::config
