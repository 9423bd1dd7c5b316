// The idx reader on small files made here, plain and gzip'd.
#include "sim/network/dataset.h"

#include <algorithm>
#include <numeric>

#include <zlib.h>

#include "sim/base/files.h"
#include "sim/network/inference.h"
#include "sim/network/traces.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::network {
namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(value >> shift & 255));
  return bytes;
}

std::string idx(const std::vector<std::uint32_t>& shape, const std::string& elements) {
  std::string bytes = {0, 0, 8, static_cast<char>(shape.size())};
  for (const std::uint32_t size : shape) bytes += big_endian(size);
  return bytes + elements;
}

std::string gzipped(const std::string& content) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "file.gz";
  const gzFile stream = gzopen(file.c_str(), "wb");
  gzwrite(stream, content.data(), static_cast<unsigned>(content.size()));
  gzclose(stream);
  return read_file(file);
}

class IdxReader : public testing::Test {
 protected:
  IdxReader() {
    for (int i = 0; i < 3 * 2 * 4; ++i) pixels.push_back(static_cast<char>(i * 10));
  }
  Dataset read(const std::string& image_bytes, const std::string& label_bytes) {
    write_file_atomically(images, image_bytes);
    write_file_atomically(labels, label_bytes);
    return read_idx(images, labels, "some-package");
  }
  void expect_refused(const std::string& image_bytes, const std::string& label_bytes,
                      const ExpectedError& expected) {
    expect_error([&] { read(image_bytes, label_bytes); }, expected);
  }

  TemporaryDirectory folder;
  std::filesystem::path images = folder.path() / "images";
  std::filesystem::path labels = folder.path() / "labels";
  std::string pixels;
  std::string good_images = idx({3, 2, 4}, pixels);
  std::string good_labels = idx({3}, std::string("\x02\x00\x01", 3));
};

TEST_F(IdxReader, PlainAndGzippedFiles_ReadTheSame) {
  good_images = idx({3, 2, 4}, pixels);
  const std::vector<std::string> image_files = {good_images, gzipped(good_images)};
  const std::vector<std::string> label_files = {gzipped(good_labels), good_labels};
  for (std::size_t i = 0; i < 2; ++i) {
    const Dataset dataset = read(image_files[i], label_files[i]);
    EXPECT_EQ(dataset.size(), 3U);
    EXPECT_TRUE((dataset.shape == FeatureMapShape{1, 2, 4}));
    EXPECT_THAT(dataset.labels, testing::ElementsAre(2, 0, 1));
    ASSERT_EQ(dataset.pixels.size(), 24U);
    EXPECT_EQ(dataset.image(1)[0], 80);
    EXPECT_EQ(dataset.image(2)[7], 230);
  }
}

TEST_F(IdxReader, MissingFile_NamesThePackage) {
  expect_error([&] { read_idx(folder.path() / "none.gz", labels, "some-package"); },
               {"TW-DATA-001", {"none.gz", "apt-get install some-package"}});
  expect_error([&] { read_idx(folder.path(), labels, ""); }, {"TW-DATA-001", {"not there"}});
}

TEST_F(IdxReader, OtherFiles_AreNoIdxFiles) {
  good_images = idx({3, 2, 4}, pixels);
  expect_refused("hello, this is text", good_labels, {"TW-DATA-002", {"no idx file of images"}});
  expect_refused("", good_labels, {"TW-DATA-002", {"images"}});
  expect_refused(good_labels, good_images, {"TW-DATA-002", {"no idx file of images", "08 03"}});
  expect_refused(good_images, good_images, {"TW-DATA-002", {"no idx file of labels", "08 01"}});
  expect_refused(idx({0, 2, 4}, ""), good_labels, {"TW-DATA-002", {"dimension 1 as 0"}});
  expect_refused(idx({4000000000U, 2, 4}, pixels), good_labels,
                 {"TW-DATA-002", {"dimension 1 as 4000000000"}});
  expect_refused(good_images + "x", good_labels, {"TW-DATA-002", {"1 bytes after"}});
}

TEST_F(IdxReader, ShortFiles_AreRefused) {
  good_images = idx({3, 2, 4}, pixels);
  expect_refused(good_images.substr(0, 30), good_labels,
                 {"TW-DATA-003", {"cut off after 30 bytes of 40"}});
  expect_refused(good_images.substr(0, 9), good_labels, {"TW-DATA-003", {"cut off after 9"}});
  expect_refused(good_images, good_labels.substr(0, 10), {"TW-DATA-003", {"labels"}});
  const std::string compressed = gzipped(good_images);
  expect_refused(compressed.substr(0, compressed.size() / 2), good_labels,
                 {"TW-DATA-003", {"images"}});
  std::string damaged = compressed;
  damaged[damaged.size() - 6] ^= 1;  // in the checksum at the end
  expect_refused(damaged, good_labels, {"TW-DATA-003", {"cut off or damaged"}});
}

