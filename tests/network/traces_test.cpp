#include "sim/network/traces.h"

#include <algorithm>
#include <numeric>

#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/hdf5_file.h"
#include "sim/network/inference.h"
#include "sim/network/onnx_file.h"
#include "tests/config/expect_error.h"
#include "tests/network/expect_equal.h"
#include "tests/network/random_graph.h"

namespace togglewise::network {
namespace {

// Even seeds have branches, groups and windows of every kind.
QuantizedNetwork sample_network(std::uint64_t seed) {
  return seed % 2 == 0 ? random_graph(seed) : random_network(seed);
}

Traces sample_traces(std::uint64_t seed, int threads = 2) {
  const QuantizedNetwork network = sample_network(seed);
  const Dataset images = random_images(network, 6, seed);
  return trace_network(network, images, {5, 0, 3}, "images 5, 0 and 3", threads);
}

void expect_equal_traces(const Traces& a, const Traces& b) {
  EXPECT_EQ(a.network_name, b.network_name);
  EXPECT_EQ(a.model_hash, b.model_hash);
  EXPECT_EQ(a.image_source, b.image_source);
  EXPECT_EQ(a.synthetic, b.synthetic);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    expect_equal(a.layers[i].layer, b.layers[i].layer);
    EXPECT_EQ(a.layers[i].images, b.layers[i].images);
    EXPECT_EQ(a.layers[i].ifmaps, b.layers[i].ifmaps);
  }
}

TEST(TraceNetwork, EveryLayer_HoldsWhatInferenceSaw) {
  const QuantizedNetwork network = sample_network(8);
  const Dataset images = random_images(network, 6, 8);
  const Traces traces = sample_traces(8);
  EXPECT_EQ(traces.network_name, "graph8");
  EXPECT_EQ(traces.model_hash, hash_bytes(to_onnx(network)));
  ASSERT_EQ(traces.layers.size(), network.gemm_layers().size());
  const std::vector<std::size_t> indices = {5, 0, 3};
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::size_t layer = 0;
    infer(network, images.image(indices[i]), [&](const LayerTrace& seen) {
      const TracedLayer& traced = traces.layers[layer++];
      EXPECT_EQ(traced.images, 3);
      const auto begin =
          traced.ifmaps.begin() + static_cast<std::ptrdiff_t>(i * traced.layer.input.size());
      EXPECT_TRUE(std::equal(seen.ifmap.begin(), seen.ifmap.end(), begin));
    });
  }
}

TEST(TraceNetwork, NumberOfThreads_ChangesNothing) {
  expect_equal_traces(sample_traces(9, 1), sample_traces(9, 4));
}

TEST(TraceFile, RandomNetworks_SurviveTheRoundTrip) {
  const TemporaryDirectory folder;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    Traces traces = sample_traces(seed);
    traces.synthetic = seed % 3 == 0;
    write_traces(traces, folder.path() / "traces.h5");
    expect_equal_traces(read_traces(folder.path() / "traces.h5"), traces);
  }
}

class TraceFileDamage : public testing::Test {
 protected:
  TraceFileDamage() {
    write_traces(traces, file);
    content = read_file(file);
  }
  // The place of the values in the file: arrays are stored as they are in memory.
  std::size_t place_of(const std::vector<std::int8_t>& values) const {
    const auto found = std::search(content.begin(), content.end(), values.begin(), values.end(),
                                   [](char a, std::int8_t b) { return a == static_cast<char>(b); });
    EXPECT_NE(found, content.end());
    return static_cast<std::size_t>(found - content.begin());
  }

  Traces traces = sample_traces(4);
  TemporaryDirectory folder;
  std::filesystem::path file = folder.path() / "traces.h5";
  std::string content;
};

TEST_F(TraceFileDamage, ChangedByteOfTheOperands_IsDetected) {
  const std::size_t place = place_of(traces.layers[0].ifmaps) + 7;
  content[place] = static_cast<char>(content[place] ^ 1);
  write_file_atomically(file, content);
  expect_error([&] { read_traces(file); }, {"TW-TRACE-002", {file.string(), "/ifmaps"}});
}

