#include "compress/model/architecture.h"

#include "sim/base/error.h"
#include "sim/base/nearest.h"

namespace togglewise::compress {

namespace {

using network::FeatureMapShape;
using network::GemmLayer;
using network::MaxPool;
using network::QuantizedNetwork;

// Appends nodes that follow one another; the shape of the last one is `shape`.
struct Builder {
  QuantizedNetwork network;
  FeatureMapShape shape;

  void convolution(const std::string& name, int channels, int kernel, int padding) {
    GemmLayer layer;
    layer.name = name;
    layer.input = shape;
    layer.window = network::square_window(kernel, 1, padding);
    layer.relu = true;
    shape = {channels, layer.window.output_height(shape.height),
             layer.window.output_width(shape.width)};
    layer.output = shape;
    network.append(layer);
  }

  void max_pool(const std::string& name) {
    MaxPool pool;
    pool.name = name;
    pool.input = shape;
    pool.window = network::square_window(2, 2, 0);
    shape = {shape.channels, pool.window.output_height(shape.height),
             pool.window.output_width(shape.width)};
    pool.output = shape;
    network.append(pool);
  }

  void flatten(const std::string& name) {
    network.append(network::Flatten{name, shape});
    shape = {static_cast<int>(shape.size()), 1, 1};
  }

  void fully_connected(const std::string& name, int channels, bool relu) {
    GemmLayer layer;
    layer.name = name;
    layer.fully_connected = true;
    layer.input = shape;
    layer.relu = relu;
    shape = {channels, 1, 1};
    layer.output = shape;
    network.append(layer);
  }
};

// LeCun et al., "Gradient-based learning applied to document recognition", 1998, in today's form:
// ReLU instead of tanh, maximum instead of trainable averages, all channels connected.
QuantizedNetwork lenet5(FeatureMapShape input, int classes) {
  if (input.height != 28 || input.width != 28) {
    throw Error::input("TW-TRAIN-002", "lenet5 cannot be built for images of " +
                                           std::to_string(input.height) + "x" +
                                           std::to_string(input.width) + " pixels")
        .expected("28x28 pixels");
  }
  Builder builder;
  builder.shape = input;
  builder.network.name = "lenet5";
  builder.network.input = input;
  builder.network.input_scale = network::pixel_scale;
  builder.network.classes = classes;
  builder.convolution("conv1", 6, 5, 2);
  builder.max_pool("pool1");
  builder.convolution("conv2", 16, 5, 0);
  builder.max_pool("pool2");
  builder.flatten("flatten");
  builder.fully_connected("fc1", 120, true);
  builder.fully_connected("fc2", 84, true);
  builder.fully_connected("fc3", classes, false);
  return builder.network;
}

}  // namespace

std::vector<std::string> architecture_names() { return {"lenet5"}; }

network::QuantizedNetwork make_architecture(const std::string& name, network::FeatureMapShape input,
                                            int classes) {
  if (name == "lenet5") return lenet5(input, classes);
  Error error = Error::input("TW-TRAIN-001", "unknown architecture '" + name + "'")
                    .expected(list_names(architecture_names()));
  const std::string near = nearest_name(name, architecture_names());
  if (!near.empty()) throw std::move(error).hint("did you mean '" + near + "'?");
  throw error;
}

}  // namespace togglewise::compress
