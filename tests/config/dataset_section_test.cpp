// The section `dataset` beyond idx and CIFAR: folders of images, and which images judge a limit.
#include "sim/base/files.h"
#include "sim/config/class_folders.h"
#include "sim/config/workload_config.h"
#include "tests/config/expect_error.h"

namespace togglewise::config {
namespace {

class DatasetSectionTest : public testing::Test {
 protected:
  WorkloadConfig read(const std::string& dataset) const {
    const std::filesystem::path file = folder.path() / "workload.yaml";
    write_file_atomically(file, "name: w\nmodel: {architecture: lenet5}\ndataset:\n" + dataset);
    return read_workload_config(file);
  }
  void make(const std::string& path) const {
    std::filesystem::create_directories(folder.path() / path);
  }

  TemporaryDirectory folder;
  const std::string images = "  format: folder\n  directory: images\n";
  const std::string cifar = "  format: cifar10\n  directory: d\n";
};

TEST_F(DatasetSectionTest, ClassesOfAFolder_AreItsSortedFolders) {
  for (const char* name : {"zebra", "Ant", "cat", ".cache"})
    make(std::string("images/train/") + name);
  write_file_atomically(folder.path() / "images/train/notes.txt", "no folder");
  make("images/test/dog");
  EXPECT_THAT(read(images).dataset.classes, testing::ElementsAre("Ant", "cat", "zebra"));
  EXPECT_THAT(read(images + "  classes: [cat, zebra]\n").dataset.classes,
              testing::ElementsAre("cat", "zebra"));
}

TEST_F(DatasetSectionTest, FolderThatIsNotHere_HasNoClassesYet) {
  EXPECT_TRUE(read(images).dataset.classes.empty());
  EXPECT_TRUE(class_folder_names(folder.path() / "none").empty());
}

TEST_F(DatasetSectionTest, ClassGivenTwice_IsRefused) {
  expect_error([&] { read(images + "  classes: [cat, dog, cat]\n"); },
               {"TW-CFG-009", {"a name more than once", "one name for each folder"}, 6});
}

TEST_F(DatasetSectionTest, FolderWithoutDirectory_IsAskedForIt) {
  expect_error([&] { read("  format: folder\n"); },
               {"TW-CFG-003", {"'dataset.directory' is missing", "train/ and test/"}, 4});
}

TEST_F(DatasetSectionTest, ImageSize_IsHeightAndWidth) {
  const WorkloadConfig::Dataset dataset = read(images + "  image_size: [24, 32]\n").dataset;
  EXPECT_EQ(dataset.image_height, 24);
  EXPECT_EQ(dataset.image_width, 32);
  EXPECT_EQ(read(images).dataset.image_height, 0);
}

TEST_F(DatasetSectionTest, ImageSizesThatAreNone_AreRefused) {
  for (const char* size : {"[0, 32]", "[32, 4097]", "[32, x]", "[1.5, 32]", "[-1, 32]"}) {
    SCOPED_TRACE(size);
    expect_error([&] { read(images + "  image_size: " + size + "\n"); },
                 {"TW-CFG-005", {"'dataset.image_size' is", "[height, width]", "1 to 4096"}, 6});
  }
  expect_error([&] { read(images + "  image_size: [32]\n"); },
               {"TW-CFG-005", {"'dataset.image_size' has 1 elements"}, 6});
  expect_error([&] { read(images + "  image_size: 32\n"); },
               {"TW-CFG-004", {"'dataset.image_size'"}, 6});
}

TEST_F(DatasetSectionTest, ImageSizeOfAnotherFormat_IsRefused) {
  expect_error([&] { read(cifar + "  image_size: [32, 32]\n"); },
               {"TW-CFG-009", {"format cifar10 has no 'image_size'", "format folder"}, 6});
}

TEST_F(DatasetSectionTest, Normalization_IsANumberForEachChannel) {
  const WorkloadConfig config =
      read(cifar + "  mean: [0.5, 0.25, 0.125]\n  std: [0.2, 0.3, 0.4]\n");
  EXPECT_EQ(config.dataset.mean, (std::vector<float>{0.5F, 0.25F, 0.125F}));
  EXPECT_EQ(config.dataset.deviation, (std::vector<float>{0.2F, 0.3F, 0.4F}));
  EXPECT_TRUE(read(cifar).dataset.mean.empty());
  expect_error([&] { read(cifar + "  std: [0.2, 0]\n"); }, {"TW-CFG-005", {"std", "is 0"}, 6});
  expect_error([&] { read(cifar + "  mean: [a]\n"); }, {"TW-CFG-004", {"mean"}, 6});
}

TEST_F(DatasetSectionTest, LimitTestImages_AreNoneUnlessGiven) {
  EXPECT_EQ(read(cifar).dataset.limit_test_images, 0);
  EXPECT_EQ(read(cifar + "  limit_test_images: 5000\n").dataset.limit_test_images, 5000);
  expect_error([&] { read(cifar + "  limit_test_images: -1\n"); },
               {"TW-CFG-005", {"'dataset.limit_test_images' is -1", "0 to 1000000"}, 6});
}

}  // namespace
}  // namespace togglewise::config
