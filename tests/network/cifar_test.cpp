// CIFAR's binary files and the recognition of dataset folders, on tiny files made here.
#include <algorithm>
#include <cstdlib>

#include "sim/base/files.h"
#include "sim/network/dataset.h"
#include "tests/config/expect_error.h"

namespace togglewise::network {
namespace {

// Images of one label each, the pixels counting up from `first`.
std::string records(const std::vector<std::string>& labels, int first) {
  std::string bytes;
  for (const std::string& label : labels) {
    bytes += label;
    for (int i = 0; i < 3072; ++i) bytes.push_back(static_cast<char>((first + i) % 256));
    ++first;
  }
  return bytes;
}

std::string label(int value) { return {static_cast<char>(value)}; }
std::string label(int coarse, int fine) {
  return {static_cast<char>(coarse), static_cast<char>(fine)};
}

class CifarFolder : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& content) const {
    write_file_atomically(folder.path() / name, content);
  }
  void write_cifar10() const {
    for (int i = 1; i <= 5; ++i) {
      write("data_batch_" + std::to_string(i) + ".bin", records({label(i), label(9)}, i));
    }
    write("test_batch.bin", records({label(0), label(3), label(7)}, 100));
  }

  TemporaryDirectory folder;
};

TEST_F(CifarFolder, TrainingBatches_FollowOneAnother) {
  write_cifar10();
  const config::WorkloadConfig::Dataset files = open_dataset(folder.path());
  EXPECT_EQ(files.format, "cifar10");
  EXPECT_EQ(files.classes.size(), 10U);
  const Dataset train = read_training_set(files);
  EXPECT_TRUE((train.shape == FeatureMapShape{3, 32, 32}));
  EXPECT_THAT(train.labels, testing::ElementsAre(1, 9, 2, 9, 3, 9, 4, 9, 5, 9));
  ASSERT_EQ(train.pixels.size(), 10U * 3072U);
  EXPECT_EQ(train.image(4)[0], 3);  // the third batch's first image
  EXPECT_EQ(train.image(5)[1], 5);
  EXPECT_EQ(train.image(4)[1024], (3 + 1024) % 256);  // green follows red
  const Dataset test = read_test_set(files);
  EXPECT_THAT(test.labels, testing::ElementsAre(0, 3, 7));
  EXPECT_EQ(test.image(2)[3071], (102 + 3071) % 256);
}

TEST_F(CifarFolder, Cifar100_KeepsTheFineLabel) {
  write("train.bin", records({label(19, 99), label(0, 4)}, 5));
  write("test.bin", records({label(3, 50)}, 6));
  const config::WorkloadConfig::Dataset files = open_dataset(folder.path());
  EXPECT_EQ(files.format, "cifar100");
  EXPECT_EQ(files.classes.size(), 100U);
  const Dataset train = read_training_set(files);
  EXPECT_THAT(train.labels, testing::ElementsAre(99, 4));
  EXPECT_EQ(train.image(1)[0], 6);
  EXPECT_THAT(read_test_set(files).labels, testing::ElementsAre(50));
}

TEST_F(CifarFolder, WorkloadWithFormat_ReadsTheSame) {
  write_cifar10();
  config::WorkloadConfig workload;
  workload.dataset.format = "cifar10";
  workload.dataset.directory = folder.path();
  EXPECT_EQ(read_test_set(workload).pixels, read_test_set(open_dataset(folder.path())).pixels);
  EXPECT_EQ(read_training_set(workload).size(), 10U);
}

TEST_F(CifarFolder, ShortFile_IsRefusedWithItsLastByte) {
  write_cifar10();
  write("data_batch_3.bin", records({label(1), label(2)}, 0).substr(0, 3073 + 100));
  expect_error([&] { read_training_set(open_dataset(folder.path())); },
               {"TW-DATA-003",
                {"data_batch_3.bin", "ends at byte 3173, inside image 1, which begins at byte 3073",
                 "3073 bytes each"}});
  write("data_batch_3.bin", "");
  expect_error([&] { read_training_set(open_dataset(folder.path())); },
               {"TW-DATA-003", {"ends at byte 0, inside image 0"}});
}

