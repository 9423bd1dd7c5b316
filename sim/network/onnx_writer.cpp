// QuantizedNetwork → ONNX (QDQ). Values are named after the layer they belong to:
// "conv1/weight", "conv1/output"; '/' does not occur in layer names, so nothing collides.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/network/onnx_builder.h"
#include "sim/network/onnx_file.h"
#include "sim/network/onnx_names.h"
#include "sim/network/value_list.h"

namespace togglewise::network {
namespace {

namespace names = onnx_names;

constexpr const char* activation_zero_point = "activation_zero_point";

class OnnxWriter {
 public:
  explicit OnnxWriter(const QuantizedNetwork& network) : network_(network), onnx_(network.name) {}

  std::string bytes() {
    const FeatureMapShape& in = network_.input;
    onnx_.add_input(names::image, {in.channels, in.height, in.width});
    onnx_.add_output(names::logits, {network_.classes});
    onnx_.add_int8(activation_zero_point, {}, {0});
    add_image();
    for (const Node& node : network_.nodes) {
      inputs_ = &node.inputs;
      last_ = &node == &network_.nodes.back();
      std::visit([this](const auto& typed) { add(typed); }, node.operation);
    }
    add_logits();
    add_metadata();
    return serialized();
  }

 private:
  // What stands for a node's result in the graph: real numbers, behind DequantizeLinear.
  struct Result {
    std::string name;
    float scale = 0;
    bool vector = false;  // batch × values; else batch × channels × rows × columns
  };

  const Result& result(std::size_t input) const {
    return results_[static_cast<std::size_t>((*inputs_)[input] + 1)];
  }

  // Operand `input` as a feature map or as a vector, whichever the operator takes. Neither moves an
  // element: rows and columns are 1.
  std::string map(const std::string& layer, std::size_t input) {
    return reshaped("Unsqueeze", layer, input, !result(input).vector);
  }
  std::string vector(const std::string& layer, std::size_t input) {
    return reshaped("Squeeze", layer, input, result(input).vector);
  }
  std::string reshaped(const std::string& type, const std::string& layer, std::size_t input,
                       bool already) {
    if (already) return result(input).name;
    const std::string name = fmt::format("{}/operand{}", layer, input);
    onnx_.add_list(name + "_axes", {2, 3});
    onnx_.add_node(type, name + "_shape", {result(input).name, name + "_axes"}, name);
    return name;
  }

  std::string quantize_and_dequantize(const std::string& name, const std::string& value,
                                      float scale) {
    const std::string scale_name = name + "/scale";
    onnx_.add_reals(scale_name, {}, {scale});
    onnx_.add_node("QuantizeLinear", name + "/quantize", {value, scale_name, activation_zero_point},
                   name + "/quantized");
    onnx_.add_node("DequantizeLinear", name + "/dequantize",
                   {name + "/quantized", scale_name, activation_zero_point}, name + "/dequantized");
    return name + "/dequantized";
  }

  void add_image() {
    std::string name = "input";  // a layer may be called so, too
    const auto is_taken = [&](const Node& node) { return name_of(node.operation) == name; };
    while (std::any_of(network_.nodes.begin(), network_.nodes.end(), is_taken)) name += '_';
    const int channels = network_.input.channels;
    std::string value = names::image;
    const auto normalize = [&](const char* type, const char* what,
                               const std::vector<float>& constants) {
      if (constants.empty()) return;
      const std::string constant = name + "/" + what;
      onnx_.add_reals(constant, {channels, 1, 1}, constants);
      onnx_.add_node(type, constant + "_applied", {value, constant}, constant + "_result");
      value = constant + "_result";
    };
    normalize("Sub", "mean", network_.normalization.mean);
    normalize("Div", "deviation", network_.normalization.deviation);
    const std::string image = quantize_and_dequantize(name, value, network_.input_scale);
    results_.push_back({image, network_.input_scale, false});
  }

  void add_weights(const GemmLayer& layer) {
    const int channels = layer.output.channels;
    std::vector<int> shape = {channels, layer.input.channels / layer.groups};
    if (!layer.fully_connected) {
      shape.push_back(layer.window.kernel_height);
      shape.push_back(layer.window.kernel_width);
    }
    const std::string weight = layer.name + "/weight";
    onnx_.add_int8(weight, shape, layer.weights);
    onnx_.add_reals(weight + "_scale", {channels}, layer.weight_scale);
    onnx_.add_int8(weight + "_zero_point", {channels},
                   std::vector<std::int8_t>(layer.weight_scale.size(), 0));
    OnnxBuilder::add_integer(
        onnx_.add_node("DequantizeLinear", weight + "/dequantize",
                       {weight, weight + "_scale", weight + "_zero_point"}, weight + "_real"),
        "axis", 0);
  }

