// Graphs as exporters write them give the logits that numpy gives: what is folded, merged and
// reordered is held against the ONNX specification.
#include <cmath>
#include <functional>

#include "sim/graph/onnx_import.h"
#include "sim/quantize/float_check.h"
#include "sim/quantize/float_inference.h"
#include "tests/config/expect_error.h"
#include "tests/graph/graph_builder.h"
#include "tests/graph/numpy_evaluation.h"

namespace togglewise::graph {
namespace {

network::Dataset random_images(const network::FeatureMapShape& shape, std::size_t count) {
  network::Dataset images;
  images.shape = shape;
  Random random(3);
  for (std::size_t i = 0; i < count * shape.size(); ++i) {
    images.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  images.labels.assign(count, 0);
  return images;
}

// Returns the imported network, for tests that look at its structure, too.
FloatNetwork expect_same_logits(GraphBuilder& builder) {
  const std::string bytes = builder.bytes();
  const auto network = std::get<FloatNetwork>(import_onnx(bytes, "graph.onnx"));
  quantize::check_float_network(network, "graph.onnx");
  if (!python_onnx_is_installed()) return network;
  const network::Dataset images = random_images(network.geometry.input, 2);
  const NumpyEvaluation evaluation = evaluate_with_numpy(bytes, images);
  EXPECT_TRUE(evaluation.succeeded) << evaluation.output;
  const std::size_t indices[] = {0, 1};
  const std::vector<float> logits = quantize::FloatInference(network).logits(images, indices, 2);
  EXPECT_EQ(logits.size(), evaluation.logits.size());
  for (std::size_t i = 0; i < std::min(logits.size(), evaluation.logits.size()); ++i) {
    EXPECT_NEAR(logits[i], evaluation.logits[i], 2e-5 * (1 + std::abs(logits[i]))) << "logit " << i;
  }
  return network;
}

template <typename Typed>
const Typed& operation(const FloatNetwork& network, std::size_t node) {
  return std::get<Typed>(network.geometry.nodes.at(node).operation);
}

TEST(NumpyComparison, GroupedDilatedStridedConvolution_WithPadsThatDiffer) {
  GraphBuilder builder;
  const std::string x = builder.input({4, 9, 11});
  std::string y = builder.convolution(x, {6, 2, 3, 2}, {1, 0, 2, 1});
  builder.integer("group", 2);
  builder.integers("strides", {2, 1});
  builder.integers("dilations", {2, 3});
  y = builder.node("Relu", {y});
  builder.classify(y, 6 * 4 * 9);
  const FloatNetwork network = expect_same_logits(builder);
  const auto& layer = operation<network::GemmLayer>(network, 0);
  EXPECT_EQ(layer.groups, 2);
  EXPECT_TRUE((layer.window == network::Window{3, 2, 2, 1, 1, 0, 2, 1, 2, 3}));
  EXPECT_TRUE((layer.output == network::FeatureMapShape{6, 4, 9}));
}

TEST(NumpyComparison, DepthwiseConvolution_WithSamePadding) {
  for (const char* mode : {"SAME_UPPER", "SAME_LOWER"}) {
    SCOPED_TRACE(mode);
    GraphBuilder builder;
    const std::string x = builder.input({3, 8, 7});
    const std::string weights = builder.random_reals({3, 1, 3, 2});
    const std::string y = builder.node("Conv", {x, weights}, "strides", {2, 2});
    builder.text("auto_pad", mode);
    builder.integer("group", 3);
    builder.classify(y, 3 * 4 * 4);
    EXPECT_EQ(operation<network::GemmLayer>(expect_same_logits(builder), 0).groups, 3);
  }
}

TEST(NumpyComparison, BatchNormalizationAndConstants_AreFoldedIntoTheLayerBefore) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 6, 6});
  std::string y = builder.convolution(x, {4, 2, 3, 3}, {1, 1, 1, 1});
  y = builder.batch_normalization(y, 4);
  y = builder.node("Mul", {y, builder.random_reals({4, 1, 1}, 0.5, 2)});
  y = builder.node("Add", {builder.random_reals({1, 4, 1, 1}), y});
  y = builder.node("Sub", {y, builder.random_reals({}, 0, 1)});
  y = builder.node("Div", {y, builder.random_reals({1}, 1, 2)});
  y = builder.node("Sub", {builder.random_reals({4, 1, 1}), y});
  y = builder.node("Relu", {y});
  builder.classify(y, 4 * 36);
  EXPECT_EQ(expect_same_logits(builder).geometry.nodes.size(), 3U);
}

