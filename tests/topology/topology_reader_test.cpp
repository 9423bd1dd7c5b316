#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/topology/topology.h"
#include "tests/config/expect_error.h"
#include "tests/topology/text_file.h"

namespace togglewise::topology {
namespace {

const std::string header =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n";

Topology read(const std::string& text) { return read_topology(TextFile("net.csv", text).path()); }

void expect_refused(const std::string& text, const ExpectedError& expected) {
  const TextFile file("net.csv", text);
  expect_error([&] { read_topology(file.path()); }, expected);
}

TEST(TopologyReader, ReadsConvolutions) {
  const Topology topology = read(header + "conv1, 34, 30, 3, 5, 16, 32, 2,\n");
  EXPECT_EQ(topology.name, "net");
  ASSERT_EQ(topology.layers.size(), 1U);
  const TopologyLayer& layer = topology.layers[0];
  EXPECT_EQ(layer.name, "conv1");
  EXPECT_EQ(layer.line, 2);
  EXPECT_EQ(layer.input, (network::FeatureMapShape{16, 34, 30}));
  // ceil((34 − 3 + 2) / 2) = 17, ceil((30 − 5 + 2) / 2) = 14
  EXPECT_EQ(layer.output, (network::FeatureMapShape{32, 17, 14}));
  const network::GemmShape gemm = layer.geometry().gemm();
  EXPECT_EQ(gemm.reduction, 3 * 5 * 16);
  EXPECT_EQ(gemm.output_channels, 32);
  EXPECT_EQ(gemm.output_pixels, 17 * 14);
}

TEST(TopologyReader, LetsTheLastWindowHangOver_WhenTheStrideLeavesARest) {
  const TopologyLayer layer = read(header + "c, 12, 11, 3, 3, 1, 1, 2,\n").layers[0];
  EXPECT_EQ(layer.output.height, 6);  // rows 0, 2, …, 10: the last window reaches row 12
  EXPECT_EQ(layer.window.pad_bottom, 1);
  EXPECT_EQ(layer.output.width, 5);
  EXPECT_EQ(layer.window.pad_right, 0);
  const network::GemmLayer geometry = layer.geometry();
  EXPECT_EQ(geometry.window.output_height(12), 6);
  EXPECT_EQ(geometry.window.output_width(11), 5);
}

TEST(TopologyReader, NeedsNoPadding_WhenTheStrideIsLargerThanTheFilter) {
  const TopologyLayer layer = read(header + "c, 13, 12, 2, 2, 1, 1, 4,\n").layers[0];
  EXPECT_EQ(layer.output.height, 4);  // 0, 4, 8, 12
  EXPECT_EQ(layer.window.pad_bottom, 1);
  EXPECT_EQ(layer.output.width, 4);
  EXPECT_EQ(layer.geometry().window.output_width(12), layer.output.width);
}

TEST(TopologyReader, ReadsBothFormsOfStride) {
  const TopologyLayer layer = read(header + "c, 9, 9, 1, 1, 1, 1, 2, 4\n").layers[0];
  EXPECT_EQ(layer.output.height, 5);
  EXPECT_EQ(layer.output.width, 3);
}

TEST(TopologyReader, ReadsMatrixProducts) {
  for (const char* text : {"Layer, M, N, K,\nproduct, 100, 20, 300,\n", "product, 100, 20, 300\n",
                           "layer,m,n,k\nproduct,100,20,300\n"}) {
    const TopologyLayer layer = read(text).layers.at(0);
    const network::GemmShape gemm = layer.geometry().gemm();
    EXPECT_TRUE(layer.is_gemm);
    EXPECT_EQ(gemm.output_pixels, 100) << text;
    EXPECT_EQ(gemm.output_channels, 20);
    EXPECT_EQ(gemm.reduction, 300);
    EXPECT_EQ(layer.input, (network::FeatureMapShape{300, 100, 1}));
  }
}

TEST(TopologyReader, SeesThroughEveryWayOfWritingTheSame) {
  const std::string rows = "a, 8, 8, 3, 3, 4, 6, 1,\nb, 1, 1, 1, 1, 10, 5, 1,\n";
  const std::vector<std::string> texts = {
      header + rows,
      rows,
      "\xEF\xBB\xBF" + header + rows,
      "layer_name,ifmap_h,ifmap_w,filter_h,filter_w,channels,num_filters,stride\n" + rows,
      header + "\n# a comment\n\ta, 8, 8, 3, 3, 4, 6, 1,#dw\n\n\"b\",1,1,1,1,10,5,1",
      header + "a, 8, 8, 3, 3, 4, 6, 1, 1:1,\nb, 1, 1, 1, 1, 10, 5, 1, 1, 4:4\n"};
  for (std::string text : texts) {
    for (const bool carriage_returns : {false, true}) {
      if (carriage_returns) {
        std::string converted;
        for (const char c : text) converted += c == '\n' ? std::string("\r\n") : std::string(1, c);
        text = converted;
      }
      const Topology topology = read(text);
      ASSERT_EQ(topology.layers.size(), 2U) << text;
      EXPECT_EQ(topology.layers[0].name, "a");
      EXPECT_EQ(topology.layers[0].output, (network::FeatureMapShape{6, 6, 6}));
      EXPECT_EQ(topology.layers[1].name, "b");
      EXPECT_EQ(topology.layers[1].output, (network::FeatureMapShape{5, 1, 1}));
    }
  }
}

TEST(TopologyReader, RunsDepthwiseLayersChannelByChannel) {
  const network::GemmLayer layer =
      read(header + "conv_DP, 10, 10, 3, 3, 24, 2, 1,\n").layers[0].geometry();
  EXPECT_EQ(layer.groups, 24);
  EXPECT_EQ(layer.output.channels, 48);
  EXPECT_EQ(layer.gemm().reduction, 9);
  EXPECT_EQ(layer.gemm().output_channels, 2);
}

TEST(TopologyReader, NumbersNamesThatRepeat) {
  const Topology topology = read("a, 1, 1, 1\na, 2, 2, 2\na_2, 3, 3, 3\na, 4, 4, 4\n");
  EXPECT_EQ(topology.layers[0].name, "a");
  EXPECT_EQ(topology.layers[1].name, "a_2");
  EXPECT_EQ(topology.layers[2].name, "a_2_2");
  EXPECT_EQ(topology.layers[3].name, "a_3");
}

TEST(TopologyReader, RefusesFilesWithoutLayers) {
  expect_refused("", {"TW-TOPO-001", {"net.csv", "no layer"}});
  expect_refused(header, {"TW-TOPO-001", {"no layer"}});
  expect_refused("\n# nothing\n", {"TW-TOPO-001", {"M, N, K"}});
}

TEST(TopologyReader, RefusesRaggedLines) {
  expect_refused(header + "a, 8, 8, 3, 3, 4, 6, 1,\nb, 8, 8, 3, 3, 4, 6,\n",
                 {"TW-TOPO-002", {"7 columns", "IFMAP height"}, 3});
  expect_refused(header + "a, 8, 8, 3, 3, 4, 6, 1, 1, 1,\n", {"TW-TOPO-002", {"10 columns"}, 2});
  expect_refused("Layer, M, N, K\na, 1, 2, 3\nb, 1, 2\n", {"TW-TOPO-002", {"3 columns"}, 3});
  expect_refused("Layer, M, N, K\n, 1, 2, 3\n", {"TW-TOPO-002", {"no name"}, 2});
  expect_refused("Layer, M, N, K\n\"a, 1, 2, 3\n", {"TW-TOPO-002", {"quote"}, 2});
  expect_refused(std::string("a, 1, 2, 3\nb\0, 1, 2, 3\n", 23), {"TW-TOPO-002", {"zero byte"}, 2});
}

TEST(TopologyReader, RefusesWhatIsNoNumber) {
  expect_refused(header + "a, 8, eight, 3, 3, 4, 6, 1,\n",
                 {"TW-TOPO-003", {"IFMAP width", "'a'", "'eight'", "whole number"}, 2, 7});
  expect_refused(header + "a, 8, 8.5, 3, 3, 4, 6, 1,\n", {"TW-TOPO-003", {"'8.5'"}, 2});
  expect_refused("Layer, M, N, K\na, 1, , 3\n", {"TW-TOPO-003", {"N of layer 'a'", "''"}, 2});
}

TEST(TopologyReader, RefusesNumbersOutOfRange) {
  expect_refused(header + "a, 8, 8, 3, 3, 4, 6, 0,\n", {"TW-TOPO-004", {"stride", "is 0"}, 2});
  expect_refused(header + "a, 8, 8, 3, 3, -4, 6, 1,\n", {"TW-TOPO-004", {"channels", "-4"}, 2});
  expect_refused("a, 99999999999999999999, 1, 1\n", {"TW-TOPO-004", {"M", "1 to"}, 1});
  expect_refused("a, 16777217, 1, 1\n", {"TW-TOPO-004", {"16777217"}, 1});
  // Every number fits, but not the products.
  expect_refused("a, 16777216, 1, 16777216\n", {"TW-TOPO-004", {"IFMAP", "'a'"}, 1});
  expect_refused("a, 1, 16777216, 16777216\n", {"TW-TOPO-004", {"weights"}, 1});
  expect_refused(header + "a, 16777216, 16777216, 1, 1, 1, 1, 1,\n", {"TW-TOPO-004", {"(M)"}, 2});
  expect_refused(header + "a_DP, 1, 1, 1, 1, 16777216, 16777216, 1,\n",
                 {"TW-TOPO-004", {"output channels"}, 2});
}

TEST(TopologyReader, RefusesFiltersLargerThanTheirInput) {
  expect_refused(header + "a, 8, 8, 9, 3, 4, 6, 1,\n",
                 {"TW-TOPO-005", {"filter height of 9", "IFMAP height of 8", "padding"}, 2});
  expect_refused(header + "a, 8, 2, 3, 3, 4, 6, 1,\n", {"TW-TOPO-005", {"filter width of 3"}, 2});
}

TEST(TopologyReader, RefusesSparsity) {
  expect_refused(header + "a, 8, 8, 3, 3, 4, 6, 1, 2:4,\n", {"TW-TOPO-006", {"'2:4'", "1:1"}, 2});
  expect_refused("Layer, M, N, K, Sparsity\na, 1, 2, 3, x:4\n", {"TW-TOPO-006", {"'x:4'"}, 2});
}

TEST(TopologyReader, RefusesAFileThatIsNotThere) {
  expect_error([] { read_topology("nowhere.csv"); }, {"TW-FILE-001", {"nowhere.csv"}});
}

}  // namespace
}  // namespace togglewise::topology
