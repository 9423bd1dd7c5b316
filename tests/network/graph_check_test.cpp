// check_network() on networks with branches: every reason of theirs, one change at a time.
#include "sim/network/quantized_network.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_graph.h"

namespace togglewise::network {
namespace {

// input 2×6×6 → conv 4×6×6 → [main: grouped conv 4×6×6 | shortcut] → add → concat with the shortcut
// → mean 8×3×3 → slice 8×1×1 → pad 9×1×1 → clamp → fc 3
class CheckGraph : public testing::Test {
 protected:
  CheckGraph() {
    network.name = "graph";
    network.input = {2, 6, 6};
    network.input_scale = 0.5F;
    network.classes = 3;
    network.nodes.push_back({convolution("first", {2, 6, 6}, 1, 0.5F, 0.25F), {network_input}});
    network.nodes.push_back({convolution("main", {4, 6, 6}, 2, 0.25F, 0.125F), {0}});
    network.nodes.push_back({Add{"add", {4, 6, 6}, {0.125F, 0.25F}, 0.25F, true, 127}, {1, 0}});
    network.nodes.push_back(
        {Concat{"concat", {8, 6, 6}, {{4, 6, 6}, {4, 6, 6}}, {0.25F, 0.25F}, 0.5F}, {2, 0}});
    network.nodes.push_back(
        {AveragePool{"mean", {8, 6, 6}, {8, 3, 3}, square_window(2, 2, 0), false, 0.5F, 0.5F},
         {3}});
    network.nodes.push_back({Slice{"slice", {8, 3, 3}, {8, 1, 1}, {0, 1, 2}, {1, 1, 1}}, {4}});
    network.nodes.push_back({Pad{"pad", {8, 1, 1}, {9, 1, 1}, {1, 0, 0}}, {5}});
    network.nodes.push_back({Clamp{"clamp", {9, 1, 1}, 0, 100}, {6}});
    GemmLayer fc;
    fc.name = "fc";
    fc.fully_connected = true;
    fc.input = {9, 1, 1};
    fc.output = {3, 1, 1};
    fc.weights.assign(27, 2);
    fc.bias.assign(3, 0);
    fc.weight_scale.assign(3, 1);
    fc.input_scale = 0.5F;
    network.nodes.push_back({fc, {7}});
  }

  static GemmLayer convolution(const std::string& name, FeatureMapShape input, int groups,
                               float input_scale, float output_scale) {
    GemmLayer layer;
    layer.name = name;
    layer.input = input;
    layer.output = {4, input.height, input.width};
    layer.window = square_window(3, 1, 1);
    layer.groups = groups;
    layer.weights.assign(static_cast<std::size_t>(4 * input.channels / groups * 9), 1);
    layer.bias.assign(4, 0);
    layer.weight_scale.assign(4, 0.01F);
    layer.input_scale = input_scale;
    layer.output_scale = output_scale;
    return layer;
  }

  void expect_refused(const ExpectedError& expected) const {
    expect_error([&] { check_network(network, 8, "model.onnx"); }, expected);
  }
  template <typename Typed>
  Typed& at(std::size_t node) {
    return std::get<Typed>(network.nodes[node].operation);
  }