  void add_bias(const GemmLayer& layer) {
    const int channels = layer.output.channels;
    std::vector<float> scales;
    for (const float scale : layer.weight_scale) scales.push_back(layer.input_scale * scale);
    const std::string bias = layer.name + "/bias";
    onnx_.add_int32(bias, {channels}, layer.bias);
    onnx_.add_reals(bias + "_scale", {channels}, scales);
    OnnxBuilder::add_integer(onnx_.add_node("DequantizeLinear", bias + "/dequantize",
                                            {bias, bias + "_scale"}, bias + "_real"),
                             "axis", 0);
  }

  // Attributes at ONNX's defaults are left out, but those that our files have always had.
  static void add_window(onnx::NodeProto& node, const Window& window, bool always_pads) {
    const std::vector<int> pads = {window.pad_top, window.pad_left, window.pad_bottom,
                                   window.pad_right};
    OnnxBuilder::add_integers(node, "kernel_shape", {window.kernel_height, window.kernel_width});
    if (always_pads || pads != std::vector<int>(4, 0)) {
      OnnxBuilder::add_integers(node, "pads", pads);
    }
    OnnxBuilder::add_integers(node, "strides", {window.stride_height, window.stride_width});
    if (window.dilation_height != 1 || window.dilation_width != 1) {
      OnnxBuilder::add_integers(node, "dilations", {window.dilation_height, window.dilation_width});
    }
  }

  // ReLU and the upper limit, then requantization: the end of every operation with its own scale.
  void finish(const std::string& name, std::string value, float scale, bool relu, int high,
              bool is_vector) {
    if (high < 127) {
      if (relu) onnx_.add_reals(name + "/low", {}, {0});
      onnx_.add_reals(name + "/high", {}, {static_cast<float>(high) * scale});
      onnx_.add_node("Clip", name + "/clip", {value, relu ? name + "/low" : "", name + "/high"},
                     name + "/clip");
      value = name + "/clip";
    } else if (relu) {
      onnx_.add_node("Relu", name + "/relu", {value}, name + "/relu");
      value = name + "/relu";
    }
    results_.push_back({quantize_and_dequantize(name, value, scale), scale, is_vector});
  }

  void add(const GemmLayer& layer) {
    add_weights(layer);
    add_bias(layer);
    const bool connected = layer.fully_connected;
    const bool logits = layer.output_scale == 0;
    const std::string input = connected ? vector(layer.name, 0) : map(layer.name, 0);
    const std::string output = logits && connected && last_ ? names::logits : layer.name + "/sum";
    onnx::NodeProto& node =
        onnx_.add_node(connected ? "Gemm" : "Conv", layer.name,
                       {input, layer.name + "/weight_real", layer.name + "/bias_real"}, output);
    if (connected) {
      OnnxBuilder::add_integer(node, "transB", 1);
    } else {
      add_window(node, layer.window, true);
      if (layer.groups != 1) OnnxBuilder::add_integer(node, "group", layer.groups);
    }
    if (logits) {
      results_.push_back({output, 0, connected});
    } else {
      finish(layer.name, output, layer.output_scale, layer.relu, layer.high, connected);
    }
  }

  void add(const MaxPool& pool) {
    onnx::NodeProto& node =
        onnx_.add_node("MaxPool", pool.name, {map(pool.name, 0)}, pool.name + "/output");
    add_window(node, pool.window, false);
    results_.push_back({pool.name + "/output", result(0).scale, false});
  }

  void add(const AveragePool& pool) {
    if (pool.window.dilation_height != 1 || pool.window.dilation_width != 1) {
      throw Error::run("TW-ONNX-004",
                       fmt::format("layer '{}' averages over a dilated window", pool.name))
          .expected(fmt::format("what AveragePool of ONNX's opset {} can say", names::opset));
    }
    onnx::NodeProto& node =
        onnx_.add_node("AveragePool", pool.name, {map(pool.name, 0)}, pool.name + "/mean");
    add_window(node, pool.window, false);
    if (pool.count_padding) OnnxBuilder::add_integer(node, "count_include_pad", 1);
    finish(pool.name, pool.name + "/mean", pool.output_scale, false, 127, false);
  }

  // Operands of one rank: as they are where all are vectors, else as feature maps.
  std::vector<std::string> operands(const std::string& layer, bool& vectors) {
    vectors = true;
    for (std::size_t i = 0; i < inputs_->size(); ++i) vectors = vectors && result(i).vector;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < inputs_->size(); ++i) {
      values.push_back(vectors ? result(i).name : map(layer, i));
    }
    return values;
  }

  void add(const Add& sum) {
    bool vectors = false;
    const std::vector<std::string> values = operands(sum.name, vectors);
    onnx_.add_node("Add", sum.name, values, sum.name + "/sum");
    finish(sum.name, sum.name + "/sum", sum.output_scale, sum.relu, sum.high, vectors);
  }

