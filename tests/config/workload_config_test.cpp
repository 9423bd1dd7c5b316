#include "sim/config/workload_config.h"

#include <algorithm>

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

// The file that explains the keys shows the defaults of the optional ones.
TEST(WorkloadConfig, ShippedWorkload_ShowsTheDefaultsOfTrainingFeatures) {
  const WorkloadConfig::Training defaults;
  const WorkloadConfig config =
      read_workload_config(source / "workloads/lenet5_fashion_mnist.yaml");
  EXPECT_EQ(config.training.augmentation.flip, defaults.augmentation.flip);
  EXPECT_EQ(config.training.augmentation.crop_padding, defaults.augmentation.crop_padding);
  EXPECT_EQ(config.training.precision, defaults.precision);
  EXPECT_EQ(config.training.device, defaults.device);
  EXPECT_EQ(config.dataset.limit_test_images, WorkloadConfig().dataset.limit_test_images);
}

TEST(WorkloadConfig, ShippedWorkloadWithAFinishedNetwork_ReadsAsDocumented) {
  const WorkloadConfig config = read_workload_config(source / "workloads/resnet20_cifar10.yaml");
  EXPECT_EQ(config.dataset.format, "cifar10");
  EXPECT_EQ(config.dataset.directory, source / "workloads/cifar-10-batches-bin");
  EXPECT_EQ(config.model.file, source / "workloads/resnet20_int8.onnx");
  EXPECT_EQ(config.dataset.classes, cifar_class_names("cifar10"));
  EXPECT_EQ(config.dataset.limit_test_images, 5000);
  EXPECT_EQ(config.batch_size, 1);
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

TEST(WorkloadConfig, ValuesThatContradictEachOther_AreRefused) {
  expect_error([] { read_workload_config(data / "too_many_quantization_epochs.yaml"); },
               {"TW-CFG-009", {"is 5, but there are only 4 epochs"}, 13, 24});
  expect_error([] { read_workload_config(data / "batch_smaller_than_shards.yaml"); },
               {"TW-CFG-009", {"'training.gradient_shards' is 4", "only 2 images"}});
  expect_error([] { read_workload_config(data / "one_weight_value.yaml"); },
               {"TW-CFG-009", {"'compression.largest_set' is 1"}, 15, 16});
}

// A workload file made of these lines, read.
WorkloadConfig read_text(const std::string& text) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "workload.yaml";
  write_file_atomically(file, text);
  return read_workload_config(file);
}

const std::string lenet = "name: w\nmodel: {architecture: lenet5}\n";
const std::string cifar = "name: w\nmodel: {file: resnet.onnx}\ndataset:\n  format: cifar10\n";

// Which architectures there are is known to `train` alone.
TEST(WorkloadConfig, AnyArchitecture_IsRead) {
  EXPECT_EQ(read_text("name: w\nmodel: {architecture: my_net}\ndataset: {format: cifar10, "
                      "directory: d}\n")
                .model.architecture,
            "my_net");
}

TEST(WorkloadConfig, CifarAndModelFile_AreRead) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "workload.yaml";
  write_file_atomically(file, cifar + "  directory: cifar\nbatch_size: 4\n");
  const WorkloadConfig config = read_workload_config(file);
  EXPECT_EQ(config.model.architecture, "");
  EXPECT_EQ(config.model.file, folder.path() / "resnet.onnx");
  EXPECT_EQ(config.dataset.directory, folder.path() / "cifar");
  EXPECT_EQ(config.batch_size, 4);
  ASSERT_EQ(config.dataset.classes.size(), 10U);
  EXPECT_EQ(config.dataset.classes[9], "truck");
  EXPECT_EQ(WorkloadConfig().batch_size, 1);
}

TEST(WorkloadConfig, Cifar100_HasItsHundredFineLabels) {
  const WorkloadConfig config =
      read_text(lenet + "dataset: {format: cifar100, directory: /data}\n");
  ASSERT_EQ(config.dataset.classes.size(), 100U);
  EXPECT_TRUE(std::is_sorted(config.dataset.classes.begin(), config.dataset.classes.end()));
  EXPECT_EQ(config.dataset.classes.front(), "apple");
  EXPECT_EQ(config.dataset.classes.back(), "worm");
}

