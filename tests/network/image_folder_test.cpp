// Folders of images by class, on small ones made here.
#include "sim/network/image_folder.h"

#include "sim/base/files.h"
#include "tests/config/expect_error.h"
#include "tests/network/image_writers.h"

namespace togglewise::network {
namespace {

using testing::ElementsAre;

class ImageFolder : public testing::Test {
 protected:
  ImageFolder() {
    files.format = "folder";
    files.directory = folder.path();
  }
  void write(const std::string& path, const std::string& bytes) const {
    std::filesystem::create_directories((folder.path() / path).parent_path());
    write_file_atomically(folder.path() / path, bytes);
  }
  static std::string grey(int value, int width = 2, int height = 2) {
    const auto size = static_cast<std::size_t>(width * height);
    return png(width, height, PngColour::grey, std::string(size, static_cast<char>(value)));
  }
  // Two classes, with 3 and 1 images to train on and 1 each to test on.
  void write_small() const {
    write("train/dog/a.png", grey(1));
    write("train/cat/10.png", grey(3));
    write("train/cat/2.PNG", grey(4));
    write("train/cat/1.pgm", pnm("P5 2 2 255", "\x02\x02\x02\x02"));
    write("test/cat/x.png", grey(5));
    write("test/dog/x.bmp",
          bmp(2, 2, 8, std::string("\0\0__\0\0__", 8), std::string("\6\6\6\0", 4)));
  }
  void expect_refused(const char* part, const ExpectedError& expected) const {
    expect_error([&] { read_image_folder(files, part); }, expected);
  }

