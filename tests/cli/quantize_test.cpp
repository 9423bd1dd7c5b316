// `togglewise quantize` as a user runs it, on a small float network and random images.
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx_pb.h>

#include "sim/network/traces.h"
#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using nlohmann::json;
using testing::HasSubstr;

void add_tensor(onnx::GraphProto& graph, const std::string& name,
                const std::vector<std::int64_t>& shape, Random& random, bool poisoned = false) {
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  std::int64_t size = 1;
  for (const std::int64_t length : shape) {
    tensor.add_dims(length);
    size *= length;
  }
  for (std::int64_t i = 0; i < size; ++i) {
    tensor.add_float_data(static_cast<float>(random.unit() - 0.5));
  }
  if (poisoned) tensor.set_float_data(0, std::numeric_limits<float>::quiet_NaN());
}

void add_node(onnx::GraphProto& graph, const std::string& type,
              const std::vector<std::string>& inputs, const std::string& output) {
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(type);
  node.set_name(output);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
}

void add_value(onnx::ValueInfoProto& value, const std::string& name,
               const std::vector<std::int64_t>& shape) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t length : shape) type.mutable_shape()->add_dim()->set_dim_value(length);
}

// `channels`×28×28 → convolution 5×5 to 4 channels → ReLU → 10 logits.
std::string float_model(int channels, bool poisoned = false) {
  Random random(5);
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("small");
  add_value(*graph.add_input(), "image", {1, channels, 28, 28});
  add_value(*graph.add_output(), "logits", {1, 10});
  add_tensor(graph, "conv.weight", {4, channels, 5, 5}, random, poisoned);
  add_tensor(graph, "conv.bias", {4}, random);
  add_tensor(graph, "fc.weight", {4 * 24 * 24, 10}, random);
  add_tensor(graph, "fc.bias", {10}, random);
  add_node(graph, "Conv", {"image", "conv.weight", "conv.bias"}, "conv");
  add_node(graph, "Relu", {"conv"}, "relu");
  add_node(graph, "Flatten", {"relu"}, "flat");
  add_node(graph, "Gemm", {"flat", "fc.weight", "fc.bias"}, "logits");
  return model.SerializeAsString();
}

std::vector<std::string> quantize(const std::string& model, const std::string& out = "out") {
  return {"quantize", model, "--data", "workload.yaml", "--images", "4", "--out", out};
}

json without_timing(const std::string& text) {
  json value = json::parse(text);
  value.erase("timing");
  return value;
}

TEST(QuantizeCommand, WritesAModelThatSimulateRuns_TheSameForAnyNumberOfThreads) {
  const SmallRun run;
  run.write("float.onnx", float_model(1));
  for (const char* threads : {"1", "2"}) {
    std::vector<std::string> arguments = quantize("float.onnx", std::string("out") + threads);
    arguments.insert(arguments.end(), {"--threads", threads, "--mean", "0.3", "--std", "0.4"});
    const CommandResult result = run.run(arguments);
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_THAT(result.output, HasSubstr("of 6 test images"));
  }
  for (const char* name : {"/quantized.onnx", "/traces.h5"}) {
    EXPECT_EQ(read_file(run.file(std::string("out1") + name)),
              read_file(run.file(std::string("out2") + name)))
        << name;
  }
  const json result = without_timing(read_file(run.file("out1/quantize.json")));
  EXPECT_EQ(result, without_timing(read_file(run.file("out2/quantize.json"))));
  EXPECT_EQ(result["accuracy"]["test_images"], 6);
  EXPECT_EQ(result["layers"].size(), 2U);
  EXPECT_GT(result["layers"][1]["output_snr_db"].get<double>(), 25);
  EXPECT_EQ(network::read_traces(run.file("out1/traces.h5")).layers.size(), 2U);

  const CommandResult simulated =
      run.run({"simulate", "--hw", "hw.yaml", "--model", "out1/quantized.onnx", "--images", "2",
               "--out", "simulated"});
  EXPECT_EQ(simulated.exit_status, 0) << simulated.output;
}

