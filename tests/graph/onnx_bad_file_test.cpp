// Files that are no whole, supported ONNX networks of ours: each is refused with the reason.
#include <functional>

#include <onnx/onnx_pb.h>

#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/onnx_file.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::network {
namespace {

using graph::from_onnx;
using graph::read_onnx;

// conv0 (3×3 on 1×6×6), pool0, flatten, fc1: every kind of node.
QuantizedNetwork sample_network() {
  Random random(1);
  QuantizedNetwork network;
  network.name = "sample";
  network.input = {1, 6, 6};
  network.input_scale = pixel_scale;
  network.classes = 3;
  GemmLayer conv;
  conv.name = "conv0";
  conv.input = network.input;
  conv.output = {2, 4, 4};
  conv.window = square_window(3, 1, 0);
  conv.input_scale = pixel_scale;
  conv.output_scale = 0.25F;
  conv.relu = true;
  fill_layer(conv, random);
  GemmLayer fc = random_layer("fc1", {8, 1, 1}, true, 3, 0.25F, random);
  fc.output_scale = 0;
  fc.relu = false;
  MaxPool pool;
  pool.name = "pool0";
  pool.input = conv.output;
  pool.output = {2, 2, 2};
  pool.window = square_window(2, 2, 0);
  network.append(std::move(conv));
  network.append(std::move(pool));
  network.append(Flatten{"flatten", {2, 2, 2}});
  network.append(std::move(fc));
  return network;
}

class BadOnnxFile : public testing::Test {
 protected:
  BadOnnxFile() { model.ParseFromString(to_onnx(sample_network())); }

  onnx::NodeProto& node(const std::string& type) {
    for (onnx::NodeProto& candidate : *model.mutable_graph()->mutable_node()) {
      if (candidate.op_type() == type) return candidate;
    }
    throw std::out_of_range(type);
  }
  onnx::TensorProto& tensor(const std::string& name) {
    for (onnx::TensorProto& candidate : *model.mutable_graph()->mutable_initializer()) {
      if (candidate.name() == name) return candidate;
    }
    throw std::out_of_range(name);
  }
  onnx::AttributeProto& attribute(onnx::NodeProto& owner, const std::string& name) {
    for (onnx::AttributeProto& candidate : *owner.mutable_attribute()) {
      if (candidate.name() == name) return candidate;
    }
    onnx::AttributeProto& added = *owner.add_attribute();
    added.set_name(name);
    added.set_type(onnx::AttributeProto_AttributeType_INT);
    return added;
  }
  std::string& metadata(const std::string& key) {
    for (onnx::StringStringEntryProto& entry : *model.mutable_metadata_props()) {
      if (entry.key() == key) return *entry.mutable_value();
    }
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    return *entry.mutable_value();
  }
  // As somebody does who edits a file on purpose: without the hash.
  void expect_edited_refused(const ExpectedError& expected) {
    auto& entries = *model.mutable_metadata_props();
    for (int i = 0; i < entries.size(); ++i) {
      if (entries[i].key() == "togglewise.content_hash") entries.DeleteSubrange(i--, 1);
    }
    expect_error([&] { from_onnx(model.SerializeAsString(), "bad.onnx"); }, expected);
  }

  onnx::ModelProto model;
};

TEST_F(BadOnnxFile, CutOffAnywhere_IsRefused) {
  const std::string whole = to_onnx(sample_network());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error([&] { from_onnx(whole.substr(0, size), "cut.onnx"); },
                 {"TW-ONNX-001", {"cut.onnx"}});
    if (HasFailure()) FAIL() << "cut after " << size << " of " << whole.size() << " bytes";
  }
}

