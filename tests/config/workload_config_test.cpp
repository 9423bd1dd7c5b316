#include "sim/config/workload_config.h"

#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "tests/config/expect_error.h"

namespace togglewise::config {
namespace {

const std::filesystem::path source = TOGGLEWISE_SOURCE_DIR;
const std::filesystem::path data = source / "tests/config/data";

TEST(WorkloadConfig, ShippedWorkload_ReadsAsDocumented) {
  const std::filesystem::path file = source / "workloads/lenet5_fashion_mnist.yaml";
  const WorkloadConfig config = read_workload_config(file);
  EXPECT_EQ(config.name, "lenet5_fashion_mnist");
  EXPECT_EQ(config.model.architecture, "lenet5");
  EXPECT_EQ(config.dataset.format, "idx");
  EXPECT_EQ(config.dataset.test_labels,
            "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz");
  EXPECT_EQ(config.dataset.package, "dataset-fashion-mnist");
  EXPECT_EQ(config.dataset.classes.size(), 10U);
  EXPECT_EQ(config.dataset.holdout_images, 5000);
  EXPECT_EQ(config.text_hash, hash_bytes(read_file(file)));
}

TEST(WorkloadConfig, SectionsLeftOutOrEmpty_KeepTheirDefaults) {
  const WorkloadConfig config = read_workload_config(data / "workload.yaml");
  const WorkloadConfig defaults;
  EXPECT_EQ(config.training.epochs, 4);
  EXPECT_EQ(config.training.batch_size, defaults.training.batch_size);
  EXPECT_EQ(config.compression.trials, defaults.compression.trials);
  EXPECT_EQ(config.calibration.images, defaults.calibration.images);
  EXPECT_EQ(config.dataset.train_images, data / "train-images");
  EXPECT_THAT(config.dataset.classes, testing::ElementsAre("cat", "dog"));
}

TEST(WorkloadConfig, UnknownArchitecture_ListsTheChoices) {
  expect_error([] { read_workload_config(data / "unknown_architecture.yaml"); },
               {"TW-CFG-006",
                {"'model.architecture' is 'lenet'", "expected lenet5", "did you mean 'lenet5'?"},
                3,
                17});
}

TEST(WorkloadConfig, ValuesThatContradictEachOther_AreRefused) {
  expect_error([] { read_workload_config(data / "too_many_quantization_epochs.yaml"); },
               {"TW-CFG-009", {"is 5, but there are only 4 epochs"}, 13, 24});
  expect_error([] { read_workload_config(data / "batch_smaller_than_shards.yaml"); },
               {"TW-CFG-009", {"'training.gradient_shards' is 4", "only 2 images"}});
  expect_error([] { read_workload_config(data / "one_weight_value.yaml"); },
               {"TW-CFG-009", {"'compression.largest_set' is 1"}, 15, 16});
}

TEST(WorkloadConfig, MomentumOfOne_IsOutOfRange) {
  expect_error([] { read_workload_config(data / "momentum_one.yaml"); },
               {"TW-CFG-005", {"'training.momentum' is 1", "from 0 and below 1"}, 13, 13});
}

}  // namespace
}  // namespace togglewise::config
