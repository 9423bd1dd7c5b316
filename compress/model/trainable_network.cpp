#include "compress/model/trainable_network.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <utility>

#include "compress/model/block.h"

namespace togglewise::compress {

using network::GemmLayer;
using network::Node;
using network::Operation;
using network::QuantizedNetwork;
using network::Window;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::pair<int, int> integer_bounds(const Operation& operation) {
  if (const auto* layer = std::get_if<GemmLayer>(&operation)) {
    return {layer->relu ? 0 : -128, layer->high};
  }
  if (const auto* sum = std::get_if<network::Add>(&operation)) {
    return {sum->relu ? 0 : -128, sum->high};
  }
  if (const auto* clamp = std::get_if<network::Clamp>(&operation)) return {clamp->low, clamp->high};
  return {-128, 127};
}

std::vector<std::int64_t> strides_of(const Window& w) { return {w.stride_height, w.stride_width}; }
std::vector<std::int64_t> kernel_of(const Window& w) { return {w.kernel_height, w.kernel_width}; }

bool is_symmetric(const Window& w) {
  return w.pad_top == w.pad_bottom && w.pad_left == w.pad_right;
}

torch::Tensor padded(const torch::Tensor& x, const Window& w, double value) {
  return at::constant_pad_nd(x, {w.pad_left, w.pad_right, w.pad_top, w.pad_bottom}, value);
}

// A fully connected layer is a 1x1 convolution on a 1x1 feature map: oneDNN computes it, where
// at::linear would fall to Debian's unblocked reference BLAS.
torch::Tensor convolve(const GemmLayer& layer, const torch::Tensor& x,
                       const torch::Tensor& weights) {
  const Window& w = layer.window;
  const bool symmetric = is_symmetric(w);
  const std::vector<std::int64_t> padding = symmetric
                                                ? std::vector<std::int64_t>{w.pad_top, w.pad_left}
                                                : std::vector<std::int64_t>{0, 0};
  const std::vector<std::int64_t> dilation{w.dilation_height, w.dilation_width};
  return at::conv2d(symmetric ? x : padded(x, w, 0), weights, {}, strides_of(w), padding, dilation,
                    layer.groups);
}

torch::Tensor max_pool(const network::MaxPool& pool, const torch::Tensor& x) {
  const Window& w = pool.window;
  const bool plain = w.pad_top == 0 && w.pad_left == 0 && w.pad_bottom == 0 && w.pad_right == 0;
  return at::max_pool2d(plain ? x : padded(x, w, -infinity), kernel_of(w), strides_of(w), {0, 0},
                        std::vector<std::int64_t>{w.dilation_height, w.dilation_width});
}

// Sums of the windows and, for each, how many pixels count.
torch::Tensor average_pool(const network::AveragePool& pool, const torch::Tensor& x) {
  const Window& w = pool.window;
  const auto area = static_cast<double>(w.kernel_height) * w.kernel_width;
  const auto sums = [&](const torch::Tensor& map) {
    return at::avg_pool2d(padded(map, w, 0), kernel_of(w), strides_of(w)) * area;
  };
  const torch::Tensor input = x.to(torch::kFloat);
  if (pool.count_padding) return sums(input) / area;
  return sums(input) / sums(at::ones({1, 1, input.size(2), input.size(3)}, input.options()));
}

torch::Tensor slice(const network::Slice& operation, torch::Tensor x) {
  const int sizes[3] = {operation.output.channels, operation.output.height, operation.output.width};
  for (int d = 0; d < 3; ++d) {
    const std::int64_t end = operation.begin[d] + (sizes[d] - 1) * operation.step[d] + 1;
    x = x.slice(d + 1, operation.begin[d], end, operation.step[d]);
  }
  return x;
}

torch::Tensor pad(const network::Pad& operation, const torch::Tensor& x) {
  const int* before = operation.before;
  const network::FeatureMapShape& from = operation.input;
  const network::FeatureMapShape& to = operation.output;
  return at::constant_pad_nd(
      x,
      {before[2], to.width - from.width - before[2], before[1], to.height - from.height - before[1],
       before[0], to.channels - from.channels - before[0]},
      0);
}

}  // namespace

// One pass over the nodes.
class TrainableNetwork::Pass {
 public:
  Pass(const TrainableNetwork& owner, const ForwardInput& input, bool keep_results)
      : owner_(owner),
        input_(input),
        keep_results_(keep_results),
        values_(owner.network_.nodes.size()) {
    const std::size_t layers = input.parameters->layers();
    result_.batch.mean.resize(layers);
    result_.batch.variance.resize(layers);
  }

