#include "sim/energy/activation_signs.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

namespace togglewise::energy {
namespace {

using network::Add;
using network::Clamp;
using network::GemmLayer;
using network::Node;
using network::Operation;
using network::QuantizedNetwork;

bool pixels_are_nonnegative(const QuantizedNetwork& network) {
  for (const std::array<std::int8_t, 256>& channel : input_table(network)) {
    if (*std::min_element(channel.begin(), channel.end()) < 0) return false;
  }
  return true;
}

// Of what an operation makes; `inputs_are`: all of its inputs.
bool makes_nonnegative(const Operation& operation, bool inputs_are) {
  return std::visit(
      [&](const auto& typed) {
        using Typed = std::decay_t<decltype(typed)>;
        if constexpr (std::is_same_v<Typed, GemmLayer>) {
          return typed.relu;
        } else if constexpr (std::is_same_v<Typed, Add>) {
          return typed.relu || inputs_are;
        } else if constexpr (std::is_same_v<Typed, Clamp>) {
          return typed.low >= 0 || inputs_are;
        } else {
          return inputs_are;  // zeros around, maxima, means and choices of what is not below zero
        }
      },
      operation);
}

}  // namespace

std::vector<bool> nonnegative_inputs(const QuantizedNetwork& network) {
  const bool pixels = pixels_are_nonnegative(network);
  std::vector<bool> made;  // per node
  std::vector<bool> layers;
  for (const Node& node : network.nodes) {
    const bool inputs_are = std::all_of(node.inputs.begin(), node.inputs.end(), [&](int input) {
      return input == network::network_input ? pixels : made[static_cast<std::size_t>(input)];
    });
    if (std::holds_alternative<GemmLayer>(node.operation)) layers.push_back(inputs_are);
    made.push_back(makes_nonnegative(node.operation, inputs_are));
  }
  return layers;
}

}  // namespace togglewise::energy