  TemporaryDirectory folder;
  config::WorkloadConfig::Dataset files;
};

TEST_F(ImageFolder, Images_ComeByTurnsFromTheClasses) {
  write_small();
  write("train/.hidden/y.png", "not looked at");
  write("train/cat/.thumbs", "not looked at");
  write("train/labels.csv", "not looked at");
  const Dataset train = read_training_set(files);
  EXPECT_TRUE((train.shape == FeatureMapShape{1, 2, 2}));
  EXPECT_THAT(train.labels, ElementsAre(0, 1, 0, 0));
  EXPECT_EQ(train.image(0)[0], 2);  // cat/1.pgm
  EXPECT_EQ(train.image(1)[3], 1);  // dog/a.png
  EXPECT_EQ(train.image(2)[0], 3);  // cat/10.png
  EXPECT_EQ(train.image(3)[3], 4);  // cat/2.PNG
  ASSERT_EQ(train.pixels.size(), 16U);
  const Dataset test = read_test_set(files);
  EXPECT_THAT(test.labels, ElementsAre(0, 1));
  EXPECT_EQ(test.image(1)[2], 6);
}

TEST_F(ImageFolder, ClassesGiven_DecideTheLabels) {
  write_small();
  files.classes = {"dog", "cat"};
  EXPECT_THAT(read_training_set(files).labels, ElementsAre(0, 1, 1, 1));
}

TEST_F(ImageFolder, OpenDataset_RecognisesIt) {
  write_small();
  const config::WorkloadConfig::Dataset found = open_dataset(folder.path());
  EXPECT_EQ(found.format, "folder");
  EXPECT_EQ(found.directory, folder.path());
  EXPECT_THAT(found.classes, ElementsAre("cat", "dog"));
  EXPECT_EQ(read_training_set(found).size(), 4U);
  std::filesystem::remove_all(folder.path() / "test");
  expect_error([&] { open_dataset(folder.path()); }, {"TW-DATA-007", {"test/CLASS"}});
}

TEST_F(ImageFolder, FoldersThatAreNotThere_AreAskedFor) {
  files.package = "some-package";
  expect_refused("train", {"TW-DATA-001", {"train", "not there", "apt-get install some-package"}});
  write_small();
  std::filesystem::remove_all(folder.path() / "test");
  expect_refused("test", {"TW-DATA-001", {(folder.path() / "test").string()}});
}

TEST_F(ImageFolder, OneClass_IsTooFew) {
  write("train/cat/a.png", grey(1));
  expect_refused("train", {"TW-DATA-010", {"there are 1 class folders", "2 to 256"}});
}

TEST_F(ImageFolder, MoreClassesThanLabels_AreTooMany) {
  for (int i = 0; i <= 256; ++i) {
    std::filesystem::create_directories(folder.path() / "train" / std::to_string(i));
  }
  expect_refused("train", {"TW-DATA-010", {"there are 257 class folders"}});
}

TEST_F(ImageFolder, ClassThatNobodyNamed_IsRefused) {
  write_small();
  write("test/dogs/a.png", grey(1));
  expect_refused("test", {"TW-DATA-010",
                          {"test/dogs", "'dogs' is none of the classes", "expected cat or dog",
                           "did you mean 'dog'?"}});
  files.classes = {"cat", "cow"};
  expect_refused("train", {"TW-DATA-010", {"'dog' is none of the classes", "cat or cow"}});
}

TEST_F(ImageFolder, ClassWithoutFolderOrImages_IsRefused) {
  write_small();
  files.classes = {"cat", "dog", "owl"};
  expect_refused("train", {"TW-DATA-010", {"train/owl", "the class has no folder"}});
  files.classes.clear();
  std::filesystem::remove(folder.path() / "test/dog/x.bmp");
  expect_refused("test", {"TW-DATA-010", {"test/dog", "has no images"}});
}

TEST_F(ImageFolder, FilesThatAreNoImages_AreRefused) {
  write_small();
  write("train/cat/a.gif", "GIF89a");
  expect_refused("train", {"TW-DATA-010", {"cat/a.gif", "no image file", ".jpeg"}});
  std::filesystem::remove(folder.path() / "train/cat/a.gif");
  std::filesystem::create_directories(folder.path() / "train/cat/b.png");
  expect_refused("train", {"TW-DATA-010", {"cat/b.png", "no image file"}});
  std::filesystem::remove(folder.path() / "train/cat/b.png");
  write("train/c.png", grey(1));
  expect_refused("train", {"TW-DATA-010", {"train/c.png", "outside the class folders"}});
}

TEST_F(ImageFolder, DamagedImage_IsNamed) {
  write_small();
  write("train/cat/2.PNG", grey(4).substr(0, 40));
  expect_refused("train", {"TW-DATA-008", {"cat/2.PNG", "damaged"}});
  std::filesystem::remove(folder.path() / "train/cat/2.PNG");
  std::filesystem::create_symlink("nowhere", folder.path() / "train/cat/2.PNG");
  expect_refused("train", {"TW-FILE-001", {"cat/2.PNG"}});
}

TEST_F(ImageFolder, ImagesOfAnotherShape_AreNamedWithTheirSize) {
  write_small();
  write("train/dog/b.png", grey(1, 3, 2));
  expect_refused("train", {"TW-DATA-009",
                           {"dog/b.png", "has 2×3 pixels (rows×columns)", "expected 2×2",
                            "cat/1.pgm has", "none is resized"}});
  write("train/dog/b.png", png(2, 2, PngColour::rgb, "abcdefghijkl"));
  expect_refused(
      "train", {"TW-DATA-009", {"dog/b.png", "is in colour", "expected grey, as", "cat/1.pgm is"}});
}

TEST_F(ImageFolder, TestImages_MustHaveTheShapeOfTrainingImages) {
  write_small();
  write("test/cat/x.png", grey(1, 2, 3));
  write("test/dog/x.bmp", bmp(2, 3, 24, std::string(24, 'x')));
  expect_refused("test", {"TW-DATA-009", {"test/cat/x.png", "has 3×2 pixels", "train/cat/1.pgm"}});
}

TEST_F(ImageFolder, ImageSizeStated_IsHeldByAll) {
  write_small();
  files.image_height = 2;
  files.image_width = 2;
  EXPECT_EQ(read_training_set(files).size(), 4U);
  files.image_width = 4;
  expect_refused(
      "train",
      {"TW-DATA-009", {"cat/1.pgm", "2×2 pixels", "expected 2×4", "'dataset.image_size' has"}});
}

}  // namespace
}  // namespace togglewise::network
