// ONNX (QDQ) → QuantizedNetwork: walks the chain of nodes that onnx_writer.cpp describes.
#include "sim/network/onnx_reader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/network/onnx_names.h"
#include "sim/network/onnx_node.h"
#include "sim/network/onnx_tensors.h"
#include "sim/network/value_list.h"

namespace togglewise::network {
namespace {

namespace names = onnx_names;

constexpr std::int64_t largest_dimension = 1 << 20;
constexpr std::size_t largest_image = 1
                                      << 28;  // values; keeps a damaged file from taking all memory

class OnnxReader {
 public:
  OnnxReader(const onnx::ModelProto& model, const std::string& source)
      : model_(model), graph_(model.graph()), source_(source), tensors_(graph_, source) {}

  QuantizedNetwork read() {
    network_.name = graph_.name();
    read_input();
    for (const onnx::NodeProto& node : graph_.node()) {
      if (node.output_size() != 1 || node.input_size() < 1) {
        throw OnnxNode(node, source_).unsupported("it has no input or not one output");
      }
      read_node(OnnxNode(node, source_));
    }
    if (graph_.output_size() != 1 || graph_.output(0).name() != current_) {
      throw unsupported_graph(
          source_, fmt::format("the last node's value is '{}', which is not the output", current_));
    }
    const std::vector<GemmLayer*> layers = network_.gemm_layers();
    if (!layers.empty()) network_.classes = layers.back()->output.channels;
    read_metadata();
    check_network(network_, 8, source_);
    return std::move(network_);
  }

 private:
  struct Dequantized {  // a constant behind DequantizeLinear
    std::string tensor, scale;
  };

  Error bad_tensor(const std::string& message, const std::string& expected) const {
    return Error::input("TW-ONNX-003", message).at(source_).expected(expected);
  }

  void read_input() {
    std::vector<const onnx::ValueInfoProto*> inputs;  // files before IR 4 list initializers too
    for (const onnx::ValueInfoProto& value : graph_.input()) {
      if (!tensors_.contains(value.name())) inputs.push_back(&value);
    }
    if (inputs.size() != 1) {
      throw unsupported_graph(source_, fmt::format("the graph has {} inputs", inputs.size()));
    }
    current_ = inputs[0]->name();
    const onnx::TensorShapeProto& shape = inputs[0]->type().tensor_type().shape();
    std::vector<int> sizes;
    for (int i = 1; i < shape.dim_size(); ++i) {
      const std::int64_t size = shape.dim(i).dim_value();
      if (size < 1 || size > largest_dimension) break;
      sizes.push_back(static_cast<int>(size));
    }
    if (shape.dim_size() != 4 || sizes.size() != 3) {
      throw bad_tensor(fmt::format("the input '{}' has no fixed image size", current_),
                       "dimensions batch × channels × rows × columns");
    }
    network_.input = shape_ = {sizes[0], sizes[1], sizes[2]};
    if (shape_.size() > largest_image) {
      throw bad_tensor(fmt::format("an input image has {} values", shape_.size()),
                       fmt::format("at most {}", largest_image));
    }
  }

  void read_node(const OnnxNode& node) {
    const std::string& type = node.type();
    if (type == "DequantizeLinear" && tensors_.contains(node.input(0))) {
      constants_[node.output()] = read_constant(node);
      return;
    }
    if (node.input(0) != current_) {
      throw node.unsupported(fmt::format("it takes '{}' and not '{}'", node.input(0), current_));
    }
    if (type == "QuantizeLinear") {
      quantize(node);
    } else if (type == "DequantizeLinear") {
      dequantize(node);
    } else if (type == "Conv" || type == "Gemm") {
      add_gemm(node);
    } else if (type == "Relu") {
      relu(node);
    } else if (type == "MaxPool") {
      max_pool(node);
    } else if (type == "Flatten") {
      flatten(node);
    } else {
      throw node.unsupported("no such layer is known");
    }
    current_ = node.output();
  }

  Dequantized read_constant(const OnnxNode& node) const {
    node.only_attributes({"axis"});
    node.require("axis", {0}, {1});
    const std::string zero_point = node.input(2);
    if (node.input(1).empty()) throw node.unsupported("it has no scale");
    tensors_.require_zero_point(zero_point);
    return {node.input(0), node.input(1)};
  }