TEST(NumpyComparison, MatrixProductsAndGemms_InEveryOrientation) {
  GraphBuilder builder;
  const std::string x = builder.input({3, 4, 4});
  std::string y = builder.node("Flatten", {x});
  y = builder.node("MatMul", {y, builder.random_reals({48, 10})});
  y = builder.node("Add", {y, builder.random_reals({10})});
  y = builder.batch_normalization(y, 10);
  y = builder.node("Relu", {y});
  y = builder.node("Gemm", {y, builder.random_reals({10, 7}), builder.random_reals({1, 7})});
  builder.real("alpha", 0.5F);
  builder.real("beta", 2.0F);
  y = builder.node("Clip", {y, builder.reals({}, {0}), builder.reals({}, {6})});
  y = builder.node("Gemm", {y, builder.random_reals({3, 7}), builder.random_reals({1})});
  builder.integer("transB", 1);
  builder.output(y, {3});
  const FloatNetwork network = expect_same_logits(builder);
  EXPECT_EQ(network.geometry.nodes.size(), 4U);
  EXPECT_EQ(network.parameters[2].low, 0);
  EXPECT_EQ(network.parameters[2].high, 6);
}

TEST(NumpyComparison, ResidualBlock_KeepsTheBranchAndTheReluBehindTheSum) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 6, 6});
  const std::string stem = builder.convolution(x, {4, 2, 1, 1});  // read twice: no ReLU in it
  std::string y = builder.node("Relu", {stem});
  y = builder.convolution(y, {4, 4, 3, 3}, {1, 1, 1, 1});
  y = builder.node("Add", {y, stem});
  y = builder.node("Relu", {y});
  builder.classify(y, 4 * 36);
  const FloatNetwork network = expect_same_logits(builder);
  EXPECT_TRUE(std::holds_alternative<network::Clamp>(network.geometry.nodes[1].operation));
  EXPECT_EQ(network.geometry.nodes[3].inputs, (std::vector<int>{2, 0}));
  EXPECT_EQ(network.parameters[3].low, 0);
}

TEST(NumpyComparison, PadBeforeAConvolution_BecomesItsWindow) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 5, 5});
  std::string y = builder.node("Pad", {x, builder.list({0, 0, 1, 2, 0, 0, 3, 0})});
  y = builder.convolution(y, {3, 2, 3, 3}, {1, 0, 0, 1});
  builder.classify(y, 3 * 8 * 6);
  const FloatNetwork network = expect_same_logits(builder);
  EXPECT_TRUE((operation<network::GemmLayer>(network, 0).window ==
               network::Window{3, 3, 1, 1, 2, 2, 3, 1, 1, 1}));
}

TEST(NumpyComparison, PadOfChannelsOrBeforeAMaximum_StaysAPad) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 5, 5});
  std::string y = builder.node("Sub", {x, builder.reals({}, {0.75F})});  // maxima below 0 occur
  y = builder.node("Pad", {y, builder.list({0, 1, 1, 1, 0, 2, 1, 1})});
  y = builder.node("MaxPool", {y}, "kernel_shape", {2, 2});
  builder.classify(y, 5 * 36);
  const FloatNetwork network = expect_same_logits(builder);
  EXPECT_EQ(operation<network::Pad>(network, 0).before[0], 1);
}

TEST(NumpyComparison, Slices_OfChannelsRowsAndColumnsBecomeOne) {
  GraphBuilder builder;
  const std::string x = builder.input({5, 9, 9});
  std::string y = builder.node("Slice", {x, builder.list({1, -8}), builder.list({-1, INT64_MAX}),
                                         builder.list({1, 2}), builder.list({1, 2})});
  y = builder.node("Slice", {y, builder.list({1, 1}), builder.list({3, 100}), builder.list({2, 3}),
                             builder.list({1, 3})});
  builder.classify(y, 3 * 2 * 3);
  const FloatNetwork network = expect_same_logits(builder);
  const auto& slice = operation<network::Slice>(network, 0);
  EXPECT_EQ(slice.begin[1], 3);
  EXPECT_EQ(slice.step[1], 2);
  EXPECT_EQ(network.geometry.nodes.size(), 3U);
}

TEST(NumpyComparison, Concat_OfBranches) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 4, 4});
  const std::string a = builder.convolution(x, {3, 2, 1, 1});
  const std::string b = builder.node("Relu", {builder.convolution(x, {1, 2, 3, 3}, {1, 1, 1, 1})});
  std::string y = builder.node("Concat", {a, x, b});
  builder.integer("axis", -3);
  builder.classify(y, 6 * 16);
  EXPECT_EQ(expect_same_logits(builder).geometry.nodes[2].inputs, (std::vector<int>{0, -1, 1}));
}

TEST(NumpyComparison, Poolings_WithPaddingAndPartialWindows) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 13, 13});
  std::string y =
      builder.node("Sub", {x, builder.reals({}, {2})});  // below 0: padding must not win
  y = builder.node("MaxPool", {y}, "kernel_shape", {3, 3});
  builder.integers("strides", {2, 2});
  builder.integers("pads", {1, 1, 0, 0});
  builder.integer("ceil_mode", 1);
  y = builder.node("AveragePool", {y}, "kernel_shape", {3, 2});
  builder.integers("pads", {1, 0, 1, 1});
  y = builder.node("AveragePool", {y}, "kernel_shape", {2, 2});
  builder.integers("pads", {1, 1, 0, 0});
  builder.integer("count_include_pad", 1);
  builder.classify(y, 2 * 7 * 7);
  expect_same_logits(builder);
}