TEST(WorkloadConfig, ModelWithoutOrWithTwoSources_IsRefused) {
  expect_error([] { read_text("name: w\nmodel: {}\ndataset: {format: cifar10, directory: d}\n"); },
               {"TW-CFG-003", {"'model' has no 'architecture' and no 'file'"}, 2});
  expect_error(
      [] {
        read_text(
            "name: w\nmodel:\n  architecture: lenet5\n  file: a.onnx\n"
            "dataset: {format: cifar10, directory: d}\n");
      },
      {"TW-CFG-009", {"an 'architecture' and a 'file'"}, 4});
}

TEST(WorkloadConfig, KeysThatTheFormatNeeds_AreAskedFor) {
  expect_error([] { read_text(cifar); },
               {"TW-CFG-003", {"'dataset.directory' is missing", "format cifar10"}, 4});
  expect_error([] { read_text(lenet + "dataset:\n  format: idx\n  train_images: a\n"); },
               {"TW-CFG-003", {"'dataset.train_labels' is missing", "format idx"}, 4});
  expect_error(
      [] {
        read_text(lenet +
                  "dataset: {format: idx, train_images: a, train_labels: b, test_images: c, "
                  "test_labels: d}\n");
      },
      {"TW-CFG-003", {"'dataset.classes' is missing"}});
}

TEST(WorkloadConfig, KeysOfAnotherFormat_AreRefused) {
  expect_error([] { read_text(cifar + "  directory: d\n  test_images: a\n"); },
               {"TW-CFG-009", {"format cifar10 has no 'test_images'", "'directory' alone"}, 6});
  expect_error([] { read_text(cifar + "  directory: d\n  classes: [a, b]\n"); },
               {"TW-CFG-009", {"'dataset.classes' has 2 names", "expected 10"}, 6});
}

TEST(WorkloadConfig, BatchSizeOfZero_IsOutOfRange) {
  expect_error([] { read_text(cifar + "  directory: d\nbatch_size: 0\n"); },
               {"TW-CFG-005", {"'batch_size' is 0", "1 to 65536"}, 6});
}

TEST(WorkloadConfig, TrainingFeatures_AreOffUnlessGiven) {
  const WorkloadConfig::Training defaults = read_text(cifar + "  directory: d\n").training;
  EXPECT_FALSE(defaults.augmentation.flip);
  EXPECT_EQ(defaults.augmentation.crop_padding, 0);
  EXPECT_EQ(defaults.precision, "auto");
  EXPECT_EQ(defaults.device, "cpu");
  const WorkloadConfig::Training given =
      read_text(cifar +
                "  directory: d\ntraining:\n  augmentation: {flip: true, crop_padding: 4}\n"
                "  precision: bfloat16\n  device: cuda\n")
          .training;
  EXPECT_TRUE(given.augmentation.flip);
  EXPECT_EQ(given.augmentation.crop_padding, 4);
  EXPECT_EQ(given.precision, "bfloat16");
  EXPECT_EQ(given.device, "cuda");
}

TEST(WorkloadConfig, TrainingFeaturesThatDoNotExist_AreRefused) {
  const auto training = [](const std::string& line) {
    return read_text(cifar + "  directory: d\ntraining:\n  " + line + "\n");
  };
  expect_error(
      [&] { training("precision: float16"); },
      {"TW-CFG-006", {"'training.precision' is 'float16'", "auto, float32 or bfloat16"}, 7});
  expect_error([&] { training("device: gpu"); },
               {"TW-CFG-006", {"'training.device' is 'gpu'", "cpu or cuda"}, 7});
  expect_error([&] { training("augmentation: {flip: yes}"); },
               {"TW-CFG-006", {"'training.augmentation.flip' is 'yes'", "true or false"}, 7});
  expect_error([&] { training("augmentation: {crop_padding: 9}"); },
               {"TW-CFG-005", {"'training.augmentation.crop_padding' is 9", "0 to 8"}, 7});
  expect_error([&] { training("augmentation: {mirror: true}"); },
               {"TW-CFG-002", {"unknown key 'mirror'", "flip or crop_padding"}, 7});
}

TEST(WorkloadConfig, MomentumOfOne_IsOutOfRange) {
  expect_error([] { read_workload_config(data / "momentum_one.yaml"); },
               {"TW-CFG-005", {"'training.momentum' is 1", "from 0 and below 1"}, 13, 13});
}

}  // namespace
}  // namespace togglewise::config