  void quantize(const OnnxNode& node) {
    node.only_attributes({"axis"});
    const std::string zero_point = node.input(2);
    if (zero_point.empty()) throw node.unsupported("without zero point it makes uint8");
    tensors_.require_zero_point(zero_point);
    const float scale = tensors_.scalar(node.input(1));
    if (quantized_) throw node.unsupported("its input is quantized already");
    if (pending_ != nullptr) {
      pending_->output_scale = scale;
    } else if (network_.nodes.empty() && scale_ == 0) {
      network_.input_scale = scale;
    } else if (scale != scale_) {
      throw node.unsupported("it changes the scale without a layer in between");
    }
    pending_ = nullptr;
    scale_ = scale;
    quantized_ = true;
  }

  void dequantize(const OnnxNode& node) {
    node.only_attributes({"axis"});
    tensors_.require_zero_point(node.input(2));
    if (!quantized_ || tensors_.scalar(node.input(1)) != scale_) {
      throw node.unsupported("its scale is not that of the QuantizeLinear before it");
    }
    quantized_ = false;
  }

  void require_activations(const OnnxNode& node) const {
    if (quantized_ || pending_ != nullptr || scale_ == 0) {
      throw node.unsupported("its input does not come through QuantizeLinear/DequantizeLinear");
    }
  }

  const Dequantized& constant(const OnnxNode& node, int index) const {
    const auto found = constants_.find(node.input(index));
    if (found == constants_.end()) {
      throw node.unsupported(fmt::format("input {} is no constant behind DequantizeLinear", index));
    }
    return found->second;
  }

  void add_gemm(const OnnxNode& node) {
    require_activations(node);
    const Dequantized& weights = constant(node, 1);
    const OnnxTensor<std::int8_t> tensor = tensors_.int8(weights.tensor);
    GemmLayer layer;
    layer.name = node.name();
    layer.fully_connected = node.type() == "Gemm";
    layer.input = shape_;
    layer.input_scale = scale_;
    const std::size_t dimensions = layer.fully_connected ? 2 : 4;
    const bool sane = tensor.shape.size() == dimensions && !tensor.values.empty() &&
                      tensor.shape[1] == shape_.channels &&
                      (!layer.fully_connected || (shape_.height == 1 && shape_.width == 1));
    if (!sane) {
      throw bad_tensor(
          fmt::format("the weights '{}' of node '{}' have the shape {}", weights.tensor,
                      node.name(), list_text(tensor.shape)),
          fmt::format("{} dimensions, {} input channels", dimensions, shape_.channels));
    }
    layer.weights = tensor.values;
    layer.output = {tensor.shape[0], 1, 1};
    layer.weight_scale = tensors_.real(weights.scale).values;
    read_bias(node, layer);
    if (layer.fully_connected) {
      node.only_attributes({"transA", "transB", "alpha", "beta"});
      node.require("transA", {0}, {0});
      node.require("transB", {1}, {0});
      node.require_unit_factor("alpha");
      node.require_unit_factor("beta");
    } else {
      layer.window.kernel_height = tensor.shape[2];
      layer.window.kernel_width = tensor.shape[3];
      read_convolution_attributes(node, layer);
    }
    shape_ = layer.output;
    network_.append(std::move(layer));
    pending_ = &std::get<GemmLayer>(network_.nodes.back().operation);
  }

  void read_convolution_attributes(const OnnxNode& node, GemmLayer& layer) const {
    node.only_attributes({"kernel_shape", "pads", "strides", "dilations", "group"});
    const std::vector<int> kernel = {layer.window.kernel_height, layer.window.kernel_width};
    node.require("kernel_shape", kernel, kernel);
    node.require("dilations", {1, 1}, {1, 1});
    node.require("group", {1}, {1});
    const int stride = node.uniform("strides", 2, 1);
    const int padding = node.uniform("pads", 4, 0);
    if (stride < 1 || padding < 0) throw node.unsupported("its stride or padding");
    layer.window = {kernel[0], kernel[1], stride,  stride, padding,
                    padding,   padding,   padding, 1,      1};
    layer.output.height = layer.window.output_height(layer.input.height);
    layer.output.width = layer.window.output_width(layer.input.width);
  }