// Damage to the very key that names the hash turns the hash off, but then nothing else is damaged.
TEST_F(BadOnnxFile, AnyDamagedByte_IsRefusedOrLeavesTheNetworkWhole) {
  const QuantizedNetwork network = sample_network();
  const std::string whole = to_onnx(network);
  std::size_t read = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    try {
      QuantizedNetwork result = from_onnx(damaged, "damaged.onnx");
      result.metadata = network.metadata;
      EXPECT_TRUE(to_onnx(result) == whole) << "byte " << i;
      ++read;
    } catch (const Error& error) {
      EXPECT_THAT(error.id(), testing::StartsWith("TW-")) << "byte " << i;
    }
  }
  // The key's characters, and the two tags that make it a key of metadata.
  EXPECT_LE(read, std::string("togglewise.content_hash").size() + 2);
}

TEST_F(BadOnnxFile, NotOnnx_IsRefused) {
  expect_error([] { from_onnx("this is a text file\n", "a.txt"); }, {"TW-ONNX-001", {"a.txt"}});
  expect_error([] { read_onnx("/nowhere/model.onnx"); }, {"TW-FILE-001", {"/nowhere/model.onnx"}});
}

TEST_F(BadOnnxFile, OtherFormatVersion_IsRefused) {
  metadata("togglewise.format") = "2";
  expect_edited_refused({"TW-ONNX-001", {"format '2'", "expected format 1"}});
}

TEST_F(BadOnnxFile, EditedButStillHashed_IsRefusedWithTheWayOut) {
  metadata("togglewise.seed") = "2";
  expect_error(
      [&] { from_onnx(model.SerializeAsString(), "edited.onnx"); },
      {"TW-ONNX-001", {"does not match its hash", "'togglewise.content_hash' is removed"}});
}

TEST_F(BadOnnxFile, EditedWithoutHash_IsRead) {
  metadata("togglewise.seed") = "2";
  model.mutable_metadata_props()->erase(
      std::remove_if(model.mutable_metadata_props()->begin(), model.mutable_metadata_props()->end(),
                     [](const auto& entry) { return entry.key() == "togglewise.content_hash"; }),
      model.mutable_metadata_props()->end());
  EXPECT_EQ(from_onnx(model.SerializeAsString(), "edited.onnx").metadata.at("togglewise.seed"),
            "2");
}

TEST_F(BadOnnxFile, UnknownOperator_IsNamed) {
  node("Relu").set_op_type("Sigmoid");
  expect_edited_refused({"TW-ONNX-002",
                         {"bad.onnx", "node 'conv0/relu' (Sigmoid): the operator is not known",
                          "sim/graph/README.md"}});
}

TEST_F(BadOnnxFile, UnsupportedAttributes_AreNamed) {
  attribute(node("Conv"), "group").set_i(2);
  expect_edited_refused({"TW-ONNX-002", {"node 'conv0' (Conv)", "in 2 groups"}});
  attribute(node("Conv"), "group").set_i(1);
  attribute(node("Conv"), "pads").set_ints(0, -1);
  expect_edited_refused({"TW-ONNX-002", {"'pads' is -1,0,0,0"}});
  attribute(node("Conv"), "pads").set_ints(0, 0);
  attribute(node("Gemm"), "transA").set_i(1);
  expect_edited_refused({"TW-ONNX-002", {"node 'fc1'", "'transA'"}});
  attribute(node("Gemm"), "transA").set_i(0);
  attribute(node("Relu"), "slope").set_i(1);
  expect_edited_refused({"TW-ONNX-002", {"node 'conv0/relu'", "attribute 'slope'"}});
}

TEST_F(BadOnnxFile, FactorOfInt8Weights_IsRefused) {
  onnx::AttributeProto& alpha = attribute(node("Gemm"), "alpha");
  alpha.set_type(onnx::AttributeProto_AttributeType_FLOAT);
  alpha.set_f(2);
  expect_edited_refused({"TW-ONNX-002", {"node 'fc1'", "scales the result of a layer"}});
}

TEST_F(BadOnnxFile, PoolLargerThanItsInput_IsRefused) {
  attribute(node("MaxPool"), "kernel_shape").set_ints(0, 9);
  attribute(node("MaxPool"), "kernel_shape").set_ints(1, 9);
  expect_edited_refused({"TW-ONNX-002", {"node 'pool0'", "9 does not fit 4 pixels"}});
}

