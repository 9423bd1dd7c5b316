// Training and compression on a few hundred real images.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compress/run/compress_run.h"
#include "compress/run/train_run.h"
#include "compress/select/make_method.h"
#include "sim/base/files.h"
#include "tests/compress/small_workload.h"

namespace togglewise::compress {
namespace {

const std::filesystem::path folder_of_dataset = "/usr/share/datasets/fashion-mnist";

network::Dataset first_images(const network::Dataset& all, std::size_t count) {
  network::Dataset part;
  part.shape = all.shape;
  part.labels.assign(all.labels.begin(), all.labels.begin() + static_cast<std::ptrdiff_t>(count));
  part.pixels.assign(all.pixels.begin(),
                     all.pixels.begin() + static_cast<std::ptrdiff_t>(count * all.shape.size()));
  return part;
}

TEST(FashionMnist, FewImages_AreLearned_AndCompressionKeepsWhatWasLearned) {
  if (!std::filesystem::exists(folder_of_dataset / "train-images-idx3-ubyte.gz")) {
    GTEST_SKIP() << "Debian package dataset-fashion-mnist is not installed";
  }
  const TemporaryDirectory folder;
  test::SmallWorkload small;
  small.epochs = 8;
  small.holdout_images = 300;
  small.compression_epochs = 2;
  const std::filesystem::path workload = small.write(folder.path());
  test::write_idx(
      first_images(network::read_idx(folder_of_dataset / "train-images-idx3-ubyte.gz",
                                     folder_of_dataset / "train-labels-idx1-ubyte.gz", ""),
                   1500),
      folder.path(), "train");
  test::write_idx(
      first_images(network::read_idx(folder_of_dataset / "t10k-images-idx3-ubyte.gz",
                                     folder_of_dataset / "t10k-labels-idx1-ubyte.gz", ""),
                   500),
      folder.path(), "test");
  TrainOptions train;
  train.workload = workload;
  train.out = folder.path() / "dense";
  train.threads = 2;
  const nlohmann::json dense = run_train(train, Reporter{});
  EXPECT_GT(dense.at("accuracy").at("test").at("top1_percent").get<double>(), 65.0);

  CompressOptions options;
  options.workload = workload;
  options.files.model = train.out / model_file;
  options.method = make_method(method_names().front());
  options.out = folder.path() / "compressed";
  options.max_accuracy_drops = {5.0};
  options.threads = 2;
  const nlohmann::json result = run_compress(options, test::popcount_hardware(), Reporter{});
  ASSERT_FALSE(result.at("chosen_trial").is_null());
  EXPECT_LE(result.at("accuracy").at("holdout").at("drop_from_float_points").get<double>(), 5.0);
  EXPECT_GT(result.at("energy").at("reduction_percent").get<double>(), 30.0);
}

}  // namespace
}  // namespace togglewise::compress