  void read_bias(const OnnxNode& node, GemmLayer& layer) const {
    const auto channels = static_cast<std::size_t>(layer.output.channels);
    if (node.input(2).empty()) {
      layer.bias.assign(channels, 0);
    } else {
      const Dequantized& bias = constant(node, 2);
      layer.bias = tensors_.int32(bias.tensor).values;
      const std::vector<float> scales = tensors_.real(bias.scale).values;
      for (std::size_t i = 0; i < std::min(scales.size(), layer.weight_scale.size()); ++i) {
        const float wanted = layer.input_scale * layer.weight_scale[i];
        if (!(std::abs(scales[i] - wanted) <= 1e-5F * wanted)) {
          throw bad_tensor(fmt::format("the bias scale '{}' is {} for output channel {}",
                                       bias.scale, scales[i], i),
                           fmt::format("{}, input scale times weight scale", wanted));
        }
      }
      if (scales.size() != channels) {
        throw bad_tensor(fmt::format("'{}' has {} values", bias.scale, scales.size()),
                         fmt::format("{}, one for each output channel", channels));
      }
    }
    if (layer.bias.size() != channels || layer.weight_scale.size() != channels) {
      throw bad_tensor(fmt::format("node '{}' has {} biases and {} weight scales", node.name(),
                                   layer.bias.size(), layer.weight_scale.size()),
                       fmt::format("{}, one for each output channel", channels));
    }
  }

  void relu(const OnnxNode& node) {
    node.only_attributes({});
    if (pending_ == nullptr || pending_->relu) {
      throw node.unsupported("it does not follow Conv or Gemm");
    }
    pending_->relu = true;
  }

  void max_pool(const OnnxNode& node) {
    require_activations(node);
    node.only_attributes(
        {"kernel_shape", "strides", "pads", "ceil_mode", "dilations", "storage_order"});
    node.require("pads", {0, 0, 0, 0}, {0, 0, 0, 0});
    node.require("dilations", {1, 1}, {1, 1});
    node.require("ceil_mode", {0}, {0});
    MaxPool pool;
    pool.name = node.name();
    const int kernel = node.uniform("kernel_shape", 2, 0);
    const int stride = node.uniform("strides", 2, 1);
    pool.window = square_window(kernel, stride, 0);
    pool.input = pool.output = shape_;
    if (kernel < 1 || stride < 1 || kernel > shape_.height || kernel > shape_.width) {
      throw node.unsupported("its kernel does not fit its input");
    }
    pool.output.height = pool.window.output_height(shape_.height);
    pool.output.width = pool.window.output_width(shape_.width);
    shape_ = pool.output;
    network_.append(std::move(pool));
  }

  void flatten(const OnnxNode& node) {
    require_activations(node);
    node.only_attributes({"axis"});
    node.require("axis", {1}, {1});
    network_.append(Flatten{node.name(), shape_});
    shape_ = {static_cast<int>(shape_.size()), 1, 1};
  }

  void read_metadata() {
    const std::string prefix = names::permitted_values_prefix;
    for (const onnx::StringStringEntryProto& entry : model_.metadata_props()) {
      const std::string& key = entry.key();
      if (key == names::format_key || key == names::content_hash_key) continue;
      if (key.rfind(prefix, 0) != 0) {
        network_.metadata[key] = entry.value();
        continue;
      }
      const std::string name = key.substr(prefix.size());
      const std::vector<GemmLayer*> layers = network_.gemm_layers();
      const auto layer = std::find_if(layers.begin(), layers.end(),
                                      [&](const GemmLayer* l) { return l->name == name; });
      if (layer == layers.end()) {
        throw bad_tensor(fmt::format("metadata '{}' belongs to no layer", key),
                         "the name of a Conv or Gemm node");
      }
      if (!parse_list(entry.value(), (*layer)->permitted_values) || entry.value().empty()) {
        throw bad_tensor(fmt::format("metadata '{}' is '{}'", key, entry.value()),
                         "weight values separated by commas");
      }
    }
  }

  const onnx::ModelProto& model_;
  const onnx::GraphProto& graph_;
  const std::string& source_;
  OnnxTensors tensors_;
  QuantizedNetwork network_;
  std::map<std::string, Dequantized> constants_;
  std::string current_;           // the value that the next node must take
  FeatureMapShape shape_;         // of that value
  float scale_ = 0;               // of that value
  bool quantized_ = false;        // it is int8, between QuantizeLinear and DequantizeLinear
  GemmLayer* pending_ = nullptr;  // the layer whose output scale is still to come
};

}  // namespace

QuantizedNetwork read_onnx_graph(const onnx::ModelProto& model, const std::string& source) {
  return OnnxReader(model, source).read();
}

}  // namespace togglewise::network