void expect_refused(const SmallRun& run, const std::vector<std::string>& arguments,
                    const std::string& id, const std::vector<std::string>& words) {
  const CommandResult result = run.run(arguments);
  EXPECT_EQ(result.exit_status, 2) << result.output;
  EXPECT_THAT(result.output, HasSubstr("[" + id + "]"));
  for (const std::string& word : words) EXPECT_THAT(result.output, HasSubstr(word));
  for (const char* name : {"quantized.onnx", "traces.h5", "workload.yaml", "quantize.json"}) {
    EXPECT_FALSE(std::filesystem::exists(run.file(std::string("out/") + name))) << name;
  }
}

// Two classes with two images each to train on and one to test on, `side`×`side` pixels.
void write_image_folder(const SmallRun& run, int side) {
  Random random(3);
  for (const char* name :
       {"train/cat/1", "train/cat/2", "train/dog/1", "train/dog/2", "test/cat/3", "test/dog/3"}) {
    std::string image = fmt::format("P5 {} {} 255\n", side, side);
    for (int p = 0; p < side * side; ++p) image.push_back(static_cast<char>(random.below(256)));
    const std::string file = fmt::format("animals/{}.pgm", name);
    std::filesystem::create_directories(std::filesystem::path(run.file(file)).parent_path());
    run.write(file, image);
  }
}

TEST(QuantizeCommand, TakesAFolderOfImagesByClass_AndSimulateFindsThemAgain) {
  const SmallRun run;
  run.write("float.onnx", float_model(1));
  write_image_folder(run, 28);
  std::vector<std::string> arguments = quantize("float.onnx");
  arguments[3] = "animals";
  const CommandResult result = run.run(arguments);
  ASSERT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("of 2 test images"));
  EXPECT_THAT(read_file(run.file("out/workload.yaml")), HasSubstr("format: folder"));
  EXPECT_THAT(read_file(run.file("out/workload.yaml")), HasSubstr("name: \"float_animals\""));
  const std::vector<std::string> simulate = {
      "simulate",          "--hw",     "hw.yaml", "--model", "out/quantized.onnx", "--workload",
      "out/workload.yaml", "--images", "2",       "--out",   "simulated"};
  const CommandResult simulated = run.run(simulate);
  EXPECT_EQ(simulated.exit_status, 0) << simulated.output;
  EXPECT_THAT(simulated.output, HasSubstr("test images 0..1 of float_animals"));

  // Images that have become others since are not read as if they were 28×28.
  write_image_folder(run, 30);
  const CommandResult refused = run.run(simulate);
  EXPECT_EQ(refused.exit_status, 2) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("the images are 1×30×30, but the network"));
  EXPECT_THAT(refused.output, HasSubstr("[TW-DATA-009]"));
}

TEST(QuantizeCommand, RefusesBadInput_AndWritesNothing) {
  const SmallRun run;
  run.write("float.onnx", float_model(1));
  run.write("colour.onnx", float_model(3));
  run.write("poisoned.onnx", float_model(1, true));
  expect_refused(run, quantize(SmallRun::model()), "TW-PTQ-007", {"lenet5", "float weights"});
  expect_refused(run, quantize("colour.onnx"), "TW-PTQ-003", {"1×28×28", "3×28×28"});
  expect_refused(run, quantize("poisoned.onnx"), "TW-ONNX-002", {"poisoned.onnx", "not a finite"});

  std::vector<std::string> arguments = quantize("float.onnx");
  arguments[3] = "nowhere";
  expect_refused(run, arguments, "TW-DATA-007", {"nowhere"});
  arguments = quantize("float.onnx");
  arguments[5] = "0";
  expect_refused(run, arguments, "TW-CLI-001", {"--images"});
  arguments[5] = "7";
  expect_refused(run, arguments, "TW-PTQ-004", {"1 to 6"});
  arguments = quantize("float.onnx");
  arguments.insert(arguments.end(), {"--test-images", "7"});
  expect_refused(run, arguments, "TW-CLI-004", {"--test-images", "6"});
  arguments = quantize("float.onnx");
  arguments.insert(arguments.end(), {"--mean", "0.1,0.2"});
  expect_refused(run, arguments, "TW-PTQ-006", {"2 mean values"});
  arguments.back() = "abc";
  expect_refused(run, arguments, "TW-CLI-001", {"--mean"});
}

}  // namespace
}  // namespace togglewise