TEST_F(TraceFileDamage, ChangedByteOfTheWeights_IsDetected) {
  const std::size_t place = place_of(traces.layers.back().layer.weights);
  content[place] = static_cast<char>(content[place] ^ 1);
  write_file_atomically(file, content);
  expect_error([&] { read_traces(file); }, {"TW-TRACE-002", {"/weights"}});
}

TEST_F(TraceFileDamage, CutOffOrOtherFiles_AreNoTraceFiles) {
  write_file_atomically(file, content.substr(0, content.size() / 2));
  expect_error([&] { read_traces(file); }, {"TW-TRACE-001", {file.string()}});
  write_file_atomically(file, "text");
  expect_error([&] { read_traces(file); }, {"TW-TRACE-001", {file.string()}});
  expect_error([&] { read_traces(folder.path() / "none.h5"); }, {"TW-TRACE-001", {"none.h5"}});
  Hdf5Writer other(file, "togglewise something else");
  other.commit();
  expect_error([&] { read_traces(file); }, {"TW-TRACE-001", {file.string()}});
}

TEST_F(TraceFileDamage, OlderFormatVersion_AsksForNewTraces) {
  Hdf5Writer writer(file, "togglewise traces");
  writer.attribute("/", "format", std::int64_t{1});
  writer.commit();
  expect_error(
      [&] { read_traces(file); },
      {"TW-TRACE-002", {file.string(), "format 1", "expected format 2", "make the traces anew"}});
}

TEST_F(TraceFileDamage, MissingArray_IsNamed) {
  Hdf5Writer writer(file, "togglewise traces");
  writer.attribute("/", "format", std::int64_t{2});
  writer.attribute("/", "synthetic", std::int64_t{0});
  for (const char* name : {"network", "model_hash", "image_source"}) {
    writer.attribute("/", name, std::string("x"));
  }
  writer.attribute("/", "layers", std::int64_t{1});
  writer.commit();
  expect_error([&] { read_traces(file); }, {"TW-TRACE-002", {"/layers/000"}});
}

TEST_F(TraceFileDamage, SizesThatDoNotFit_AreRefused) {
  GemmLayer& layer = traces.layers[0].layer;
  const GemmLayer whole = layer;
  const auto expect_refused = [&](const std::string& word) {
    write_traces(traces, file);
    expect_error([&] { read_traces(file); }, {"TW-TRACE-002", {word}});
    layer = whole;
  };
  layer.output.height += 1;
  expect_refused("sizes of layer");
  layer.window.stride_width = 0;
  expect_refused("sizes of layer");
  layer.window.dilation_height = 1 << 29;
  expect_refused("sizes of layer");
  layer.window.pad_left = -5;
  expect_refused("sizes of layer");
  layer.high = 0;
  expect_refused("the upper limit 0");
  layer.bias.pop_back();
  layer.weight_scale.pop_back();
  expect_refused("arrays of layer");
}

TEST_F(TraceFileDamage, GroupsThatDoNotFit_AreRefused) {
  TracedLayer& traced = traces.layers[0];
  GemmLayer& layer = traced.layer;  // depthwise, 4 channels of one 1×1 weight each
  layer = {};
  layer.name = "depthwise";
  layer.input = layer.output = {4, 2, 2};
  layer.groups = 4;
  layer.weights.assign(4, 3);
  layer.bias.assign(4, 0);
  layer.weight_scale.assign(4, 1);
  traced.images = 1;
  traced.ifmaps.assign(16, 5);
  write_traces(traces, file);
  EXPECT_EQ(read_traces(file).layers[0].layer.groups, 4);
  traced.ifmaps.assign(20, 5);
  layer.input.channels = 5;
  write_traces(traces, file);
  expect_error([&] { read_traces(file); },
               {"TW-TRACE-002", {"4 groups of 1 channels for 5 input and 4 output channels"}});
}

TEST_F(TraceFileDamage, IsTraceFile_TellsItFromOtherFiles) {
  EXPECT_TRUE(is_trace_file(file));
  EXPECT_FALSE(is_trace_file(folder.path() / "none.h5"));
  EXPECT_FALSE(is_trace_file(folder.path()));
  write_file_atomically(file, "text");
  EXPECT_FALSE(is_trace_file(file));
  Hdf5Writer other(file, "togglewise energy tables");
  other.commit();
  EXPECT_FALSE(is_trace_file(file));
}

}  // namespace
}  // namespace togglewise::network
