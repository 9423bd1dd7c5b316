// QDQ graphs as other tools write them, and what of them is refused.
#include <cmath>

#include "sim/graph/onnx_import.h"
#include "sim/network/inference.h"
#include "tests/config/expect_error.h"
#include "tests/graph/graph_builder.h"
#include "tests/graph/numpy_evaluation.h"

namespace togglewise::graph {
namespace {

class QuantizedImport : public testing::Test {
 protected:
  std::string quantize(const std::string& value, float scale) {
    return builder.node("QuantizeLinear", {value, builder.reals({}, {scale}), zero});
  }
  std::string dequantize(const std::string& value, float scale) {
    return builder.node("DequantizeLinear", {value, builder.reals({}, {scale}), zero});
  }
  std::string through(const std::string& value, float scale) {
    return dequantize(quantize(value, scale), scale);
  }
  std::string weights(const std::vector<int>& shape, float scale) {
    return builder.node("DequantizeLinear",
                        {builder.random_int8(shape), builder.reals({}, {scale})});
  }
  network::QuantizedNetwork import() { return from_onnx(builder.bytes(), "qdq.onnx"); }
  void expect_refused(const std::vector<std::string>& words) {
    expect_error([&] { import(); }, {"TW-ONNX-002", words});
  }

  GraphBuilder builder;
  std::string zero = builder.int8({}, {0});
};

// As onnxruntime quantizes: a residual block, scales for each tensor, a bias in int32 and one in
// float, Q and DQ around Flatten, too.
TEST_F(QuantizedImport, ForeignGraph_GivesTheLogitsOfNumpy) {
  const std::string x = through(builder.input({2, 6, 6}), 0.01F);
  const std::string bias = builder.node(
      "DequantizeLinear",
      {builder.int32({4}, {100, -2000, 30, 0}), builder.reals({4}, {1e-5F, 1e-5F, 1e-5F, 1e-5F})});
  builder.integer("axis", 0);
  std::string a =
      builder.node("Conv", {x, weights({4, 2, 3, 3}, 0.001F), bias}, "pads", {1, 1, 1, 1});
  a = through(builder.node("Relu", {a}), 0.01F);
  std::string b =
      builder.node("Conv", {a, weights({4, 4, 1, 1}, 0.002F), builder.random_reals({4})});
  b = through(b, 0.02F);
  std::string y = builder.node("Add", {a, b});
  y = through(builder.node("Clip", {y, builder.reals({}, {0}), builder.reals({}, {2})}), 0.02F);
  y = builder.node("MaxPool", {y}, "kernel_shape", {2, 2});
  y = through(builder.node("Flatten", {y}), 0.02F);
  y = builder.node("MatMul", {y, weights({100, 3}, 0.003F)});
  y = builder.node("Add", {y, builder.random_reals({3})});
  builder.output(y, {3});
  const network::QuantizedNetwork network = import();
  ASSERT_EQ(network.nodes.size(), 6U);
  EXPECT_EQ(network.input_scale, 0.01F);
  EXPECT_EQ(std::get<network::Add>(network.nodes[2].operation).high, 100);
  EXPECT_EQ(std::get<network::GemmLayer>(network.nodes[0].operation).bias[1], -2000);
  if (!python_onnx_is_installed()) {
    GTEST_SKIP() << "python3-onnx is not installed (apt-get install python3-onnx)";
  }
  network::Dataset images;
  images.shape = network.input;
  Random random(5);
  for (int i = 0; i < 3 * 72; ++i) {
    images.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  images.labels = {0, 0, 0};
  const NumpyEvaluation evaluation = evaluate_with_numpy(builder.bytes(), images);
  ASSERT_TRUE(evaluation.succeeded) << evaluation.output;
  ASSERT_EQ(evaluation.logits.size(), 9U);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<double> logits = network::infer(network, images.image(i));
    for (std::size_t c = 0; c < 3; ++c) {
      // One activation in a hundred may be rounded the other way: 0.02 · 127 · 0.003 each.
      EXPECT_NEAR(logits[c], evaluation.logits[3 * i + c], 0.03) << "image " << i;
    }
  }
}

TEST_F(QuantizedImport, WeightsQuantizedByTheGraph_AreFolded) {
  const std::string x = through(builder.input({1, 2, 2}), 0.01F);
  const std::string scale = builder.reals({2}, {0.5F, 0.25F});
  const std::string zeros = builder.int8({2}, {0, 0});
  std::string w = builder.node(
      "QuantizeLinear",
      {builder.reals({2, 4}, {1, 0.25F, -0.75F, 100, 1, 0.1F, 0.125F, -100}), scale, zeros});
  builder.integer("axis", 0);
  w = builder.node("DequantizeLinear", {w, scale, zeros});
  builder.integer("axis", 0);
  w = builder.node("Transpose", {w}, "perm", {1, 0});
  builder.output(builder.node("Gemm", {builder.node("Flatten", {x}), w}), {2});
  const network::QuantizedNetwork network = import();
  const network::GemmLayer& layer = *network.gemm_layers()[0];
  // Ties to even: 0.25/0.5 → 0, −0.75/0.5 → −2, 0.125/0.25 → 0.
  EXPECT_EQ(layer.weights, (std::vector<std::int8_t>{2, 0, -2, 127, 4, 0, 0, -128}));
  EXPECT_EQ(layer.weight_scale, (std::vector<float>{0.5F, 0.25F}));
}

TEST_F(QuantizedImport, Int8WeightsWithRealActivations_AreAFloatNetwork) {
  const std::string x = builder.input({1, 2, 2});
  const std::string w =
      builder.node("DequantizeLinear",
                   {builder.int8({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), builder.reals({}, {0.5F})});
  builder.output(builder.node("Gemm", {builder.node("Flatten", {x}), w}), {2});
  builder.integer("transB", 1);
  const auto network = std::get<FloatNetwork>(import_onnx(builder.bytes(), "weights.onnx"));
  EXPECT_EQ(network.parameters[1].weights,
            (std::vector<float>{0.5F, 1, 1.5F, 2, 2.5F, 3, 3.5F, 4}));
  expect_error([&] { import(); }, {"TW-ONNX-007", {"real numbers", "togglewise quantize"}});
}

TEST_F(QuantizedImport, UnsignedActivations_AreRefused) {
  onnx::TensorProto& unsigned_zero = *builder.graph().add_initializer();
  unsigned_zero.set_name("unsigned");
  unsigned_zero.set_data_type(onnx::TensorProto_DataType_UINT8);
  unsigned_zero.set_raw_data(std::string(1, '\0'));
  const std::string x = builder.input({1, 2, 2});
  const std::string scale = builder.reals({}, {0.1F});
  builder.output(builder.node("QuantizeLinear", {x, scale, "unsigned"}), {1, 2, 2});
  expect_refused({"node 'QuantizeLinear", "zero point is 0 of uint8", "symmetric int8"});
  builder.last().mutable_input()->RemoveLast();
  expect_refused({"without zero point it makes uint8"});
}

TEST_F(QuantizedImport, ScalesThatDoNotFit_AreRefused) {
  const std::string x = builder.input({2, 2, 2});
  const std::string q = quantize(x, 0.1F);
  const std::string y = dequantize(q, 0.2F);
  builder.output(y, {2, 2, 2});
  expect_refused({"not that of the QuantizeLinear before it"});
  builder.last().set_input(1, builder.reals({2}, {0.1F, 0.1F}));
  expect_refused({"axis 1 of a value with 0 dimensions"});
  builder.last().set_input(1, builder.reals({}, {-1}));
  expect_refused({"it has a scale of -1"});
}

TEST_F(QuantizedImport, ActivationsLeftReal_AreNamed) {
  const std::string x = through(builder.input({2, 4, 4}), 0.01F);
  const std::string a = builder.node("Conv", {x, weights({3, 2, 1, 1}, 0.1F)});
  const std::string b = builder.node("Conv", {a, weights({3, 3, 4, 4}, 0.1F)});
  builder.output(builder.node("Flatten", {b}), {3});
  expect_refused({"its operand does not come through", "does not go through QuantizeLinear"});
}

TEST_F(QuantizedImport, RealWeights_AreNamed) {
  const std::string x = through(builder.input({2, 4, 4}), 0.01F);
  builder.output(builder.convolution(x, {3, 2, 4, 4}), {3, 1, 1});
  expect_refused({"weights are real numbers while its activations are quantized"});
}

TEST_F(QuantizedImport, ChangesOfScaleWithoutAnOperation_AreNamed) {
  std::string x = through(builder.input({2, 4, 4}), 0.01F);
  x = through(builder.node("MaxPool", {x}, "kernel_shape", {2, 2}), 0.02F);
  builder.output(x, {2, 3, 3});
  expect_refused({"changes the scale from 0.01 to 0.02"});
}

}  // namespace
}  // namespace togglewise::graph
