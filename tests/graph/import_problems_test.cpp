// What stands in the way of an import is named: every node, in one message.
#include "sim/graph/onnx_import.h"
#include "tests/config/expect_error.h"
#include "tests/graph/graph_builder.h"

namespace togglewise::graph {
namespace {

class ImportProblems : public testing::Test {
 protected:
  void expect_refused(const ExpectedError& expected) {
    expect_error([&] { import_onnx(builder.bytes(), "bad.onnx"); }, expected);
  }
  // The node's result is the graph's output.
  void expect_node_refused(const std::string& value, const std::vector<std::string>& words) {
    builder.output(value, {3});
    expect_refused({"TW-ONNX-002", words});
    builder.graph().clear_output();
  }
  GraphBuilder builder;
};

TEST_F(ImportProblems, EveryNode_IsListedWithItsReason) {
  const std::string x = builder.input({2, 6, 6});
  std::string y = builder.node("Sigmoid", {builder.convolution(x, {4, 2, 3, 3})});
  y = builder.convolution(y, {4, 4, 3, 3});  // cannot be judged, and is not blamed
  y = builder.node("LSTM", {y});
  const std::string z = builder.convolution(x, {4, 3, 3, 3});
  builder.last().set_domain("com.microsoft");
  const std::string w = builder.convolution(x, {4, 3, 3, 3});
  builder.output(builder.node("Add", {y, builder.node("Add", {z, w})}), {3});
  expect_refused(
      {"TW-ONNX-002",
       {"4 things are not supported", "node 'Sigmoid3' (Sigmoid): the operator is not known",
        "(LSTM): the operator is not known", "operators of 'com.microsoft' are not known",
        "have the shape 4×3×3×3; needed are 4 dimensions for 2 input channels"}});
}

TEST_F(ImportProblems, LongLists_AreCut) {
  std::string x = builder.input({1, 2, 2});
  for (int i = 0; i < 100; ++i) x = builder.node("Mystery", {x});
  builder.output(x, {3});
  expect_refused({"TW-ONNX-002", {"100 things", "and 60 more"}});
}

TEST_F(ImportProblems, InputsWithoutFixedSize_AreRefused) {
  builder.classify(builder.input({2, 6, 6}), 72);
  auto& shape =
      *builder.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.mutable_dim(3)->set_dim_param("width");
  expect_refused({"TW-ONNX-002", {"the input 'input' has no fixed image size"}});
  shape.mutable_dim(3)->set_dim_value(std::int64_t{1} << 40);
  expect_refused({"TW-ONNX-002", {"2×6×1099511627776"}});
  for (int i = 1; i < 4; ++i) shape.mutable_dim(i)->set_dim_value(1 << 15);
  expect_refused({"TW-ONNX-002", {"at most 268435456 values"}});
  shape.clear_dim();
  expect_refused({"TW-ONNX-002", {"0 dimensions"}});
}

TEST_F(ImportProblems, SecondInputsAndOutputs_AreRefused) {
  builder.classify(builder.input({2, 6, 6}), 72);
  builder.output("Flatten0", {72});
  expect_refused({"TW-ONNX-002", {"1 inputs and 2 outputs"}});
}

TEST_F(ImportProblems, CyclesAndWrongOrder_AreRefused) {
  const std::string x = builder.input({2, 6, 6});
  const std::string y = builder.node("Relu", {"later"});
  builder.node("Relu", {x});
  builder.last().set_output(0, "later");
  builder.output(y, {3});
  expect_refused({"TW-ONNX-005", {"node 'Relu0' (Relu) takes 'later'", "later node", "cycles"}});
  builder.graph().mutable_node(0)->set_input(0, y);
  expect_refused({"TW-ONNX-005", {"takes 'Relu0'"}});
  builder.graph().mutable_node(0)->set_input(0, x);
  builder.graph().mutable_node(1)->set_output(0, y);
  expect_refused({"TW-ONNX-005", {"'Relu0', the result", "given twice"}});
}

TEST_F(ImportProblems, OutputsThatAreNotComputed_AreRefused) {
  const std::string x = builder.input({2, 6, 6});
  builder.output("nothing", {3});
  expect_refused({"TW-ONNX-005", {"'nothing' is not computed"}});
  builder.graph().mutable_output(0)->set_name(x);
  expect_refused({"TW-ONNX-005", {"'input' is its input"}});
  const std::string y = builder.convolution(x, {3, 2, 1, 1});
  builder.node("Transpose", {y}, "perm", {0, 2, 3, 1});
  builder.graph().mutable_output(0)->set_name(builder.last().output(0));
  expect_refused({"TW-ONNX-005", {"a transposed feature map"}});
}

TEST_F(ImportProblems, OldOpsets_AreRefused) {
  builder.classify(builder.input({2, 6, 6}), 72);
  builder.model().mutable_opset_import(0)->set_version(6);
  expect_refused({"TW-ONNX-002", {"opset 6 is older than 7"}});
}

TEST_F(ImportProblems, Layers_NeedConstantWeightsThatFit) {
  const std::string x = builder.input({2, 6, 6});
  const std::string flat = builder.node("Flatten", {x});
  expect_node_refused(builder.node("MatMul", {flat, flat}), {"both of its factors are computed"});
  expect_node_refused(builder.node("MatMul", {flat, builder.random_reals({5, 3})}),
                      {"shape 5×3; needed are 72 inputs"});
  expect_node_refused(builder.node("MatMul", {x, builder.random_reals({6, 3})}),
                      {"2×6×6; needed is batch × values"});
  expect_node_refused(builder.node("Conv", {flat, builder.random_reals({3, 72, 1, 1})}),
                      {"needed is batch × channels × rows × columns"});
  expect_node_refused(builder.node("Conv", {x, builder.random_reals({3, 2, 3})}),
                      {"needed are 4 dimensions"});
  expect_node_refused(builder.node("Conv", {x, builder.list({1})}), {"have the shape 1;"});
  expect_node_refused(builder.convolution(x, {3, 2, 7, 7}), {"window of 7 does not fit 6 pixels"});
  std::string y = builder.convolution(x, {3, 2, 3, 3});
  builder.integers("strides", {0, 1});
  expect_node_refused(y, {"'strides' is 0,1"});
  y = builder.convolution(x, {3, 2, 3, 3});
  builder.integers("dilations", {1 << 20, 1});
  expect_node_refused(y, {"'dilations' is 1048576,1"});
  y = builder.convolution(x, {3, 2, 3, 3});
  builder.text("auto_pad", "SOMEHOW");
  expect_node_refused(y, {"'auto_pad' is 'SOMEHOW'"});
}

TEST_F(ImportProblems, ConstantsThatCannotBeFolded_AreRefused) {
  const std::string x = builder.input({2, 6, 6});
  const std::string relu = builder.node("Relu", {builder.convolution(x, {3, 2, 3, 3})});
  expect_node_refused(builder.node("Mul", {relu, builder.random_reals({3, 1, 1})}),
                      {"no Conv, Gemm or MatMul right before it"});
  expect_node_refused(builder.batch_normalization(relu, 3), {"no Conv, Gemm or MatMul right"});
  expect_node_refused(builder.batch_normalization(relu, 4), {"4 values for 3 channels"});
  expect_node_refused(builder.node("Mul", {relu, relu}), {"both of its operands are computed"});
  expect_node_refused(builder.node("Add", {relu, x}), {"shapes 3×4×4 and 2×6×6"});
  const std::string y = builder.convolution(x, {3, 2, 3, 3});
  expect_node_refused(builder.node("Mul", {y, builder.random_reals({4})}),
                      {"one for each of 3 channels"});
  const std::string z = builder.convolution(x, {3, 2, 3, 3});
  expect_node_refused(builder.node("Div", {builder.random_reals({3, 1, 1}), z}),
                      {"divides by a computed value"});
  expect_node_refused(builder.node("Sub", {x, builder.random_reals({2, 1, 1})}),
                      {"does not normalize all of the input"});
}

TEST_F(ImportProblems, WeightsThatAreNoNumbers_AreRefused) {
  const std::string x = builder.input({1, 2, 2});
  std::string y = builder.convolution(x, {3, 1, 1, 1});
  const std::string ones = builder.reals({3}, {1, 1, 1});
  y = builder.node("BatchNormalization", {y, ones, ones, ones, builder.reals({3}, {1, -1, 1})});
  builder.output(y, {3, 2, 2});
  expect_refused({"TW-ONNX-002", {"(Conv)", "not a finite number"}});
}

TEST_F(ImportProblems, ShapesThatMixPixelsOrImages_AreRefused) {
  const std::string x = builder.convolution(builder.input({2, 6, 6}), {4, 2, 3, 3});
  expect_node_refused(builder.node("Reshape", {x, builder.list({1, 2, 2, 16})}),
                      {"needed is one vector"});
  expect_node_refused(builder.node("Reshape", {x, builder.list({64})}), {"mixes the images"});
  expect_node_refused(builder.node("Reshape", {x, builder.list({1, 65})}),
                      {"1×4×4×4 does not become 1×65"});
  expect_node_refused(builder.node("Squeeze", {x, builder.list({0})}), {"squeezes the batch"});
  expect_node_refused(builder.node("Unsqueeze", {x, builder.list({0})}), {"before the batch"});
  expect_node_refused(builder.node("Transpose", {x}, "perm", {1, 0, 2, 3}), {"moves the batch"});
  const std::string turned = builder.node("Transpose", {x}, "perm", {0, 2, 3, 1});
  expect_node_refused(builder.convolution(turned, {4, 4, 1, 1}), {"transposed feature map"});
}

TEST_F(ImportProblems, SlicesPadsAndConcats_NameTheDirection) {
  const std::string x = builder.convolution(builder.input({2, 6, 6}), {4, 2, 3, 3});
  const auto slice = [&](std::int64_t axis, std::int64_t step) {
    return builder.node("Slice",
                        {x, builder.list({step < 0 ? -1 : 1}), builder.list({step < 0 ? -9 : 9}),
                         builder.list({axis}), builder.list({step})});
  };
  expect_node_refused(slice(0, 1), {"some images of the batch"});
  expect_node_refused(slice(2, -1), {"goes backwards"});
  const auto pad = [&](const std::vector<std::int64_t>& pads) {
    return builder.node("Pad", {x, builder.list(pads)});
  };
  expect_node_refused(pad({1, 0, 0, 0, 0, 0, 0, 0}), {"pads dimension 0 with 1 and 0"});
  expect_node_refused(pad({0, 0, -1, 0, 0, 0, 0, 0}), {"pads dimension 2 with -1 and 0"});
  expect_node_refused(pad({0, 0}), {"2 pads for 4 dimensions"});
  std::string y = pad({0, 0, 1, 0, 0, 0, 0, 0});
  builder.text("mode", "reflect");
  expect_node_refused(y, {"its mode is 'reflect'"});
  y = builder.node("Pad", {x, builder.list({0, 0, 1, 0, 0, 0, 0, 0}), builder.reals({}, {1})});
  expect_node_refused(y, {"other numbers than 0"});
  y = builder.node("Concat", {x, x});
  builder.integer("axis", 2);
  expect_node_refused(y, {"not along the channels"});
}

TEST_F(ImportProblems, Poolings_NameWhatTheyLack) {
  const std::string x = builder.input({2, 6, 6});
  expect_node_refused(builder.node("MaxPool", {x}), {"no 'kernel_shape'"});
  std::string y = builder.node("AveragePool", {x}, "kernel_shape", {3, 3});
  builder.integers("strides", {2, 2});
  builder.integer("ceil_mode", 1);
  builder.integer("count_include_pad", 1);
  expect_node_refused(y, {"'ceil_mode' with 'count_include_pad'"});
  y = builder.node("MaxPool", {x}, "kernel_shape", {2, 2});
  builder.integers("pads", {2, 0, 0, 0});
  expect_node_refused(y, {"in the padding only"});
  y = builder.node("MaxPool", {x}, "kernel_shape", {2, 2});
  builder.last().add_output("indices");
  const std::string z = builder.node("Relu", {"indices"});
  expect_node_refused(z, {"its result 'indices' is used"});
  expect_node_refused(builder.node("ReduceMean", {x}, "axes", {1}), {"over the axes 1"});
}

TEST_F(ImportProblems, OtherRefusals_GiveTheirReason) {
  const std::string x = builder.convolution(builder.input({2, 6, 6}), {4, 2, 3, 3});
  expect_node_refused(builder.node("Clip", {x, builder.reals({}, {1}), builder.reals({}, {0})}),
                      {"it clamps to 1 .. 0"});
  std::string y = builder.node("Cast", {x});
  builder.integer("to", onnx::TensorProto_DataType_INT64);
  expect_node_refused(y, {"cast to another type"});
  y = builder.node("Softmax", {x});
  expect_node_refused(builder.node("Relu", {y}), {"not at the end of the network"});
  expect_node_refused(builder.node("Gather", {x, builder.list({0})}), {"known on constants only"});
}

// A chain of doublings would otherwise fill any memory from a file of a few kilobytes.
TEST_F(ImportProblems, ConstantsThatGrowWithoutEnd_AreRefused) {
  const std::string x = builder.input({2, 6, 6});
  std::string y = builder.node("ConstantOfShape", {builder.list({1 << 20})});
  for (int i = 0; i < 40; ++i) {
    y = builder.node("Concat", {y, y});
    builder.integer("axis", 0);
  }
  builder.output(builder.node("Add", {x, y}), {3});
  expect_refused({"TW-ONNX-002", {"(Concat)", "too large"}});
}

}  // namespace
}  // namespace togglewise::graph
