#include "compress/model/trainable.h"

#include <cmath>
#include <cstddef>

#include "sim/base/error.h"

namespace togglewise::compress {

namespace {

using network::GemmLayer;
using network::MaxPool;
using network::Operation;

// Why `operation` cannot be trained; "" when it can.
struct Obstacle {
  bool last;

  std::string operator()(const GemmLayer& layer) const {
    if (layer.high != 127) return "clamps to an upper limit of " + std::to_string(layer.high);
    if ((layer.output_scale == 0) != last) return "requantizes the logits";
    return "";
  }
  std::string operator()(const MaxPool& pool) const {
    const network::Window& window = pool.window;
    const bool plain =
        window == network::square_window(window.kernel_height, window.stride_height, 0);
    if (!plain) return "pools with padding, dilation or a window that is not square";
    return last ? "gives the logits by pooling" : "";
  }
  std::string operator()(const network::Flatten& /*flatten*/) const {
    return last ? "gives the logits by Flatten" : "";
  }
  template <typename Other>
  std::string operator()(const Other& /*operation*/) const {
    return "is neither a convolution nor a fully connected layer, maximum pooling or Flatten";
  }
};

Error refused(const std::string& message, const std::string& source) {
  return Error::input("TW-COMPRESS-002", "this network cannot be trained: " + message)
      .at(source)
      .expected("layers one after the other, as 'togglewise train' makes them");
}

}  // namespace

void require_trainable(const network::QuantizedNetwork& network, const std::string& source) {
  const bool pixels =
      std::abs(network.input_scale - network::pixel_scale) <= network::pixel_scale * 1e-5F;
  if (!pixels || !network.normalization.mean.empty() || !network.normalization.deviation.empty()) {
    throw refused("its input is scaled in a way of its own", source);
  }
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    const network::Node& node = network.nodes[n];
    const std::string layer = "layer '" + network::name_of(node.operation) + "' ";
    const int before = static_cast<int>(n) - 1;  // network_input for the first
    if (node.inputs.size() != 1 || node.inputs[0] != before) {
      throw refused(layer + "does not follow the one before it", source);
    }
    const std::string obstacle =
        std::visit(Obstacle{n + 1 == network.nodes.size()}, node.operation);
    if (!obstacle.empty()) throw refused(layer + obstacle, source);
  }
}

}  // namespace togglewise::compress
