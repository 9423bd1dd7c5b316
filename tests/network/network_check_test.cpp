// Every reason for which check_network() refuses a network, one change at a time.
#include <limits>

#include "sim/network/quantized_network.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::network {
namespace {

// input 1×6×6 → conv 2×4×4 (ReLU) → pool 2×2×2 → flatten → fc 3
QuantizedNetwork small_network() {
  QuantizedNetwork network;
  network.name = "small";
  network.input = {1, 6, 6};
  network.input_scale = pixel_scale;
  network.classes = 3;
  GemmLayer conv;
  conv.name = "conv";
  conv.input = network.input;
  conv.output = {2, 4, 4};
  conv.window = square_window(3, 1, 0);
  conv.weights.assign(18, 1);
  conv.bias = {0, 1};
  conv.weight_scale = {0.5F, 0.25F};
  conv.input_scale = network.input_scale;
  conv.output_scale = 0.125F;
  conv.relu = true;
  GemmLayer fc;
  fc.name = "fc";
  fc.fully_connected = true;
  fc.input = {8, 1, 1};
  fc.output = {3, 1, 1};
  fc.weights.assign(24, -3);
  fc.bias = {1, 2, 3};
  fc.weight_scale = {1, 1, 1};
  fc.input_scale = 0.125F;
  network.append(conv);
  network.append(MaxPool{"pool", {2, 4, 4}, {2, 2, 2}, square_window(2, 2, 0)});
  network.append(Flatten{"flat", {2, 2, 2}});
  network.append(fc);
  return network;
}

class CheckNetwork : public testing::Test {
 protected:
  void expect_refused(const ExpectedError& expected) {
    expect_error([&] { check_network(network, weight_bits, "model.onnx"); }, expected);
  }
  QuantizedNetwork network = small_network();
  GemmLayer& conv() { return std::get<GemmLayer>(network.nodes[0].operation); }
  MaxPool& pool() { return std::get<MaxPool>(network.nodes[1].operation); }
  GemmLayer& fc() { return std::get<GemmLayer>(network.nodes[3].operation); }
  int weight_bits = 8;
};

TEST_F(CheckNetwork, WholeNetwork_IsAccepted) {
  EXPECT_NO_THROW(check_network(network, 8, "model.onnx"));
  EXPECT_NO_THROW(check_network(network, 4, "model.onnx"));
}

TEST_F(CheckNetwork, WeightBeyondTheArraysBits_IsNamed) {
  weight_bits = 4;
  conv().weights[10] = 8;
  expect_refused({"TW-MODEL-001",
                  {"model.onnx", "layer 'conv'", "weight 1 of output channel 1 is 8",
                   "4 weight bits", "from -8 to 7"}});
  conv().weights[10] = -8;
  EXPECT_NO_THROW(check_network(network, 4, "model.onnx"));
  conv().weights[10] = -9;
  expect_refused({"TW-MODEL-001", {"is -9"}});
}

TEST_F(CheckNetwork, SizesThatDoNotChain_AreRefused) {
  pool().input = {2, 4, 5};
  expect_refused({"TW-MODEL-002", {"layer 'pool' takes 2×4×5", "gives 2×4×4"}});
}

TEST_F(CheckNetwork, OutputThatDoesNotFollowFromTheKernel_IsRefused) {
  conv().window.stride_height = conv().window.stride_width = 2;
  expect_refused({"TW-MODEL-002", {"layer 'conv' gives 2×4×4", "2 rows and 2 columns"}});
}

TEST_F(CheckNetwork, KernelLargerThanTheInput_IsRefused) {
  conv().window.kernel_height = 7;
  expect_refused({"TW-MODEL-002", {"kernel 7×3", "fits the padded input"}});
}

TEST_F(CheckNetwork, PoolThatChangesChannels_IsRefused) {
  pool().output.channels = 3;
  expect_refused({"TW-MODEL-002", {"keeps the channels"}});
}

TEST_F(CheckNetwork, EmptyInput_IsRefused) {
  network.input.channels = 0;
  expect_refused({"TW-MODEL-002", {"the input is 0×6×6"}});
}

TEST_F(CheckNetwork, ArraysOfTheWrongLength_AreRefused) {
  fc().weights.pop_back();
  expect_refused({"TW-MODEL-002", {"layer 'fc'", "23 weights", "expected 24 weights"}});
  network = small_network();
  fc().bias.push_back(1);
  expect_refused({"TW-MODEL-002", {"4 biases"}});
}

TEST_F(CheckNetwork, BadScales_AreRefused) {
  network.input_scale = 0;
  expect_refused({"TW-MODEL-003", {"the scale of the input is 0", "a positive number"}});
  network = small_network();
  fc().input_scale = 0.25F;
  expect_refused({"TW-MODEL-003", {"layer 'fc'", "input scale 0.25", "0.125"}});
  network = small_network();
  conv().weight_scale[1] = 0;
  expect_refused({"TW-MODEL-003", {"layer 'conv'", "weight scale of 0"}});
  network = small_network();
  conv().weight_scale[1] = std::numeric_limits<float>::quiet_NaN();
  expect_refused({"TW-MODEL-003", {"positive numbers"}});
  network = small_network();
  conv().output_scale = -1;
  expect_refused({"TW-MODEL-003", {"output scale -1"}});
  network = small_network();
  conv().weight_scale[0] = 1e-20F;
  expect_refused({"TW-MODEL-003", {"layer 'conv'", "no fixed-point form"}});
}

TEST_F(CheckNetwork, SumsBeyond32Bits_AreRefused) {
  // 9 weights of 1 on activations of at most 128 in magnitude add 1152 to the bias.
  conv().bias[1] = std::numeric_limits<std::int32_t>::max() - 1152;
  EXPECT_NO_THROW(check_network(network, 8, "model.onnx"));
  ++conv().bias[1];
  expect_refused({"TW-MODEL-004", {"output channel 1 may reach 2147483648"}});
  conv().bias[1] = std::numeric_limits<std::int32_t>::min();
  expect_refused({"TW-MODEL-004", {"output channel 1"}});
}

TEST_F(CheckNetwork, PermittedValues_MustBeAscendingAndKept) {
  fc().permitted_values = {-3, 0, 3};
  EXPECT_NO_THROW(check_network(network, 8, "model.onnx"));
  fc().permitted_values = {-4, 0, 3};
  expect_refused({"TW-MODEL-005", {"layer 'fc'", "weight -3, which is not permitted"}});
  fc().permitted_values = {0, -3};
  expect_refused({"TW-MODEL-005", {"permitted value -3 at place 1", "ascending"}});
  fc().permitted_values = {-3, 128};
  expect_refused({"TW-MODEL-005", {"permitted value 128"}});
}

TEST_F(CheckNetwork, Names_MustBePlainAndDifferent) {
  conv().name = "conv/1";
  expect_refused({"TW-MODEL-006", {"a layer is named 'conv/1'"}});
  conv().name = "";
  expect_refused({"TW-MODEL-006", {"a layer is named ''"}});
  conv().name = "fc";
  expect_refused({"TW-MODEL-006", {"two layers are named 'fc'"}});
}

TEST_F(CheckNetwork, Structure_MustEndWithLogits) {
  fc().relu = true;
  expect_refused({"TW-MODEL-006", {"layer 'fc' clamps its result", "neither ReLU"}});
  network = small_network();
  fc().high = 100;
  expect_refused({"TW-MODEL-006", {"layer 'fc' clamps its result", "upper limit"}});
  network = small_network();
  network.classes = 4;
  expect_refused({"TW-MODEL-006", {"3×1×1", "4 classes"}});
  network = small_network();
  fc().output_scale = 1;  // then the activations times their scale are the logits
  fc().relu = true;
  EXPECT_NO_THROW(check_network(network, 8, "model.onnx"));
  network = small_network();
  network.nodes.clear();
  expect_refused({"TW-MODEL-006", {"no convolution or fully connected layer"}});
  network = small_network();
  conv().output_scale = 0;
  expect_refused(
      {"TW-MODEL-006", {"layer 'pool' follows layer 'conv', which has no output scale"}});
}

TEST_F(CheckNetwork, FullyConnectedLayers_TakeOnePixel) {
  fc().fully_connected = false;  // a 1×1 convolution computes the same
  EXPECT_NO_THROW(check_network(network, 8, "model.onnx"));
  network = small_network();
  conv().fully_connected = true;
  expect_refused(
      {"TW-MODEL-006", {"layer 'conv' is fully connected", "1×6×6", "Flatten or global average"}});
}

TEST_F(CheckNetwork, Normalization_HasOneNumberForEachChannel) {
  network.normalization.mean = {0.5F};
  network.normalization.deviation = {0.25F};
  EXPECT_NO_THROW(check_network(network, 8, "model.onnx"));
  network.normalization.deviation = {0};
  expect_refused(
      {"TW-MODEL-003", {"deviations of the input are 0", "positive number for each of 1"}});
  network.normalization = {{0.5F, 0.5F}, {}};
  expect_refused({"TW-MODEL-003", {"means of the input are 0.5, 0.5"}});
  network.normalization = {{std::numeric_limits<float>::infinity()}, {}};
  expect_refused({"TW-MODEL-003", {"means of the input are inf"}});
}

TEST_F(CheckNetwork, EmptyNetwork_IsRefused) {
  network.nodes = {{Flatten{"flat", {1, 6, 6}}, {network_input}}};
  expect_refused({"TW-MODEL-006", {"no convolution or fully connected layer"}});
}

}  // namespace
}  // namespace togglewise::network
