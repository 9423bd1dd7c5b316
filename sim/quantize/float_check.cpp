#include "sim/quantize/float_check.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::quantize {
namespace {

using network::FeatureMapShape;

std::string text(const FeatureMapShape& shape) {
  return fmt::format("{}×{}×{}", shape.channels, shape.height, shape.width);
}

// Shapes of the inputs that an operation takes.
struct WantedInputs {
  using Shapes = std::vector<FeatureMapShape>;
  Shapes operator()(const network::Add& add) const { return {add.output, add.output}; }
  Shapes operator()(const network::Concat& concat) const { return concat.inputs; }
  Shapes operator()(const network::Clamp& clamp) const { return {clamp.output}; }
  template <typename Other>
  Shapes operator()(const Other& operation) const {
    return {operation.input};
  }
};

class FloatCheck {
 public:
  FloatCheck(const graph::FloatNetwork& network, const std::string& source)
      : network_(network), geometry_(network.geometry), source_(source) {}

  void run() {
    if (network_.parameters.size() != geometry_.nodes.size() || geometry_.nodes.empty()) {
      throw misfit("the network", fmt::format("has {} nodes and parameters for {}",
                                              geometry_.nodes.size(), network_.parameters.size()));
    }
    check_normalization();
    for (std::size_t node = 0; node < geometry_.nodes.size(); ++node) {
      name_ = fmt::format("'{}'", network::name_of(geometry_.nodes[node].operation));
      check_inputs(static_cast<int>(node));
      if (const auto* layer = std::get_if<network::GemmLayer>(&geometry_.nodes[node].operation)) {
        check_layer(*layer, network_.parameters[node]);
      }
      check_clamp(network_.parameters[node]);
    }
    const FeatureMapShape last = network::output_shape(geometry_.nodes.back().operation);
    if (last.size() != static_cast<std::size_t>(geometry_.classes)) {
      throw misfit(name_,
                   fmt::format("gives {} logits for {} classes", last.size(), geometry_.classes));
    }
  }

 private:
  Error misfit(const std::string& name, const std::string& what) const {
    return Error::input("TW-PTQ-001", name + " " + what)
        .at(source_)
        .expected("sizes, weights and clamps that fit together");
  }

  void check_normalization() const {
    const auto fits = [&](const std::vector<float>& values) {
      return values.empty() || values.size() == static_cast<std::size_t>(geometry_.input.channels);
    };
    if (!fits(geometry_.normalization.mean) || !fits(geometry_.normalization.deviation)) {
      throw misfit("the normalization",
                   fmt::format("is not for {} channels", geometry_.input.channels));
    }
  }

  void check_inputs(int node) const {
    const network::Node& checked = geometry_.nodes[static_cast<std::size_t>(node)];
    std::vector<FeatureMapShape> shapes;
    for (const int input : checked.inputs) {
      if (input < network::network_input || input >= node) {
        throw misfit(name_, fmt::format("reads node {}, which does not come before it", input));
      }
      shapes.push_back(input < 0 ? geometry_.input
                                 : network::output_shape(
                                       geometry_.nodes[static_cast<std::size_t>(input)].operation));
    }
    const std::vector<FeatureMapShape> wanted = std::visit(WantedInputs(), checked.operation);
    if (shapes.size() != wanted.size()) {
      throw misfit(name_, fmt::format("has {} inputs, not {}", shapes.size(), wanted.size()));
    }
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (shapes[i] == wanted[i]) continue;
      throw misfit(name_,
                   fmt::format("takes {}, but is given {}", text(wanted[i]), text(shapes[i])));
    }
  }

  void check_layer(const network::GemmLayer& layer,
                   const graph::FloatParameters& parameters) const {
    if (layer.groups < 1 || layer.input.channels % layer.groups != 0 ||
        layer.output.channels % layer.groups != 0) {
      throw misfit(name_, fmt::format("has {} groups for {} → {} channels", layer.groups,
                                      layer.input.channels, layer.output.channels));
    }
    if (layer.window.output_height(layer.input.height) != layer.output.height ||
        layer.window.output_width(layer.input.width) != layer.output.width) {
      throw misfit(name_, fmt::format("gives {}×{} pixels by its window, but {}×{} are stated",
                                      layer.window.output_height(layer.input.height),
                                      layer.window.output_width(layer.input.width),
                                      layer.output.height, layer.output.width));
    }
    const auto channels = static_cast<std::size_t>(layer.output.channels);
    const std::size_t weights = channels * static_cast<std::size_t>(layer.gemm().reduction);
    if (parameters.weights.size() != weights || parameters.bias.size() != channels) {
      throw misfit(
          name_, fmt::format("has {} weights and {} biases, not {} and {}",
                             parameters.weights.size(), parameters.bias.size(), weights, channels));
    }
    check_finite("weight", parameters.weights);
    check_finite("bias", parameters.bias);
  }

  void check_finite(const char* what, const std::vector<float>& values) const {
    const auto bad = std::find_if(values.begin(), values.end(),
                                  [](float value) { return !std::isfinite(value); });
    if (bad == values.end()) return;
    throw Error::input("TW-PTQ-002",
                       fmt::format("{} {} of {} is {}", what, bad - values.begin(), name_, *bad))
        .at(source_)
        .expected("finite numbers")
        .hint("the network was not trained to the end, or its batch norm has variance 0");
  }

  void check_clamp(const graph::FloatParameters& parameters) const {
    if (parameters.low < parameters.high) return;  // false for numbers that are none
    throw Error::input("TW-PTQ-002", fmt::format("{} is clamped to {}..{}", name_, parameters.low,
                                                 parameters.high))
        .at(source_)
        .expected("a lower end below the upper one");
  }

  const graph::FloatNetwork& network_;
  const network::QuantizedNetwork& geometry_;
  const std::string& source_;
  std::string name_;
};

}  // namespace

void check_float_network(const graph::FloatNetwork& network, const std::string& source) {
  FloatCheck(network, source).run();
}

void check_dataset(const graph::FloatNetwork& network, const network::Dataset& dataset,
                   const std::string& source) {
  const FeatureMapShape& input = network.geometry.input;
  if (!(dataset.shape == input)) {
    throw Error::input("TW-PTQ-003", fmt::format("the images are {}, but the network's input is {}",
                                                 text(dataset.shape), text(input)))
        .at(source)
        .expected("images of the network's shape (channels×rows×columns)");
  }
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    if (int{dataset.labels[i]} < network.geometry.classes) continue;
    throw Error::input("TW-PTQ-003", fmt::format("image {} has label {}, but the network has {} "
                                                 "classes",
                                                 i, dataset.labels[i], network.geometry.classes))
        .at(source)
        .expected(fmt::format("labels from 0 to {}", network.geometry.classes - 1));
  }
}

}  // namespace togglewise::quantize
