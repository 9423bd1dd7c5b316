#include "compress/run/images.h"

#include <algorithm>
#include <numeric>

#include "compress/run/run_support.h"
#include "sim/base/error.h"

namespace togglewise::compress {

namespace {

std::vector<std::size_t> all_of(const network::Dataset& dataset) {
  std::vector<std::size_t> indices(dataset.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 20 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::string CompressImages::limit_name() const {
  return limit_in_test ? "the first " + std::to_string(limit.size()) + " test images"
                       : std::to_string(limit.size()) + " training images held out of training";
}

CompressImages read_compress_images(const config::WorkloadConfig& workload,
                                    const std::string& split_seed, const std::string& source) {
  CompressImages images;
  const int limit_test_images = workload.dataset.limit_test_images;
  if (limit_test_images == 0 && !is_number(split_seed)) {
    throw Error::input("TW-COMPRESS-001",
                       "the model does not say which images it was trained on "
                       "(no metadata togglewise.split_seed)")
        .at(source)
        .expected(
            "a model that togglewise train wrote, or 'dataset.limit_test_images' in the workload");
  }
  images.training = network::read_training_set(workload);
  images.test = network::read_test_set(workload);
  if (is_number(split_seed)) {
    network::TrainingSplit split = network::split_training_set(
        images.training.size(), workload.dataset.holdout_images, std::stoull(split_seed));
    images.train = std::move(split.train);
    images.limit = std::move(split.holdout);
    images.reported = all_of(images.test);
  } else {
    images.train = all_of(images.training);
  }
  if (limit_test_images > 0) {
    network::TestSplit split = network::split_test_set(images.test.size(), limit_test_images);
    images.limit = std::move(split.limit);
    images.reported = std::move(split.reported);
    images.limit_in_test = true;
  }
  const std::size_t traced =
      std::min(images.train.size(), static_cast<std::size_t>(workload.calibration.images));
  images.calibration.assign(images.train.begin(),
                            images.train.begin() + static_cast<std::ptrdiff_t>(traced));
  return images;
}

nlohmann::json images_json(const CompressImages& images) {
  return {{"hash", dataset_hash(images.training)},
          {"training_images", images.train.size()},
          {"limit_images", images.limit.size()},
          {"limit_in_test_set", images.limit_in_test},
          {"holdout_images", images.limit_in_test ? 0 : images.limit.size()},
          {"test_images", images.reported.size()}};
}

}  // namespace togglewise::compress