  QuantizedNetwork network;
};

TEST_F(CheckGraph, WholeNetwork_IsAccepted) {
  EXPECT_NO_THROW(check_network(network, 8, "model.onnx"));
}

TEST_F(CheckGraph, InputsMustBeEarlierNodes) {
  network.nodes[2].inputs = {1, 2};
  expect_refused({"TW-MODEL-006", {"layer 'add' takes its input from node 2, itself being 2"}});
  network.nodes[2].inputs = {1, -2};
  expect_refused({"TW-MODEL-006", {"from node -2", "-1 for the network's input"}});
  network.nodes[2].inputs = {1};
  expect_refused({"TW-MODEL-006", {"layer 'add' has 1 inputs", "expected 2"}});
  network.nodes[2].inputs = {};
  expect_refused({"TW-MODEL-006", {"layer 'add' has 0 inputs"}});
}

TEST_F(CheckGraph, ConcatenationOfNothing_IsRefused) {
  at<Concat>(3).inputs.clear();
  at<Concat>(3).input_scales.clear();
  network.nodes[3].inputs.clear();
  expect_refused({"TW-MODEL-006", {"layer 'concat' has 0 inputs", "expected 1"}});
}

TEST_F(CheckGraph, UnusedNode_IsNamed) {
  network.nodes[2].inputs = {0, 0};
  at<Add>(2).input_scales[0] = 0.25F;
  expect_refused({"TW-MODEL-006", {"nothing uses the result of layer 'main'"}});
}

TEST_F(CheckGraph, GroupsMustDivideTheChannels) {
  at<GemmLayer>(1).groups = 3;
  expect_refused({"TW-MODEL-002", {"layer 'main' has 3 groups for 4 input and 4 output channels"}});
  at<GemmLayer>(1).groups = 0;
  expect_refused({"TW-MODEL-002", {"0 groups"}});
  at<GemmLayer>(1).groups = 4;
  expect_refused({"TW-MODEL-002", {"has 72 weights", "expected 36 weights"}});
}

TEST_F(CheckGraph, WindowsMustBeSane) {
  at<GemmLayer>(1).window.dilation_width = 0;
  expect_refused({"TW-MODEL-002", {"dilation 1×0", "at least 1"}});
  at<GemmLayer>(1).window = square_window(3, 1, 1);
  at<GemmLayer>(1).window.dilation_height = 4;
  expect_refused({"TW-MODEL-002", {"kernel 3×3", "dilation 4×1", "fits the padded input"}});
  at<GemmLayer>(1).window = square_window(3, 1, 1);
  at<GemmLayer>(1).window.pad_bottom = -1;
  expect_refused({"TW-MODEL-002", {"padding 1, 1, -1, 1"}});
  at<GemmLayer>(1).window.pad_bottom = 2;
  expect_refused({"TW-MODEL-002", {"gives 4×6×6", "7 rows and 6 columns"}});
}

TEST_F(CheckGraph, PoolingOfPaddingAlone_IsRefused) {
  at<AveragePool>(4).window = square_window(2, 3, 2);
  at<AveragePool>(4).output = {8, 3, 3};
  expect_refused({"TW-MODEL-002", {"layer 'mean'", "padding alone"}});
}

TEST_F(CheckGraph, MeansOfTooManyPixels_AreRefused) {
  AveragePool& pool = at<AveragePool>(4);
  pool.window = square_window(3000, 1, 2999);
  pool.output = {8, 3005, 3005};
  expect_refused({"TW-MODEL-002", {"averages 9000000 pixels", "2^23"}});
}

TEST_F(CheckGraph, ShapesMustChain) {
  at<Add>(2).output = {4, 6, 5};
  expect_refused({"TW-MODEL-002", {"layer 'add' takes 4×6×5, but layer 'main' gives 4×6×6"}});
  at<Add>(2).output = {4, 6, 6};
  at<Concat>(3).output.channels = 7;
  expect_refused({"TW-MODEL-002", {"layer 'concat' gives 7×6×6", "expected 8×6×6"}});
  at<Concat>(3).output.channels = 8;
  at<Concat>(3).input_scales.pop_back();
  expect_refused({"TW-MODEL-002", {"2 shapes and 1 scales"}});
}

TEST_F(CheckGraph, ConcatenationOfDifferentSizes_IsRefused) {
  network.nodes[3].inputs = {2, network_input};
  at<Concat>(3).inputs[1] = network.input = {2, 7, 6};
  expect_refused({"TW-MODEL-002", {"layer 'first' takes 2×6×6, but the input gives 2×7×6"}});
  at<GemmLayer>(0).input = network.input;
  at<GemmLayer>(0).window.pad_bottom = 0;
  at<Concat>(3).input_scales[1] = 0.5F;
  expect_refused({"TW-MODEL-002", {"layer 'concat' puts 2×7×6 behind 4×6×6"}});
}

TEST_F(CheckGraph, ScalesMustChain) {
  at<Add>(2).input_scales[1] = 0.5F;
  expect_refused(
      {"TW-MODEL-003", {"layer 'add' has input scale 0.5", "0.25, the scale of layer 'first'"}});
  at<Add>(2).input_scales[1] = 0.25F;
  at<Concat>(3).output_scale = 0;
  expect_refused({"TW-MODEL-003", {"layer 'concat' has output scale 0"}});
  at<Concat>(3).output_scale = 1e-8F;
  expect_refused({"TW-MODEL-003", {"layer 'concat'", "cannot be brought together"}});
  at<Concat>(3).output_scale = 0.5F;
  at<AveragePool>(4).output_scale = 1e15F;
  expect_refused({"TW-MODEL-003", {"layer 'mean'", "no fixed-point form"}});
}

TEST_F(CheckGraph, LimitsOfClampsMustBeAscending) {
  at<Clamp>(7).low = 101;
  expect_refused({"TW-MODEL-003", {"layer 'clamp' clamps to 101..100"}});
  at<Clamp>(7).low = -129;
  expect_refused({"TW-MODEL-003", {"-129..100"}});
  at<Clamp>(7).low = 0;
  at<Add>(2).high = 0;
  expect_refused({"TW-MODEL-003", {"layer 'add' has the upper limit 0", "1 to 127"}});
  at<Add>(2).high = 127;
  at<GemmLayer>(1).high = 128;
  expect_refused({"TW-MODEL-003", {"layer 'main' has the upper limit 128"}});
}

TEST_F(CheckGraph, SlicesAndPadsMustStayInside) {
  at<Slice>(5).begin[2] = 3;
  expect_refused({"TW-MODEL-002", {"layer 'slice' takes 1 elements from 3 on", "the columns"}});
  at<Slice>(5).begin[2] = 2;
  at<Slice>(5).step[0] = 2;
  expect_refused({"TW-MODEL-002", {"8 elements from 0 on by steps of 2 along the channels"}});
  at<Slice>(5).step[0] = 1;
  at<Pad>(6).before[0] = 2;
  expect_refused({"TW-MODEL-002", {"layer 'pad' puts 8 of 8×1×1 behind 2 zeros and in all 9"}});
}

TEST_F(CheckGraph, SumsTooLong_AreRefused) {
  GemmLayer& conv = at<GemmLayer>(1);
  conv.window = square_window(10000, 5000, 9999);
  conv.output = {4, 3, 3};
  expect_refused({"TW-MODEL-002", {"layer 'main'", "products", "2^26"}});
}

TEST_F(CheckGraph, FeatureMapsBeyondReason_AreRefused) {
  at<Pad>(6).output = {1 << 20, 1 << 20, 1};
  expect_refused({"TW-MODEL-002", {"layer 'pad' gives 1048576×1048576×1", "2^28"}});
  network.input = {1 << 16, 1 << 16, 1 << 16};
  expect_refused({"TW-MODEL-002", {"the input is 65536×65536×65536"}});
}

TEST_F(CheckGraph, RandomGraphs_AreAccepted) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    EXPECT_NO_THROW(check_network(random_graph(seed), 8, "random")) << seed;
  }
}

}  // namespace
}  // namespace togglewise::network
