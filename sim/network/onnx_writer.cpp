// QuantizedNetwork → ONNX (QDQ). Values are named after the layer they belong to:
// "conv1/weight", "conv1/output"; '/' does not occur in layer names, so nothing collides.
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/network/onnx_file.h"
#include "sim/network/onnx_names.h"
#include "sim/network/value_list.h"

namespace togglewise::network {
namespace {

namespace names = onnx_names;

constexpr const char* activation_zero_point = "activation_zero_point";

class OnnxWriter {
 public:
  explicit OnnxWriter(const QuantizedNetwork& network) : network_(network) {}

  std::string bytes() {
    model_.set_ir_version(names::ir_version);
    model_.set_producer_name("togglewise");
    onnx::OperatorSetIdProto& opset = *model_.add_opset_import();
    opset.set_domain("");
    opset.set_version(names::opset);
    graph_ = model_.mutable_graph();
    graph_->set_name(network_.name);
    const FeatureMapShape& in = network_.input;
    add_value(*graph_->add_input(), names::image, {in.channels, in.height, in.width});
    add_value(*graph_->add_output(), names::logits, {network_.classes});

    scalar_zero_point();
    current_ = names::image;
    quantize_and_dequantize("input", network_.input_scale);
    for (const Node& node : network_.nodes) {
      std::visit([this](const auto& typed) { add(typed); }, node.operation);
    }
    add_metadata();
    return serialized();
  }

 private:
  static void add_value(onnx::ValueInfoProto& value, const std::string& name,
                        const std::vector<int>& dimensions) {
    value.set_name(name);
    onnx::TypeProto_Tensor& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto_DataType_FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    for (const int size : dimensions) type.mutable_shape()->add_dim()->set_dim_value(size);
  }

  onnx::NodeProto& add_node(const std::string& type, const std::string& name,
                            const std::vector<std::string>& inputs, const std::string& output) {
    onnx::NodeProto& node = *graph_->add_node();
    node.set_op_type(type);
    node.set_name(name);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

  static void add_integer(onnx::NodeProto& node, const std::string& name, int value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto_AttributeType_INT);
    attribute.set_i(value);
  }

  static void add_integers(onnx::NodeProto& node, const std::string& name,
                           const std::vector<int>& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto_AttributeType_INTS);
    for (const int value : values) attribute.add_ints(value);
  }

  // raw_data is little-endian by definition, as are the machines this runs on (x86-64).
  template <typename T>
  void add_tensor(const std::string& name, onnx::TensorProto_DataType type,
                  const std::vector<int>& dimensions, const std::vector<T>& values) {
    onnx::TensorProto& tensor = *graph_->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const int size : dimensions) tensor.add_dims(size);
    std::string raw(values.size() * sizeof(T), '\0');
    if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
    tensor.set_raw_data(std::move(raw));
  }

  void scalar_zero_point() {
    add_tensor(activation_zero_point, onnx::TensorProto_DataType_INT8, {},
               std::vector<std::int8_t>{0});
  }

  void quantize_and_dequantize(const std::string& name, float scale) {
    const std::string scale_name = name + "/scale";
    add_tensor(scale_name, onnx::TensorProto_DataType_FLOAT, {}, std::vector<float>{scale});
    add_node("QuantizeLinear", name + "/quantize", {current_, scale_name, activation_zero_point},
             name + "/quantized");
    add_node("DequantizeLinear", name + "/dequantize",
             {name + "/quantized", scale_name, activation_zero_point}, name + "/dequantized");
    current_ = name + "/dequantized";
  }

  void add_weights(const GemmLayer& layer) {
    const int channels = layer.output.channels;
    std::vector<int> shape = {channels, layer.input.channels};
    if (!layer.fully_connected) {
      shape.push_back(layer.window.kernel_height);
      shape.push_back(layer.window.kernel_width);
    }
    const std::string weight = layer.name + "/weight";
    add_tensor(weight, onnx::TensorProto_DataType_INT8, shape, layer.weights);
    add_tensor(weight + "_scale", onnx::TensorProto_DataType_FLOAT, {channels}, layer.weight_scale);
    add_tensor(weight + "_zero_point", onnx::TensorProto_DataType_INT8, {channels},
               std::vector<std::int8_t>(layer.weight_scale.size(), 0));
    onnx::NodeProto& node =
        add_node("DequantizeLinear", weight + "/dequantize",
                 {weight, weight + "_scale", weight + "_zero_point"}, weight + "_real");
    add_integer(node, "axis", 0);
  }

