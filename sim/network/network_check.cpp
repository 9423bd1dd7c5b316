// check_network(): what a network must be for the array and the integer inference to compute it.
#include "sim/network/network_check.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

namespace togglewise::network {
namespace {

using check::shape_text;
using check::Tensor;

class NetworkCheck {
 public:
  NetworkCheck(const QuantizedNetwork& network, int weight_bits, const std::string& source)
      : network_(network), weight_bits_(weight_bits), source_(source) {}

  void run() {
    check_input();
    if (network_.gemm_layers().empty()) {
      throw error("TW-MODEL-006", "the network has no convolution or fully connected layer");
    }
    for (std::size_t n = 0; n < network_.nodes.size(); ++n) check_node(n);
    check_uses();
    check_last();
  }

 private:
  Error error(const char* id, const std::string& message) const {
    return Error::input(id, message).at(source_);
  }

  void check_input() const {
    if (!check::is_sane(network_.input)) {
      throw error("TW-MODEL-002", fmt::format("the input is {}", shape_text(network_.input)))
          .expected("at least one channel, row and column, and at most 2^28 values");
    }
    const float scale = network_.input_scale;
    if (!(scale > 0) || !std::isfinite(scale)) {
      throw error("TW-MODEL-003", fmt::format("the scale of the input is {}", scale))
          .expected("a positive number");
    }
    const auto require = [&](const std::vector<float>& values, const char* what, bool positive) {
      const auto channels = static_cast<std::size_t>(network_.input.channels);
      const bool sane = std::all_of(values.begin(), values.end(), [&](float value) {
        return std::isfinite(value) && (!positive || value > 0);
      });
      if (!sane || (!values.empty() && values.size() != channels)) {
        throw error("TW-MODEL-003",
                    fmt::format("the {}s of the input are {}", what, fmt::join(values, ", ")))
            .expected(fmt::format("none, or a {}number for each of {} channels",
                                  positive ? "positive " : "", channels));
      }
    };
    require(network_.normalization.mean, "mean", false);
    require(network_.normalization.deviation, "deviation", true);
  }

  // Names become keys of metadata and file content: one alphabet for all of them.
  void check_name(const std::string& name) {
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.' || c == '-';
    });
    if (name.empty() || !plain) {
      throw error("TW-MODEL-006", fmt::format("a layer is named '{}'", name))
          .expected("letters, digits, '_', '.' and '-'");
    }
    if (!names_.insert(name).second) {
      throw error("TW-MODEL-006", fmt::format("two layers are named '{}'", name))
          .expected("every name once");
    }
  }

  Tensor tensor(int index) const {
    if (index == network_input) return {network_.input, network_.input_scale, "the input"};
    const auto n = static_cast<std::size_t>(index);
    const Operation& operation = network_.nodes[n].operation;
    return {output_shape(operation), scales_[n], fmt::format("layer '{}'", name_of(operation))};
  }

  void check_node(std::size_t n) {
    const Node& node = network_.nodes[n];
    const std::string& name = name_of(node.operation);
    check_name(name);
    const check::Place place{source_, name};
    const std::size_t wanted = check::number_of_inputs(node.operation);
    if (node.inputs.size() != wanted || wanted == 0) {
      throw place.error("TW-MODEL-006", fmt::format("has {} inputs", node.inputs.size()))
          .expected(fmt::format("{}", std::max<std::size_t>(wanted, 1)));
    }
    std::vector<Tensor> inputs;
    for (const int input : node.inputs) {
      if (input < network_input || input >= static_cast<int>(n)) {
        throw place
            .error("TW-MODEL-006",
                   fmt::format("takes its input from node {}, itself being {}", input, n))
            .expected("an earlier node, or -1 for the network's input");
      }
      inputs.push_back(tensor(input));
      if (inputs.back().scale == 0) {
        throw place
            .error("TW-MODEL-006",
                   fmt::format("follows {}, which has no output scale", inputs.back().producer))
            .expected("an output scale of 0 in the last layer only");
      }
    }
    check::check_operation(place, node.operation, inputs, weight_bits_);
    scales_.push_back(output_scale(node.operation, inputs[0].scale));
  }

  void check_uses() const {
    std::set<int> used;
    for (const Node& node : network_.nodes) used.insert(node.inputs.begin(), node.inputs.end());
    for (std::size_t n = 0; n + 1 < network_.nodes.size(); ++n) {
      if (used.count(static_cast<int>(n)) > 0) continue;
      throw error("TW-MODEL-006", fmt::format("nothing uses the result of layer '{}'",
                                              name_of(network_.nodes[n].operation)))
          .expected("one last layer, and every other one leading to it");
    }
  }

  void check_last() const {
    const Operation& last = network_.nodes.back().operation;
    const FeatureMapShape logits = output_shape(last);
    if (!(logits == FeatureMapShape{network_.classes, 1, 1})) {
      throw error("TW-MODEL-006", fmt::format("the network ends with {} and not with one logit for "
                                              "each of its {} classes",
                                              shape_text(logits), network_.classes))
          .expected("a last layer with one output per class");
    }
    const auto* layer = std::get_if<GemmLayer>(&last);
    if (layer != nullptr && layer->output_scale == 0 && (layer->relu || layer->high != 127)) {
      throw error("TW-MODEL-006", fmt::format("layer '{}' clamps its result, but has no output "
                                              "scale to requantize it with",
                                              layer->name))
          .expected("an output scale, or neither ReLU nor an upper limit");
    }
  }

  const QuantizedNetwork& network_;
  int weight_bits_;
  const std::string& source_;
  std::vector<float> scales_;  // of the nodes' results
  std::set<std::string> names_;
};

}  // namespace

void check_network(const QuantizedNetwork& network, int weight_bits, const std::string& source) {
  NetworkCheck(network, weight_bits, source).run();
}

}  // namespace togglewise::network