  void add(const Concat& concat) {
    bool vectors = false;
    const std::vector<std::string> values = operands(concat.name, vectors);
    OnnxBuilder::add_integer(onnx_.add_node("Concat", concat.name, values, concat.name + "/joined"),
                             "axis", 1);
    finish(concat.name, concat.name + "/joined", concat.output_scale, false, 127, vectors);
  }

  void add(const Slice& slice) {
    const std::string& name = slice.name;
    const int counts[3] = {slice.output.channels, slice.output.height, slice.output.width};
    std::vector<std::int64_t> starts, ends, steps;
    for (int axis = 0; axis < 3; ++axis) {
      starts.push_back(slice.begin[axis]);
      steps.push_back(slice.step[axis]);
      ends.push_back(starts.back() + steps.back() * (counts[axis] - 1) + 1);
    }
    onnx_.add_list(name + "/starts", starts);
    onnx_.add_list(name + "/ends", ends);
    onnx_.add_list(name + "/axes", {1, 2, 3});
    onnx_.add_list(name + "/steps", steps);
    onnx_.add_node(
        "Slice", name,
        {map(name, 0), name + "/starts", name + "/ends", name + "/axes", name + "/steps"},
        name + "/output");
    results_.push_back({name + "/output", result(0).scale, false});
  }

  void add(const Pad& pad) {
    const int in[3] = {pad.input.channels, pad.input.height, pad.input.width};
    const int out[3] = {pad.output.channels, pad.output.height, pad.output.width};
    std::vector<std::int64_t> pads(8, 0);  // before batch, C, H, W, then after
    for (std::size_t axis = 0; axis < 3; ++axis) {
      pads[axis + 1] = pad.before[axis];
      pads[axis + 5] = out[axis] - in[axis] - pad.before[axis];
    }
    onnx_.add_list(pad.name + "/pads", pads);
    onnx_.add_node("Pad", pad.name, {map(pad.name, 0), pad.name + "/pads"}, pad.name + "/output");
    results_.push_back({pad.name + "/output", result(0).scale, false});
  }

  void add(const Clamp& clamp) {
    const Result operand = result(0);
    onnx_.add_reals(clamp.name + "/low", {}, {static_cast<float>(clamp.low) * operand.scale});
    onnx_.add_reals(clamp.name + "/high", {}, {static_cast<float>(clamp.high) * operand.scale});
    onnx_.add_node("Clip", clamp.name, {operand.name, clamp.name + "/low", clamp.name + "/high"},
                   clamp.name + "/output");
    results_.push_back({clamp.name + "/output", operand.scale, operand.vector});
  }

  void add(const Flatten& flatten) {
    const Result operand = result(0);
    OnnxBuilder::add_integer(
        onnx_.add_node("Flatten", flatten.name, {operand.name}, flatten.name + "/output"), "axis",
        1);
    results_.push_back({flatten.name + "/output", operand.scale, true});
  }

  void add_logits() {
    const Result last = results_.back();
    if (last.name == names::logits) return;
    if (last.vector) {
      onnx_.add_node("Identity", "logits/name", {last.name}, names::logits);
      return;
    }
    onnx_.add_list("logits_axes", {2, 3});
    onnx_.add_node("Squeeze", "logits/shape", {last.name, "logits_axes"}, names::logits);
  }

  void add_metadata() {
    for (const auto& [key, value] : network_.metadata) {
      if (key == names::format_key || key == names::content_hash_key ||
          key.rfind(names::permitted_values_prefix, 0) == 0) {
        throw Error::run("TW-ONNX-004",
                         fmt::format("metadata key '{}' is written by the ONNX writer itself", key))
            .expected("another key");
      }
      onnx_.add_metadata(key, value);
    }
    for (const GemmLayer* layer : network_.gemm_layers()) {
      if (layer->permitted_values.empty()) continue;
      onnx_.add_metadata(names::permitted_values_prefix + layer->name,
                         list_text(layer->permitted_values));
    }
    onnx_.add_metadata(names::format_key, names::format_version);
  }

  // The hash covers the file without the hash; it stands before the format key, so that a file cut
  // off anywhere lacks at least the last entry.
  std::string serialized() {
    const std::string hash = hash_bytes(onnx_.model().SerializeAsString());
    onnx_.model().mutable_metadata_props()->RemoveLast();
    onnx_.add_metadata(names::content_hash_key, hash);
    onnx_.add_metadata(names::format_key, names::format_version);
    return onnx_.model().SerializeAsString();
  }

  const QuantizedNetwork& network_;
  OnnxBuilder onnx_;
  std::vector<Result> results_;  // the image, then every node
  const std::vector<int>* inputs_ = nullptr;
  bool last_ = false;
};

}  // namespace

std::string to_onnx(const QuantizedNetwork& network) { return OnnxWriter(network).bytes(); }

}  // namespace togglewise::network