TEST(NumpyComparison, MeansOverAllPixels_InBothForms) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 5, 4});
  const std::string y = builder.convolution(x, {4, 2, 2, 2});
  const std::string a = builder.node("ReduceMean", {y}, "axes", {-1, -2});
  builder.integer("keepdims", 0);
  const std::string z = builder.node("GlobalAveragePool", {builder.node("Relu", {y})});
  const std::string b = builder.node("Squeeze", {z, builder.list({2, 3})});
  builder.classify(builder.node("Add", {a, b}), 4);
  expect_same_logits(builder);
}

TEST(NumpyComparison, Normalization_IsReadOffTheGraph) {
  GraphBuilder builder;
  const std::string x = builder.input({3, 4, 4});
  std::string y = builder.node("Sub", {x, builder.reals({3, 1, 1}, {0.5F, 0.25F, 0.75F})});
  y = builder.node("Div", {y, builder.reals({1, 3, 1, 1}, {0.25F, 0.5F, 0.125F})});
  builder.classify(y, 48);
  const FloatNetwork network = expect_same_logits(builder);
  EXPECT_EQ(network.geometry.normalization.mean, (std::vector<float>{0.5F, 0.25F, 0.75F}));
  EXPECT_EQ(network.geometry.normalization.deviation, (std::vector<float>{0.25F, 0.5F, 0.125F}));
}

// numpy_evaluation.h gives pixels 0..1 to every graph, so this one is compared by its numbers.
TEST(NumpyComparison, NormalizationOfPixelsUpTo255_IsScaled) {
  GraphBuilder builder;
  const std::string x = builder.input({1, 4, 4});
  std::string y = builder.node("Mul", {x, builder.reals({}, {1.0F / 64})});
  y = builder.node("Add", {y, builder.reals({}, {-2})});
  builder.classify(y, 16);
  const auto network = std::get<FloatNetwork>(import_onnx(builder.bytes(), "graph.onnx"));
  EXPECT_NEAR(network.geometry.normalization.mean.at(0), 128 / 255.0, 1e-6);
  EXPECT_NEAR(network.geometry.normalization.deviation.at(0), 64 / 255.0, 1e-6);
}

TEST(NumpyComparison, MapFlattenedInAnotherOrder_ReordersTheWeights) {
  GraphBuilder builder;
  const std::string x = builder.input({3, 4, 5});
  std::string y = builder.convolution(x, {2, 3, 2, 2});
  y = builder.node("Transpose", {y}, "perm", {0, 2, 3, 1});
  y = builder.node("Relu", {y});
  y = builder.node("Reshape", {y, builder.list({-1, 24})});
  y = builder.node("MatMul", {y, builder.random_reals({24, 3})});
  builder.output(y, {3});
  expect_same_logits(builder);
}

TEST(NumpyComparison, ReshapeToAShapeComputedByAChain_IsFlatten) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 4, 4});
  const std::string y = builder.convolution(x, {3, 2, 2, 2});
  const std::string shape = builder.node("Shape", {y});
  std::string batch = builder.node("Gather", {shape, builder.list({0})});
  builder.integer("axis", 0);
  std::string rest = builder.node("Mul", {builder.node("Gather", {shape, builder.list({1})}),
                                          builder.node("Gather", {shape, builder.list({2})})});
  rest = builder.node("Mul", {rest, builder.node("Gather", {shape, builder.list({-1})})});
  const std::string target = builder.node("Concat", {batch, rest});
  builder.integer("axis", 0);
  builder.classify(builder.node("Dropout", {builder.node("Reshape", {y, target})}), 27);
  const FloatNetwork network = expect_same_logits(builder);
  EXPECT_EQ(network.geometry.nodes.size(), 3U);
}

TEST(NumpyComparison, BatchFixedAtTwo_IsImportedAsOneImage) {
  GraphBuilder builder;
  const std::string x = builder.input({2, 4, 4});
  builder.graph()
      .mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(0)
      ->set_dim_value(2);
  const std::string y = builder.node("Reshape", {x, builder.list({2, 32})});
  builder.output(builder.node("MatMul", {y, builder.random_reals({32, 3})}), {3});
  expect_same_logits(builder);
}

TEST(NumpyComparison, ImageInRowsOfPixels_IsTurnedByTheFirstTranspose) {
  GraphBuilder builder;
  std::string y = builder.node("Transpose", {builder.input({4, 5, 3})}, "perm", {0, 3, 1, 2});
  builder.classify(builder.convolution(y, {2, 3, 2, 2}), 24);
  const auto network = std::get<FloatNetwork>(import_onnx(builder.bytes(), "graph.onnx"));
  EXPECT_TRUE((network.geometry.input == network::FeatureMapShape{3, 4, 5}));
}

}  // namespace
}  // namespace togglewise::graph