  ForwardResult run(const torch::Tensor& images) {
    const std::vector<Node>& nodes = owner_.network_.nodes;
    images_ = images.to(input_.device, compute_type(input_.precision))
                  .contiguous(at::MemoryFormat::ChannelsLast);
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      if (fuses() && owner_.fused_into_[n] >= 0) continue;  // computed by the Add
      node_ = n;
      values_[n] = std::visit([this](const auto& operation) { return compute(operation); },
                              nodes[n].operation);
      if (!keep_results_) release(n);
    }
    if (keep_results_) keep();
    result_.logits = values_.back().to(torch::kFloat).flatten(1);
    const float scale = owner_.scales_.back();
    if (integer() && scale > 0) result_.logits = result_.logits * scale;
    return std::move(result_);
  }

 private:
  bool integer() const { return input_.weight_scale != nullptr; }
  // Without it every node has a result of its own.
  bool fuses() const { return !keep_results_; }
  const Node& node() const { return owner_.network_.nodes[node_]; }

  const torch::Tensor& operand(std::size_t n, int index) const {
    const int from = owner_.network_.nodes[n].inputs[static_cast<std::size_t>(index)];
    return from < 0 ? images_ : values_[static_cast<std::size_t>(from)];
  }
  float operand_scale(std::size_t n, int index) const {
    if (!integer()) return 1;
    const int from = owner_.network_.nodes[n].inputs[static_cast<std::size_t>(index)];
    return from < 0 ? owner_.network_.input_scale : owner_.scales_[static_cast<std::size_t>(from)];
  }

  // Bounds of node n's result, and whether it is rounded.
  void set_bounds(std::size_t n, bool& rounds, float& low, float& high) const {
    const auto [lowest, highest] = integer_bounds(owner_.network_.nodes[n].operation);
    rounds = integer() && owner_.scales_[n] > 0;
    const Clamp& clamp = owner_.clamps_[n];
    low = rounds ? static_cast<float>(lowest) : static_cast<float>(clamp.low);
    high = rounds ? static_cast<float>(highest) : static_cast<float>(clamp.high);
  }

  torch::Tensor rounded_result(const torch::Tensor& x, double factor) const {
    bool rounds = false;
    float low = 0, high = 0;
    set_bounds(node_, rounds, low, high);
    return rounded(x, factor, rounds, low, high).to(compute_type(input_.precision));
  }

  torch::Tensor layer_result(std::size_t n, const torch::Tensor& residual, float residual_scale) {
    const auto& layer = std::get<GemmLayer>(owner_.network_.nodes[n].operation);
    const auto l = static_cast<std::size_t>(owner_.gemm_index_[n]);
    // Fully connected layers are small, and logits need more digits than bfloat16 has.
    const torch::ScalarType type =
        layer.fully_connected ? torch::kFloat : compute_type(input_.precision);
    torch::Tensor x = operand(n, 0).to(type);
    BlockInput block_input;
    block_input.x = convolve(layer, x, (*input_.weights)[l].to(input_.device, type));
    block_input.gain = input_.parameters->gains[l].to(input_.device);
    block_input.bias = input_.parameters->biases[l].to(input_.device);
    block_input.factor.assign(static_cast<std::size_t>(layer.output.channels), 1.0F);
    if (integer()) {
      const std::vector<float>& scale = (*input_.weight_scale)[l];
      for (std::size_t c = 0; c < scale.size(); ++c) {
        block_input.factor[c] = operand_scale(n, 0) * scale[c];
      }
      if (owner_.scales_[n] > 0) block_input.step = owner_.scales_[n];
    }
    if (input_.statistics != nullptr && input_.parameters->has_batch_norm(l)) {
      block_input.mean = &input_.statistics->mean[l];
      block_input.variance = &input_.statistics->variance[l];
    }
    block_input.measures = input_.measures;
    BlockRule& rule = block_input.rule;
    set_bounds(n, rule.rounds, rule.low, rule.high);
    if (residual.defined()) {
      block_input.residual = residual;
      bool sum_rounds = false;
      set_bounds(node_, sum_rounds, rule.sum_low, rule.sum_high);
      if (integer()) {
        rule.own_factor = owner_.scales_[n] / owner_.scales_[node_];
        rule.residual_factor = residual_scale / owner_.scales_[node_];
      }
    }
    BlockResult computed = block(block_input);
    result_.batch.mean[l] = std::move(computed.mean);
    result_.batch.variance[l] = std::move(computed.variance);
    return computed.value;
  }

  torch::Tensor compute(const GemmLayer& /*layer*/) { return layer_result(node_, {}, 0); }
  torch::Tensor compute(const network::MaxPool& pool) { return max_pool(pool, operand(node_, 0)); }
  torch::Tensor compute(const network::AveragePool& pool) {
    const double factor = integer() ? operand_scale(node_, 0) / owner_.scales_[node_] : 1.0;
    return rounded_result(average_pool(pool, operand(node_, 0)), factor);
  }
  torch::Tensor compute(const network::Add& /*sum*/) {
    const int layer = owner_.fused_layer_[node_];
    if (fuses() && layer >= 0) {
      const int other = node().inputs[0] == layer ? 1 : 0;
      return layer_result(static_cast<std::size_t>(layer), operand(node_, other),
                          operand_scale(node_, other));
    }
    const torch::Tensor a = operand(node_, 0).to(torch::kFloat) * operand_scale(node_, 0);
    const torch::Tensor b = operand(node_, 1).to(torch::kFloat) * operand_scale(node_, 1);
    return rounded_result(a + b, integer() ? 1.0 / owner_.scales_[node_] : 1.0);
  }
  torch::Tensor compute(const network::Concat& concat) {
    std::vector<torch::Tensor> parts;
    for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
      const int index = static_cast<int>(i);
      const double factor = integer() ? operand_scale(node_, index) / owner_.scales_[node_] : 1.0;
      parts.push_back(rounded_result(operand(node_, index).to(torch::kFloat), factor));
    }
    return at::cat(parts, 1);
  }
  torch::Tensor compute(const network::Slice& operation) {
    return slice(operation, operand(node_, 0));
  }
  torch::Tensor compute(const network::Pad& operation) { return pad(operation, operand(node_, 0)); }
  torch::Tensor compute(const network::Clamp& /*operation*/) {
    return rounded_result(operand(node_, 0), 1.0);
  }
  torch::Tensor compute(const network::Flatten& /*operation*/) {
    const torch::Tensor& x = operand(node_, 0);
    return x.contiguous().reshape({x.size(0), -1, 1, 1});
  }

  // Results that nobody reads any more only cost memory in passes without gradients.
  void release(std::size_t n) {
    const auto drop = [&](int from) {
      if (from >= 0 && owner_.last_use_[static_cast<std::size_t>(from)] <= static_cast<int>(n)) {
        values_[static_cast<std::size_t>(from)] = torch::Tensor();
      }
    };
    for (const int from : node().inputs) drop(from);
    if (owner_.fused_layer_[n] < 0) return;
    const auto layer = static_cast<std::size_t>(owner_.fused_layer_[n]);
    for (const int from : owner_.network_.nodes[layer].inputs) drop(from);
  }

  void keep() {
    for (std::size_t n = 0; n < values_.size(); ++n) {
      torch::Tensor value = values_[n];
      if (value.defined() && integer() && owner_.scales_[n] > 0) {
        value = value.to(torch::kFloat) * owner_.scales_[n];
      }
      result_.results.push_back(value);
    }
  }

  const TrainableNetwork& owner_;
  const ForwardInput& input_;
  bool keep_results_;
  torch::Tensor images_;
  std::vector<torch::Tensor> values_;
  std::size_t node_ = 0;
  ForwardResult result_;
};