TEST_F(CifarFolder, FilesOfTheOtherKind_AreGuessed) {
  write("test_batch.bin", records({label(3, 50)}, 6));
  expect_error([&] { read_test_set(open_dataset(folder.path())); },
               {"TW-DATA-003", {"is it the other of cifar10 and cifar100?"}});
}

TEST_F(CifarFolder, LabelOutOfRange_IsRefusedWithItsByte) {
  write_cifar10();
  write("test_batch.bin", records({label(1), label(10)}, 0));
  expect_error([&] { read_test_set(open_dataset(folder.path())); },
               {"TW-DATA-005", {"image 1 has the label 10 at byte 3073", "0 to 9"}});
}

TEST_F(CifarFolder, CoarseAndFineLabelsOutOfRange_AreRefused) {
  const auto read = [&](const std::string& content) {
    write("test.bin", content);
    read_test_set(open_dataset(folder.path()));
  };
  expect_error(
      [&] {
        read(records({label(0, 0), label(1, 100)}, 0));
      },
      {"TW-DATA-005", {"image 1 has the label 100 at byte 3075", "0 to 99"}});
  expect_error([&] { read(records({label(20, 0)}, 0)); },
               {"TW-DATA-005", {"image 0 has the coarse label 20 at byte 0", "0 to 19"}});
}

TEST_F(CifarFolder, MissingBatch_IsNamed) {
  write_cifar10();
  std::filesystem::remove(folder.path() / "data_batch_4.bin");
  expect_error([&] { read_training_set(open_dataset(folder.path())); },
               {"TW-DATA-001", {"data_batch_4.bin", "a binary file of CIFAR"}});
}

TEST_F(CifarFolder, IdxFiles_AreRecognisedToo) {
  const std::string images = std::string("\0\0\x08\x03\0\0\0\1\0\0\0\2\0\0\0\2", 16) + "abcd";
  const std::string labels = std::string("\0\0\x08\x01\0\0\0\1", 8) + "\x07";
  write("train-images-idx3-ubyte", images);
  write("train-labels-idx1-ubyte", labels);
  write("t10k-images.idx3-ubyte", images);
  expect_error([&] { open_dataset(folder.path()); }, {"TW-DATA-007", {folder.path().string()}});
  write("t10k-labels-idx1-ubyte.gz", labels);  // the reader looks at the content
  const config::WorkloadConfig::Dataset files = open_dataset(folder.path());
  EXPECT_EQ(files.format, "idx");
  EXPECT_TRUE(files.classes.empty());
  EXPECT_THAT(read_training_set(files).labels, testing::ElementsAre(7));
  EXPECT_EQ(read_test_set(files).image(0)[3], 'd');
}

TEST_F(CifarFolder, OtherFolders_AreRefused) {
  const ExpectedError expected = {"TW-DATA-007",
                                  {"no folder of a known dataset", "data_batch_1.bin", "gzip'd"}};
  expect_error([&] { open_dataset(folder.path()); }, expected);
  expect_error([&] { open_dataset(folder.path() / "none"); }, expected);
}

TEST(Cifar10, PublishedFiles_HaveAThousandTestImagesOfEachClass) {
  const char* data = std::getenv("TOGGLEWISE_DATA");
  if (data == nullptr) GTEST_SKIP() << "TOGGLEWISE_DATA does not name a folder with CIFAR-10";
  const Dataset test =
      read_test_set(open_dataset(std::filesystem::path(data) / "cifar-10-batches-bin"));
  ASSERT_EQ(test.size(), 10000U);
  for (std::uint8_t label = 0; label < 10; ++label) {
    EXPECT_EQ(std::count(test.labels.begin(), test.labels.end(), label), 1000) << int{label};
  }
}

}  // namespace
}  // namespace togglewise::network