TEST_F(BadOnnxFile, ConvolutionOnUnquantizedValues_IsRefused) {
  node("Conv").set_input(0, "image");
  expect_edited_refused({"TW-ONNX-002", {"node 'conv0'", "QuantizeLinear and DequantizeLinear"}});
}

TEST_F(BadOnnxFile, MissingInitializer_IsNamed) {
  tensor("conv0/weight_scale").set_name("elsewhere");
  expect_edited_refused({"TW-ONNX-003", {"'conv0/weight_scale'", "is missing", "an initializer"}});
}

TEST_F(BadOnnxFile, InitializerOfTheWrongType_IsNamed) {
  tensor("conv0/weight").set_data_type(onnx::TensorProto_DataType_STRING);
  expect_edited_refused({"TW-ONNX-003", {"'conv0/weight' is of type STRING", "INT8"}});
  tensor("conv0/weight").set_data_type(onnx::TensorProto_DataType_UINT8);
  expect_edited_refused({"TW-ONNX-002", {"'conv0/weight/dequantize'", "neither int8 nor int32"}});
}

TEST_F(BadOnnxFile, InitializerOfTheWrongSize_IsNamed) {
  tensor("conv0/weight").mutable_raw_data()->pop_back();
  expect_edited_refused({"TW-ONNX-003", {"'conv0/weight' stores 17 values", "18 values"}});
  tensor("conv0/weight").mutable_raw_data()->push_back(0);
  tensor("conv0/weight").set_dims(0, std::int64_t{1} << 40);
  expect_edited_refused({"TW-ONNX-003", {"'conv0/weight' has the shape 1099511627776×1×3×3"}});
  tensor("conv0/weight").set_dims(0, -1);
  expect_edited_refused({"TW-ONNX-003", {"'conv0/weight' has the shape -1×1×3×3"}});
}

TEST_F(BadOnnxFile, WeightsOfTheWrongShape_AreRefused) {
  tensor("fc1/weight").set_dims(0, 6);
  tensor("fc1/weight").set_dims(1, 4);
  expect_edited_refused({"TW-ONNX-002", {"fc1", "3 scales for a dimension of 6"}});
}

TEST_F(BadOnnxFile, BiasThatDoesNotFit_IsRefused) {
  for (const char* name : {"fc1/bias", "fc1/bias_scale"}) {
    tensor(name).set_dims(0, 2);
    tensor(name).mutable_raw_data()->resize(8);
  }
  expect_edited_refused({"TW-ONNX-002", {"node 'fc1'", "2 biases for 3 output channels"}});
}

TEST_F(BadOnnxFile, BiasInOtherUnits_IsRefused) {
  tensor("fc1/bias_scale").mutable_raw_data()->replace(0, 4, std::string("\0\0\x80\x3f", 4));
  expect_edited_refused({"TW-ONNX-002", {"'fc1'", "bias is 1 for output channel 0"}});
}

TEST_F(BadOnnxFile, ZeroPointOtherThanZero_IsRefused) {
  tensor("activation_zero_point").mutable_raw_data()->assign(1, 3);
  expect_edited_refused({"TW-ONNX-002", {"zero point is 3", "symmetric int8"}});
}

TEST_F(BadOnnxFile, InputWithoutSize_IsRefused) {
  model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(2)
      ->set_dim_param("height");
  expect_edited_refused({"TW-ONNX-002", {"'image' has no fixed image size"}});
}

TEST_F(BadOnnxFile, PermittedValuesOfNoLayer_AreRefused) {
  metadata("togglewise.permitted_values.fc9") = "0,1";
  expect_edited_refused({"TW-ONNX-003", {"permitted_values.fc9' belongs to no layer"}});
}

TEST_F(BadOnnxFile, PermittedValuesThatAreNoNumbers_AreRefused) {
  for (const char* text : {"0,x", "0,,1", "0,1,", ""}) {
    metadata("togglewise.permitted_values.fc1") = text;
    expect_edited_refused({"TW-ONNX-003", {"permitted_values.fc1' is"}});
  }
}

}  // namespace
}  // namespace togglewise::network