TrainableNetwork::TrainableNetwork(QuantizedNetwork network) : network_(std::move(network)) {
  plan();
  for (std::size_t n = 0; n < network_.nodes.size(); ++n) {
    const auto [low, high] = integer_bounds(network_.nodes[n].operation);
    Clamp clamp;
    if (low > -128) clamp.low = low * static_cast<double>(scales_[n]);
    if (high < 127 && scales_[n] > 0) clamp.high = high * static_cast<double>(scales_[n]);
    clamps_.push_back(clamp);
  }
}

TrainableNetwork::TrainableNetwork(const graph::FloatNetwork& network)
    : network_(network.geometry) {
  plan();
  for (const graph::FloatParameters& parameters : network.parameters) {
    clamps_.push_back({parameters.low, parameters.high});
  }
}

void TrainableNetwork::plan() {
  const std::size_t nodes = network_.nodes.size();
  gemm_index_.assign(nodes, -1);
  fused_into_.assign(nodes, -1);
  fused_layer_.assign(nodes, -1);
  last_use_.assign(nodes, -1);
  std::vector<int> readers(nodes, 0);
  int gemm = 0;
  for (std::size_t n = 0; n < nodes; ++n) {
    const Node& node = network_.nodes[n];
    const int first = node.inputs.empty() ? -1 : node.inputs[0];
    scales_.push_back(network::output_scale(
        node.operation,
        first < 0 ? network_.input_scale : scales_[static_cast<std::size_t>(first)]));
    if (std::holds_alternative<GemmLayer>(node.operation)) gemm_index_[n] = gemm++;
    for (const int from : node.inputs) {
      if (from < 0) continue;
      ++readers[static_cast<std::size_t>(from)];
      last_use_[static_cast<std::size_t>(from)] = static_cast<int>(n);
    }
  }
  if (nodes > 0) last_use_[nodes - 1] = static_cast<int>(nodes);
  // A layer that only a sum reads is computed together with it; of two such layers the later one.
  for (std::size_t n = 0; n < nodes; ++n) {
    if (!std::holds_alternative<network::Add>(network_.nodes[n].operation)) continue;
    int layer = -1;
    for (const int input : network_.nodes[n].inputs) {
      const auto from = static_cast<std::size_t>(std::max(0, input));
      if (input >= 0 && gemm_index_[from] >= 0 && readers[from] == 1)
        layer = std::max(layer, input);
    }
    if (layer < 0) continue;
    const auto from = static_cast<std::size_t>(layer);
    fused_into_[from] = static_cast<int>(n);
    fused_layer_[n] = layer;
    for (const int input : network_.nodes[from].inputs) {
      if (input >= 0) {
        int& last = last_use_[static_cast<std::size_t>(input)];
        last = std::max(last, static_cast<int>(n));
      }
    }
  }
}

ForwardResult TrainableNetwork::forward(const ForwardInput& input, const torch::Tensor& images,
                                        bool keep_results) const {
  return Pass(*this, input, keep_results).run(images);
}

}  // namespace togglewise::compress
