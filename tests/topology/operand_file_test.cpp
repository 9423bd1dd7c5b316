#include "sim/topology/operand_file.h"

#include <zip.h>

#include <gtest/gtest.h>
#include <hdf5.h>

#include "sim/base/files.h"
#include "sim/topology/synthetic_operands.h"
#include "tests/config/expect_error.h"
#include "tests/topology/text_file.h"

namespace togglewise::topology {
namespace {

using Values = std::vector<std::int8_t>;

// An .npy file, format 1.0, as numpy writes it.
std::string npy(const std::string& shape, const Values& values, const std::string& type = "|i1",
                bool fortran_order = false) {
  std::string header = "{'descr': '" + type +
                       "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  while ((header.size() + 11) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += '\x01';
  bytes += '\x00';
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(values.begin(), values.end());
  return bytes;
}

using Entries = std::vector<std::pair<std::string, std::string>>;

class OperandFolder {
 public:
  std::filesystem::path npz(const Entries& entries, bool deflate = true) const {
    const std::filesystem::path file = folder_.path() / "net.npz";
    int code = 0;
    zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    EXPECT_NE(archive, nullptr);
    for (const auto& [name, bytes] : entries) {
      zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
      const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
      zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                               deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    }
    EXPECT_EQ(zip_close(archive), 0);
    return file;
  }

  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }

 private:
  TemporaryDirectory folder_;
};

// K = 3, N = 2, M = 4.
const Values weights = {1, 2, 3, 4, 5, 6};  // [K][N]
const Values activations = {10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42};

Entries one_layer() {
  return {{"conv1.weights.npy", npy("(3, 2)", weights)},
          {"conv1.activations.npy", npy("(4, 3)", activations)}};
}

void expect_one_layer(const network::TracedLayer& traced) {
  const network::GemmLayer& layer = traced.layer;
  EXPECT_EQ(layer.name, "conv1");
  EXPECT_EQ(layer.gemm().reduction, 3);
  EXPECT_EQ(layer.gemm().output_channels, 2);
  EXPECT_EQ(layer.gemm().output_pixels, 4);
  EXPECT_EQ(layer.weights, (Values{1, 3, 5, 2, 4, 6}));  // [output channel][K]
  EXPECT_EQ(traced.images, 1);
  // [channel][pixel]
  EXPECT_EQ(traced.ifmaps, (Values{10, 20, 30, 40, 11, 21, 31, 41, 12, 22, 32, 42}));
}

TEST(OperandFile, ReadsNpz_StoredAndDeflated) {
  const OperandFolder folder;
  for (const bool deflate : {false, true}) {
    const network::Traces traces = read_operands(folder.npz(one_layer(), deflate), 8, 8);
    EXPECT_FALSE(traces.synthetic);
    EXPECT_EQ(traces.network_name, "net");
    EXPECT_EQ(traces.image_source, "operands of net.npz");
    ASSERT_EQ(traces.layers.size(), 1U);
    expect_one_layer(traces.layers[0]);
  }
}

TEST(OperandFile, ReadsFortranOrder) {
  const OperandFolder folder;
  const Entries entries = {
      {"conv1.weights.npy", npy("(3, 2)", {1, 3, 5, 2, 4, 6}, "|i1", true)},
      {"conv1.activations.npy",
       npy("(4, 3)", {10, 20, 30, 40, 11, 21, 31, 41, 12, 22, 32, 42}, "|i1", true)}};
  expect_one_layer(read_operands(folder.npz(entries), 8, 8).layers.at(0));
}

TEST(OperandFile, ReadsBatchesAsImages_AndKeepsTheFilesOrder) {
  const OperandFolder folder;
  const Entries entries = {{"z.weights.npy", npy("(1, 1)", {7})},
                           {"other.npy", npy("(1,)", {1})},
                           {"a.b.activations.npy", npy("(2, 1, 2)", {1, 2, 3, 4})},
                           {"z.activations.npy", npy("(2, 3, 1)", {1, 2, 3, 4, 5, 6})},
                           {"a.b.weights.npy", npy("(2, 1)", {8, 9})}};
  const network::Traces traces = read_operands(folder.npz(entries), 8, 8);
  ASSERT_EQ(traces.layers.size(), 2U);
  EXPECT_EQ(traces.layers[0].layer.name, "z");
  EXPECT_EQ(traces.layers[1].layer.name, "a.b");
  EXPECT_EQ(traces.layers[0].images, 2);
  EXPECT_EQ(traces.layers[0].ifmaps, (Values{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(traces.layers[1].ifmaps, (Values{1, 2, 3, 4}));
}

void write_hdf5(hid_t file, const std::string& path, const std::vector<hsize_t>& shape, hid_t type,
                const void* values) {
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, static_cast<int>(shape.size()), shape.data());
  H5Pset_deflate(creation, 5);
  const hid_t dataset = H5Dcreate2(file, path.c_str(), type, space, links, creation, H5P_DEFAULT);
  H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  H5Pclose(links);
}

TEST(OperandFile, ReadsHdf5_ChunkedAndCompressed) {
  const OperandFolder folder;
  const std::string path = folder.file("net.h5").string();
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  write_hdf5(file, "/conv1/weights", {3, 2}, H5T_STD_I8LE, weights.data());
  write_hdf5(file, "/conv1/activations", {1, 4, 3}, H5T_STD_I8LE, activations.data());
  write_hdf5(file, "/notes", {1}, H5T_STD_I8LE, weights.data());
  H5Fclose(file);
  const network::Traces traces = read_operands(path, 8, 8);
  ASSERT_EQ(traces.layers.size(), 1U);
  expect_one_layer(traces.layers[0]);
}

TEST(OperandFile, ReadsTraceFiles) {
  const OperandFolder folder;
  const TextFile topology("net.csv", "a, 5, 6, 7\n");
  const network::Traces written = synthetic_traces(read_topology(topology.path()), {});
  network::write_traces(written, folder.file("traces.h5"));
  const network::Traces read = read_operands(folder.file("traces.h5"), 8, 8);
  ASSERT_EQ(read.layers.size(), 1U);
  EXPECT_EQ(read.layers[0].layer.weights, written.layers[0].layer.weights);
  EXPECT_EQ(read.layers[0].ifmaps, written.layers[0].ifmaps);
}

void expect_refused(const std::filesystem::path& file, const ExpectedError& expected,
                    int bits = 8) {
  expect_error([&] { read_operands(file, bits, bits); }, expected);
}

TEST(OperandFile, IsRefused_WhenItIsNoSuchFile) {
  const OperandFolder folder;
  const TextFile text("text.npz", "no archive");
  expect_refused(text.path(), {"TW-OPERANDS-001", {"text.npz", "no zip archive"}});
  const TextFile other("text.h5", "no HDF5");
  expect_refused(other.path(), {"TW-OPERANDS-001", {"text.h5", "no HDF5 file"}});
  expect_refused("nowhere.npz", {"TW-FILE-001", {"nowhere.npz"}});
  expect_refused("nowhere.h5", {"TW-FILE-001", {"nowhere.h5"}});
  const std::string whole = read_file(folder.npz(one_layer()));
  const TextFile cut("cut.npz", whole.substr(0, whole.size() / 2));
  expect_refused(cut.path(), {"TW-OPERANDS-001", {"cut.npz"}});
}

TEST(OperandFile, IsRefused_WhenAnArrayIsDamaged) {
  const OperandFolder folder;
  expect_refused(folder.npz({{"a.weights.npy", "rubbish"}}),
                 {"TW-OPERANDS-001", {"a.weights", "not an .npy array"}});
  expect_refused(folder.npz({{"a.weights.npy", npy("(3, 3)", weights)}}),
                 {"TW-OPERANDS-001", {"a.weights", "6 bytes", "9 values"}});
  expect_refused(folder.npz({{"a.weights.npy", npy("(9999999999, 9999999999)", weights)}}),
                 {"TW-OPERANDS-001", {"a.weights"}});
  std::string whole = read_file(folder.npz(one_layer(), false));
  whole[whole.find('\x0A', whole.find("NUMPY")) + 2] ^= 1;
  const TextFile flipped("flipped.npz", whole);
  expect_refused(flipped.path(), {"TW-OPERANDS-001", {"cannot be unpacked"}});
}

TEST(OperandFile, IsRefused_WhenAnArrayIsMissingOrThereTwice) {
  const OperandFolder folder;
  expect_refused(folder.npz({one_layer()[0]}),
                 {"TW-OPERANDS-002", {"'conv1' has weights but no activations"}});
  expect_refused(folder.npz({{"other.npy", npy("(1,)", {1})}}), {"TW-OPERANDS-002", {"no layer"}});
  Entries twice = one_layer();
  twice.emplace_back("conv1.weights", npy("(3, 2)", weights));
  expect_refused(folder.npz(twice), {"TW-OPERANDS-002", {"'conv1.weights'", "twice"}});
}

TEST(OperandFile, IsRefused_WhenAnArrayIsOfAnotherType) {
  const OperandFolder folder;
  expect_refused(folder.npz({{"a.weights.npy", npy("(1, 1)", {0, 0, 0, 0}, "<f4")}}),
                 {"TW-OPERANDS-003", {"'a.weights'", "'<f4'", "int8"}});
  const std::string path = folder.file("net.h5").string();
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  write_hdf5(file, "/a/weights", {3, 2}, H5T_STD_U8LE, weights.data());
  H5Fclose(file);
  expect_refused(path, {"TW-OPERANDS-003", {"/a/weights", "int8"}});
}

TEST(OperandFile, IsRefused_WhenSizesDoNotFit) {
  const OperandFolder folder;
  Entries entries = one_layer();
  entries[1].second = npy("(3, 4)", activations);
  expect_refused(folder.npz(entries), {"TW-OPERANDS-004", {"[3, 2]", "[3, 4]", "K = 3"}});
  entries[1].second = npy("(12,)", activations);
  expect_refused(folder.npz(entries), {"TW-OPERANDS-004", {"[M, K]"}});
  entries[1].second = npy("(0, 3)", {});
  expect_refused(folder.npz(entries), {"TW-OPERANDS-004", {"sizes from 1"}});
  entries = one_layer();
  entries.emplace_back("b.weights.npy", npy("(1, 1)", {1}));
  entries.emplace_back("b.activations.npy", npy("(2, 1, 1)", {1, 2}));
  expect_refused(folder.npz(entries), {"TW-OPERANDS-004", {"'b' has 2 batches", "'conv1' 1"}});
}

TEST(OperandFile, IsRefused_WhenValuesDoNotFitTheArraysBits) {
  const OperandFolder folder;
  expect_refused(folder.npz(one_layer()),
                 {"TW-OPERANDS-005", {"'conv1'", "activations hold 20", "-16 to 15"}}, 5);
}

}  // namespace
}  // namespace togglewise::topology