  void add_bias(const GemmLayer& layer) {
    const int channels = layer.output.channels;
    std::vector<float> scales;
    for (const float scale : layer.weight_scale) scales.push_back(layer.input_scale * scale);
    const std::string bias = layer.name + "/bias";
    add_tensor(bias, onnx::TensorProto_DataType_INT32, {channels}, layer.bias);
    add_tensor(bias + "_scale", onnx::TensorProto_DataType_FLOAT, {channels}, scales);
    onnx::NodeProto& node =
        add_node("DequantizeLinear", bias + "/dequantize", {bias, bias + "_scale"}, bias + "_real");
    add_integer(node, "axis", 0);
  }

  void add(const GemmLayer& layer) {
    add_weights(layer);
    add_bias(layer);
    const bool last = layer.output_scale == 0;
    const std::string output = last ? names::logits : layer.name + "/sum";
    onnx::NodeProto& node =
        add_node(layer.fully_connected ? "Gemm" : "Conv", layer.name,
                 {current_, layer.name + "/weight_real", layer.name + "/bias_real"}, output);
    if (layer.fully_connected) {
      add_integer(node, "transB", 1);
    } else {
      const Window& window = layer.window;
      add_integers(node, "kernel_shape", {window.kernel_height, window.kernel_width});
      add_integers(node, "pads",
                   {window.pad_top, window.pad_left, window.pad_bottom, window.pad_right});
      add_integers(node, "strides", {window.stride_height, window.stride_width});
    }
    current_ = output;
    if (last) return;
    if (layer.relu) {
      add_node("Relu", layer.name + "/relu", {current_}, layer.name + "/relu");
      current_ = layer.name + "/relu";
    }
    quantize_and_dequantize(layer.name, layer.output_scale);
  }

  void add(const MaxPool& pool) {
    onnx::NodeProto& node = add_node("MaxPool", pool.name, {current_}, pool.name + "/output");
    add_integers(node, "kernel_shape", {pool.window.kernel_height, pool.window.kernel_width});
    add_integers(node, "strides", {pool.window.stride_height, pool.window.stride_width});
    current_ = pool.name + "/output";
  }

  template <typename Other>
  void add(const Other& operation) {
    throw Error::run("TW-ONNX-004", fmt::format("layer '{}' cannot be written yet", operation.name));
  }

  void add(const Flatten& flatten) {
    onnx::NodeProto& node = add_node("Flatten", flatten.name, {current_}, flatten.name + "/output");
    add_integer(node, "axis", 1);
    current_ = flatten.name + "/output";
  }

  void add_entry(const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }

  void add_metadata() {
    for (const auto& [key, value] : network_.metadata) {
      if (key == names::format_key || key == names::content_hash_key ||
          key.rfind(names::permitted_values_prefix, 0) == 0) {
        throw Error::run("TW-ONNX-004",
                         fmt::format("metadata key '{}' is written by the ONNX writer itself", key))
            .expected("another key");
      }
      add_entry(key, value);
    }
    for (const GemmLayer* layer : network_.gemm_layers()) {
      if (layer->permitted_values.empty()) continue;
      add_entry(names::permitted_values_prefix + layer->name, list_text(layer->permitted_values));
    }
    add_entry(names::format_key, names::format_version);
  }

  // The hash covers the file without the hash; it stands before the format key, so that a file cut
  // off anywhere lacks at least the last entry.
  std::string serialized() {
    const std::string hash = hash_bytes(model_.SerializeAsString());
    model_.mutable_metadata_props()->RemoveLast();
    add_entry(names::content_hash_key, hash);
    add_entry(names::format_key, names::format_version);
    return model_.SerializeAsString();
  }

  const QuantizedNetwork& network_;
  onnx::ModelProto model_;
  onnx::GraphProto* graph_ = nullptr;
  std::string current_;  // the value that the next node takes
};

}  // namespace

std::string to_onnx(const QuantizedNetwork& network) { return OnnxWriter(network).bytes(); }

}  // namespace togglewise::network
