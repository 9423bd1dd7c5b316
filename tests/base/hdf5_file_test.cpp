#include "sim/base/hdf5_file.h"

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"

namespace togglewise {
namespace {

namespace fs = std::filesystem;

void write_sample(const fs::path& file) {
  Hdf5Writer writer(file, "sample");
  writer.write("/z/weights", std::vector<std::int8_t>{1, -2, 3, -4, 5, -6}, {2, 3});
  writer.write("/z/energies", std::vector<double>{0.5, 1.5}, {2});
  writer.write("/a/counts", std::vector<std::uint64_t>{7}, {1});
  writer.attribute("/z/weights", "layer", "conv1");
  writer.attribute("/", "seed", std::int64_t{42});
  writer.attribute("/", "slew_ns", 0.25);
  writer.commit();
}

std::string error_id(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.id();
  }
  return "no error";
}

TEST(Hdf5File, ReturnsWhatWasWritten) {
  const TemporaryDirectory folder;
  write_sample(folder.path() / "s.h5");
  const Hdf5Reader reader(folder.path() / "s.h5", "sample");
  const auto weights = reader.read_int8("/z/weights");
  EXPECT_EQ(weights.values, (std::vector<std::int8_t>{1, -2, 3, -4, 5, -6}));
  EXPECT_EQ(weights.shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(reader.text_attribute("/z/weights", "layer"), "conv1");
  EXPECT_EQ(reader.integer_attribute("/", "seed"), 42);
  EXPECT_EQ(reader.real_attribute("/", "slew_ns"), 0.25);
  EXPECT_EQ(reader.children("/"), (std::vector<std::string>{"z", "a"}));
}

TEST(Hdf5File, HasTheSameBytes_WhenWrittenTwice) {
  const TemporaryDirectory folder;
  write_sample(folder.path() / "a.h5");
  write_sample(folder.path() / "b.h5");
  EXPECT_EQ(read_file(folder.path() / "a.h5"), read_file(folder.path() / "b.h5"));
}

TEST(Hdf5File, IsNotThere_WhenTheWriterDidNotCommit) {
  const TemporaryDirectory folder;
  { Hdf5Writer writer(folder.path() / "s.h5", "sample"); }
  EXPECT_FALSE(fs::exists(folder.path() / "s.h5"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Hdf5File, RefusesADamagedArray) {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "s.h5";
  write_sample(file);
  std::string bytes = read_file(file);
  const std::string content{1, -2, 3, -4, 5, -6};
  const std::size_t place = bytes.find(content);
  ASSERT_NE(place, std::string::npos);
  bytes[place] ^= 1;
  write_file_atomically(file, bytes);
  const Hdf5Reader reader(file, "sample");
  EXPECT_EQ(error_id([&] { reader.read_int8("/z/weights"); }), "TW-HDF5-004");
}

TEST(Hdf5File, RefusesMissingCutOffAndForeignFiles) {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "s.h5";
  EXPECT_EQ(error_id([&] { Hdf5Reader(file, "sample"); }), "TW-HDF5-001");
  write_sample(file);
  EXPECT_EQ(error_id([&] { Hdf5Reader(file, "other"); }), "TW-HDF5-002");
  EXPECT_EQ(error_id([&] { Hdf5Reader(file, "sample").read_float("/z/weights"); }), "TW-HDF5-003");
  EXPECT_EQ(error_id([&] { Hdf5Reader(file, "sample").text_attribute("/", "seed"); }),
            "TW-HDF5-005");
  const std::string bytes = read_file(file);
  write_file_atomically(file, bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(error_id([&] { Hdf5Reader(file, "sample"); }), "TW-HDF5-001");
}

}  // namespace
}  // namespace togglewise
