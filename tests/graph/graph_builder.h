// Small ONNX graphs, written as exporters write them, with weights drawn at random.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/network/onnx_builder.h"

namespace togglewise::graph {

class GraphBuilder {
 public:
  explicit GraphBuilder(std::uint64_t seed = 1) : onnx_("sample"), random_(seed) {
    model().set_producer_name("test");
  }

  onnx::ModelProto& model() { return onnx_.model(); }
  onnx::GraphProto& graph() { return *onnx_.model().mutable_graph(); }
  std::string bytes() { return model().SerializeAsString(); }

  std::string input(const std::vector<int>& dimensions) {
    onnx_.add_input("input", dimensions);
    return "input";
  }
  void output(const std::string& value, const std::vector<int>& dimensions) {
    onnx_.add_output(value, dimensions);
  }

  // The result's name; the node is called like it. Attributes are set on last().
  std::string node(const std::string& type, const std::vector<std::string>& inputs) {
    const std::string result = type + std::to_string(count_++);
    onnx_.add_node(type, result, inputs, result);
    return result;
  }
  onnx::NodeProto& last() { return *graph().mutable_node(graph().node_size() - 1); }

  std::string node(const std::string& type, const std::vector<std::string>& inputs,
                   const std::string& attribute, const std::vector<int>& values) {
    const std::string result = node(type, inputs);
    integers(attribute, values);
    return result;
  }
  void integers(const std::string& name, const std::vector<int>& values) {
    network::OnnxBuilder::add_integers(last(), name, values);
  }
  void integer(const std::string& name, int value) {
    network::OnnxBuilder::add_integer(last(), name, value);
  }
  void real(const std::string& name, float value) {
    onnx::AttributeProto& attribute = *last().add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto_AttributeType_FLOAT);
    attribute.set_f(value);
  }
  void text(const std::string& name, const std::string& value) {
    onnx::AttributeProto& attribute = *last().add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto_AttributeType_STRING);
    attribute.set_s(value);
  }

  std::string reals(const std::vector<int>& dimensions, const std::vector<float>& values) {
    const std::string name = "constant" + std::to_string(count_++);
    onnx_.add_reals(name, dimensions, values);
    return name;
  }
  // Uniform in [low, high).
  std::string random_reals(const std::vector<int>& dimensions, double low = -1, double high = 1) {
    std::size_t count = 1;
    for (const int size : dimensions) count *= static_cast<std::size_t>(size);
    std::vector<float> values;
    while (values.size() < count) {
      values.push_back(static_cast<float>(low + (high - low) * random_.unit()));
    }
    return reals(dimensions, values);
  }
  std::string list(const std::vector<std::int64_t>& values) {
    const std::string name = "constant" + std::to_string(count_++);
    onnx_.add_list(name, values);
    return name;
  }
  std::string int8(const std::vector<int>& dimensions, const std::vector<std::int8_t>& values) {
    const std::string name = "constant" + std::to_string(count_++);
    onnx_.add_int8(name, dimensions, values);
    return name;
  }
  std::string random_int8(const std::vector<int>& dimensions) {
    std::size_t count = 1;
    for (const int size : dimensions) count *= static_cast<std::size_t>(size);
    std::vector<std::int8_t> values;
    while (values.size() < count) {
      values.push_back(static_cast<std::int8_t>(random_.between(-128, 127)));
    }
    return int8(dimensions, values);
  }
  std::string int32(const std::vector<int>& dimensions, const std::vector<std::int32_t>& values) {
    const std::string name = "constant" + std::to_string(count_++);
    onnx_.add_int32(name, dimensions, values);
    return name;
  }

  std::string convolution(const std::string& value, const std::vector<int>& weights,
                          const std::vector<int>& pads = {0, 0, 0, 0}) {
    const std::string w = random_reals(weights);
    return node("Conv", {value, w, random_reals({weights[0]})}, "pads", pads);
  }
  std::string batch_normalization(const std::string& value, int channels) {
    const std::string scale = random_reals({channels}, 0.5, 2);
    const std::string bias = random_reals({channels});
    const std::string mean = random_reals({channels});
    return node("BatchNormalization", {value, scale, bias, mean, random_reals({channels}, 0.5, 2)});
  }
  // Flatten and a fully connected layer to `classes` logits, the graph's output.
  void classify(const std::string& value, int inputs, int classes = 3) {
    const std::string flat = node("Flatten", {value});
    const std::string weights = random_reals({classes, inputs});
    const std::string logits = node("Gemm", {flat, weights, random_reals({classes})});
    integer("transB", 1);
    output(logits, {classes});
  }

 private:
  network::OnnxBuilder onnx_;
  Random random_;
  int count_ = 0;
};

}  // namespace togglewise::graph
