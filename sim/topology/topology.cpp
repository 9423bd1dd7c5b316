#include "sim/topology/topology.h"

namespace togglewise::topology {

network::GemmLayer TopologyLayer::geometry() const {
  network::GemmLayer layer;
  layer.name = name;
  layer.input = input;
  layer.output = output;
  layer.window = window;
  layer.groups = groups;
  layer.input_scale = 1;
  layer.output_scale = 1;  // outputs leave the array as one byte each
  layer.fully_connected = input.height == 1 && input.width == 1 && window.kernel_height == 1 &&
                          window.kernel_width == 1 && groups == 1;
  return layer;
}

}  // namespace togglewise::topology
