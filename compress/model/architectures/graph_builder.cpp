#include "compress/model/architectures/graph_builder.h"

namespace togglewise::compress {

using network::FeatureMapShape;

namespace {

FeatureMapShape slide(const network::Window& window, const FeatureMapShape& input, int channels) {
  return {channels, window.output_height(input.height), window.output_width(input.width)};
}

}  // namespace

GraphBuilder::GraphBuilder(const std::string& name, FeatureMapShape input, int classes) {
  network_.name = name;
  network_.input = input;
  network_.input_scale = network::pixel_scale;
  network_.classes = classes;
}

FeatureMap GraphBuilder::append(network::Operation operation, std::vector<int> inputs) {
  const FeatureMapShape shape = network::output_shape(operation);
  network_.nodes.push_back({std::move(operation), std::move(inputs)});
  return {static_cast<int>(network_.nodes.size()) - 1, shape};
}

FeatureMap GraphBuilder::convolution(const std::string& name, const FeatureMap& from,
                                     const Convolution& convolution) {
  network::GemmLayer layer;
  layer.name = name;
  layer.input = from.shape;
  layer.window =
      network::square_window(convolution.kernel, convolution.stride, convolution.padding);
  layer.output = slide(layer.window, from.shape, convolution.channels);
  layer.groups = convolution.groups;
  layer.relu = convolution.activation == Activation::relu;
  return append(std::move(layer), {from.node});
}

FeatureMap GraphBuilder::max_pool(const std::string& name, const FeatureMap& from, int kernel) {
  network::MaxPool pool;
  pool.name = name;
  pool.input = from.shape;
  pool.window = network::square_window(kernel, kernel, 0);
  pool.output = slide(pool.window, from.shape, from.shape.channels);
  return append(std::move(pool), {from.node});
}

FeatureMap GraphBuilder::add(const std::string& name, const FeatureMap& a, const FeatureMap& b,
                             Activation activation) {
  network::Add sum;
  sum.name = name;
  sum.output = a.shape;
  sum.relu = activation == Activation::relu;
  return append(std::move(sum), {a.node, b.node});
}

FeatureMap GraphBuilder::subsample(const std::string& name, const FeatureMap& from, int step) {
  const auto remaining = [&](int size) { return (size + step - 1) / step; };
  network::Slice slice;
  slice.name = name;
  slice.input = from.shape;
  slice.output = {from.shape.channels, remaining(from.shape.height), remaining(from.shape.width)};
  slice.step[1] = step;
  slice.step[2] = step;
  return append(std::move(slice), {from.node});
}

FeatureMap GraphBuilder::pad_channels(const std::string& name, const FeatureMap& from,
                                      int channels) {
  network::Pad pad;
  pad.name = name;
  pad.input = from.shape;
  pad.output = {channels, from.shape.height, from.shape.width};
  pad.before[0] = (channels - from.shape.channels) / 2;
  return append(std::move(pad), {from.node});
}

FeatureMap GraphBuilder::global_average(const std::string& name, const FeatureMap& from) {
  network::AveragePool pool;
  pool.name = name;
  pool.input = from.shape;
  pool.window.kernel_height = from.shape.height;
  pool.window.kernel_width = from.shape.width;
  pool.output = {from.shape.channels, 1, 1};
  return append(std::move(pool), {from.node});
}

FeatureMap GraphBuilder::flatten(const std::string& name, const FeatureMap& from) {
  return append(network::Flatten{name, from.shape}, {from.node});
}

FeatureMap GraphBuilder::fully_connected(const std::string& name, const FeatureMap& from,
                                         int channels, Activation activation) {
  network::GemmLayer layer;
  layer.name = name;
  layer.fully_connected = true;
  layer.input = from.shape;
  layer.output = {channels, 1, 1};
  layer.relu = activation == Activation::relu;
  return append(std::move(layer), {from.node});
}

FeatureMap GraphBuilder::classifier(const std::string& name, const FeatureMap& from) {
  const FeatureMap means = flatten("flatten", global_average("average", from));
  return fully_connected(name, means, network_.classes, Activation::none);
}

}  // namespace togglewise::compress
