#include "sim/network/image_folder.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/config/class_folders.h"
#include "sim/network/image_file.h"

namespace togglewise::network {
namespace fs = std::filesystem;
namespace {

using Files = config::WorkloadConfig::Dataset;

constexpr std::size_t most_classes = 256;        // labels are bytes
constexpr std::size_t most_classes_listed = 20;  // in a message

Error folder_error(const fs::path& place, const std::string& message) {
  return Error::input("TW-DATA-010", message).at(place.string());
}

// What is not hidden in `folder`, in the order of the names' bytes.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code status;
  for (fs::directory_iterator entry(folder, status), end; !status && entry != end;
       entry.increment(status)) {
    if (entry->path().filename().string().front() != '.') paths.push_back(entry->path());
  }
  if (status) {
    throw Error::input("TW-DATA-001", "the folder cannot be read: " + status.message())
        .at(folder.string())
        .expected("a readable folder");
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool is_folder(const fs::path& path) {
  std::error_code status;
  return fs::is_directory(path, status);
}

std::vector<std::string> classes_of(const Files& files) {
  std::vector<std::string> classes =
      files.classes.empty() ? config::class_folder_names(files.directory) : files.classes;
  if (classes.size() >= 2 && classes.size() <= most_classes) return classes;
  throw folder_error(files.directory / "train",
                     fmt::format("there are {} class folders", classes.size()))
      .expected(fmt::format("2 to {} folders, named after their classes", most_classes));
}

std::string listed(const std::vector<std::string>& classes) {
  return classes.size() <= most_classes_listed ? list_names(classes)
                                               : fmt::format("one of {} classes", classes.size());
}

void require_known_classes(const fs::path& folder, const std::vector<std::string>& classes) {
  for (const fs::path& path : entries(folder)) {
    const std::string name = path.filename().string();
    if (!is_folder(path)) {
      if (!has_image_name(path)) continue;  // a list of labels, a licence
      throw folder_error(path, "the image lies outside the class folders")
          .expected("images in " + (folder / "CLASS").string());
    }
    if (std::find(classes.begin(), classes.end(), name) != classes.end()) continue;
    const std::string near = nearest_name(name, classes);
    throw folder_error(path, fmt::format("'{}' is none of the classes", name))
        .expected(listed(classes))
        .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
}

// The images of one class.
std::vector<fs::path> images_of(const fs::path& folder) {
  if (!is_folder(folder)) {
    throw folder_error(folder, "the class has no folder").expected("a folder with its images");
  }
  std::vector<fs::path> images = entries(folder);
  for (const fs::path& path : images) {
    if (has_image_name(path) && !is_folder(path)) continue;
    throw folder_error(path, "this is no image file")
        .expected("files that end with .png, .jpg, .jpeg, .bmp, .pgm or .ppm, and nothing else");
  }
  if (images.empty()) {
    throw folder_error(folder, "the class folder has no images").expected("at least one");
  }
  return images;
}

// The shape that all images must have, and who says so.
class CommonShape {
 public:
  explicit CommonShape(const Files& files)
      : height_(files.image_height), width_(files.image_width), by_("'dataset.image_size'") {}

  // The first image decides what is not stated.
  void require(const Image& image, const fs::path& file) {
    const FeatureMapShape& shape = image.shape;
    if (first_.empty()) {
      first_ = file.string();
      channels_ = shape.channels;
      if (height_ == 0) {
        height_ = shape.height;
        width_ = shape.width;
        by_ = first_;
      }
    }
    const char* order = "rows×columns";
    if (shape.height != height_ || shape.width != width_) {
      throw Error::input("TW-DATA-009", fmt::format("the image has {}×{} pixels ({})", shape.height,
                                                    shape.width, order))
          .at(file.string())
          .expected(fmt::format("{}×{}, as {} has", height_, width_, by_))
          .hint("bring all images to one size before: none is resized here");
    }
    if (shape.channels != channels_) {
      throw Error::input("TW-DATA-009", fmt::format("the image is {}", colours(shape.channels)))
          .at(file.string())
          .expected(fmt::format("{}, as {} is", colours(channels_), first_));
    }
  }

  FeatureMapShape shape() const { return {channels_, height_, width_}; }

 private:
  static const char* colours(int channels) { return channels == 1 ? "grey" : "in colour"; }

  int channels_ = 0;
  int height_;
  int width_;
  std::string by_;
  std::string first_;  // image
};

}  // namespace

Dataset read_image_folder(const Files& files, const char* part) {
  const fs::path folder = files.directory / part;
  for (const fs::path& needed : {files.directory / "train", folder}) {
    if (is_folder(needed)) continue;
    throw Error::input("TW-DATA-001", "the dataset's folder is not there")
        .at(needed.string())
        .expected("a folder with a folder of images for each class")
        .hint(files.package.empty() ? "" : "apt-get install " + files.package);
  }
  const std::vector<std::string> classes = classes_of(files);
  require_known_classes(folder, classes);
  std::vector<std::vector<fs::path>> images;
  std::size_t most = 0;
  for (const std::string& name : classes) {
    images.push_back(images_of(folder / name));
    most = std::max(most, images.back().size());
  }

  CommonShape shape(files);
  const fs::path first = images_of(files.directory / "train" / classes[0])[0];
  shape.require(read_image(first), first);
  Dataset dataset;
  for (std::size_t i = 0; i < most; ++i) {
    for (std::size_t label = 0; label < classes.size(); ++label) {
      if (i >= images[label].size()) continue;
      const Image image = read_image(images[label][i]);
      shape.require(image, images[label][i]);
      dataset.pixels.insert(dataset.pixels.end(), image.pixels.begin(), image.pixels.end());
      dataset.labels.push_back(static_cast<std::uint8_t>(label));
    }
  }
  dataset.shape = shape.shape();
  return dataset;
}

}  // namespace togglewise::network
