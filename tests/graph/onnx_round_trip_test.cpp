#include <onnx/onnx_pb.h>

#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/onnx_file.h"
#include "tests/config/expect_error.h"
#include "tests/network/expect_equal.h"
#include "tests/network/random_graph.h"

namespace togglewise::network {
namespace {

using graph::from_onnx;
using graph::read_onnx;

TEST(OnnxFile, RandomNetworks_SurviveTheRoundTrip) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_network(seed);
    const std::string bytes = to_onnx(network);
    const QuantizedNetwork read = from_onnx(bytes, "memory");
    expect_equal(network, read);
    EXPECT_EQ(to_onnx(read), bytes);
    EXPECT_EQ(to_onnx(network), bytes);
  }
}

TEST(OnnxFile, RandomGraphs_SurviveTheRoundTrip) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_graph(seed);
    const std::string bytes = to_onnx(network);
    const QuantizedNetwork read = from_onnx(bytes, "memory");
    expect_equal(network, read);
    EXPECT_EQ(to_onnx(read), bytes);
    if (HasFailure()) return;
  }
}

TEST(OnnxFile, WrittenFile_ReadsBackWithItsMetadata) {
  const TemporaryDirectory folder;
  QuantizedNetwork network = random_network(5);
  network.metadata = {{"togglewise.workload", "lenet5"}, {"togglewise.baseline", ""}};
  write_onnx(network, folder.path() / "model.onnx");
  expect_equal(network, read_onnx(folder.path() / "model.onnx"));
}

TEST(OnnxFile, Metadata_HoldsPermittedValuesAndEndsWithTheFormat) {
  QuantizedNetwork network = random_network(5);
  GemmLayer& layer = *network.gemm_layers().back();
  std::fill(layer.weights.begin(), layer.weights.end(), std::int8_t{16});
  layer.permitted_values = {-16, 0, 16};
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(to_onnx(network)));
  std::map<std::string, std::string> entries;
  for (const auto& entry : model.metadata_props()) entries[entry.key()] = entry.value();
  EXPECT_EQ(entries.at("togglewise.permitted_values.fc1"), "-16,0,16");
  EXPECT_EQ(entries.at("togglewise.seed"), "5");
  EXPECT_EQ(entries.at("togglewise.content_hash").size(), 32U);
  EXPECT_EQ(model.metadata_props().rbegin()->key(), "togglewise.format");
  EXPECT_EQ(model.metadata_props().rbegin()->value(), "1");
}

TEST(OnnxFile, MetadataKeysOfTheWriterItself_AreRefused) {
  for (const char* key :
       {"togglewise.format", "togglewise.content_hash", "togglewise.permitted_values.fc1"}) {
    QuantizedNetwork network = random_network(5);
    network.metadata[key] = "1";
    expect_error([&] { to_onnx(network); }, {"TW-ONNX-004", {key}});
  }
}

}  // namespace
}  // namespace togglewise::network