TEST_F(IdxReader, ImagesAndLabelsOfDifferentNumber_AreRefused) {
  good_images = idx({3, 2, 4}, pixels);
  expect_refused(good_images, idx({2}, "ab"), {"TW-DATA-004", {"2 labels for 3 images"}});
}

TEST_F(IdxReader, LabelWithoutClass_IsRefused) {
  good_images = idx({3, 2, 4}, pixels);
  read(good_images, good_labels);
  config::WorkloadConfig workload;
  workload.dataset.train_images = workload.dataset.test_images = images;
  workload.dataset.train_labels = workload.dataset.test_labels = labels;
  workload.dataset.classes = {"a", "b", "c"};
  EXPECT_EQ(read_training_set(workload).size(), 3U);
  EXPECT_EQ(read_test_set(workload).size(), 3U);
  workload.dataset.classes = {"a", "b"};
  const ExpectedError expected = {"TW-DATA-005", {"image 0 has label 2", "from 0 to 1"}};
  expect_error([&] { read_training_set(workload); }, expected);
  expect_error([&] { read_test_set(workload); }, expected);
}

TEST(TrainingSplit, EveryImage_IsOnOneSideAndTheSeedDecides) {
  const TrainingSplit split = split_training_set(1000, 100, 7);
  EXPECT_EQ(split.train.size(), 900U);
  EXPECT_EQ(split.holdout.size(), 100U);
  std::vector<std::size_t> all = split.train;
  all.insert(all.end(), split.holdout.begin(), split.holdout.end());
  EXPECT_FALSE(std::is_sorted(all.begin(), all.end()));
  std::sort(all.begin(), all.end());
  std::vector<std::size_t> expected(1000);
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  EXPECT_EQ(all, expected);
  EXPECT_EQ(split_training_set(1000, 100, 7).holdout, split.holdout);
  EXPECT_NE(split_training_set(1000, 100, 8).holdout, split.holdout);
  // A larger holdout extends a smaller one: both are the end of the same shuffle.
  const TrainingSplit larger = split_training_set(1000, 200, 7);
  EXPECT_TRUE(std::equal(split.holdout.begin(), split.holdout.end(), larger.holdout.end() - 100));
}

TEST(TestSplit, FirstImages_JudgeTheLimitAndTheOthersAreReported) {
  const TestSplit split = split_test_set(10, 4);
  EXPECT_THAT(split.limit, testing::ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(split.reported, testing::ElementsAre(4, 5, 6, 7, 8, 9));
  EXPECT_TRUE(split_test_set(10, 0).limit.empty());
  EXPECT_EQ(split_test_set(10, 0).reported.size(), 10U);
}

TEST_F(IdxReader, LimitThatLeavesNoTestImages_IsRefusedOnReading) {
  good_images = idx({3, 2, 4}, pixels);
  read(good_images, good_labels);
  config::WorkloadConfig::Dataset files;
  files.train_images = files.test_images = images;
  files.train_labels = files.test_labels = labels;
  files.limit_test_images = 2;
  EXPECT_EQ(read_test_set(files).size(), 3U);
  files.limit_test_images = 3;
  EXPECT_EQ(read_training_set(files).size(), 3U);
  expect_error([&] { read_test_set(files); },
               {"TW-DATA-011", {"3 of 3 test images", "below 3", "dataset.limit_test_images"}});
}

// Reading is blind to what network the images are for: every consumer asks first.
TEST_F(IdxReader, ImagesOfAnotherShapeThanTheNetwork_AreRefusedBeforeTheyAreUsed) {
  good_images = idx({3, 2, 4}, pixels);
  const Dataset dataset = read(good_images, good_labels);
  const QuantizedNetwork network = random_network(1);
  ASSERT_FALSE(network.input == dataset.shape);
  const ExpectedError expected = {
      "TW-DATA-009", {"the images are 1×2×4, but the network 'random1' takes", "×rows×"}};
  expect_error([&] { count_correct(network, dataset, {0}, 1); }, expected);
  expect_error([&] { trace_network(network, dataset, {0}, "three images", 1); }, expected);
}

TEST(TrainingSplit, NothingLeftToTrainOn_IsRefused) {
  expect_error([] { split_training_set(100, 100, 1); },
               {"TW-DATA-006", {"100 of 100 training images", "dataset.holdout_images"}});
  EXPECT_EQ(split_training_set(100, 99, 1).train.size(), 1U);
}

}  // namespace
}  // namespace togglewise::network
