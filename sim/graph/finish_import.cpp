#include "sim/graph/finish_import.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sim/graph/layer_names.h"

namespace togglewise::graph {
namespace {

constexpr float unbounded = std::numeric_limits<float>::infinity();

std::vector<bool> used_drafts(const UnfinishedNetwork& unfinished) {
  std::vector<bool> used(unfinished.drafts.size(), false);
  used[static_cast<std::size_t>(unfinished.last)] = true;
  for (std::size_t i = used.size(); i-- > 0;) {
    if (!used[i]) continue;
    for (const Source& source : unfinished.drafts[i].inputs) {
      if (source.node >= 0) used[static_cast<std::size_t>(source.node)] = true;
    }
  }
  return used;
}

// Drops what the last operation does not need, and numbers the rest anew; names are final.
void drop_unused(UnfinishedNetwork& unfinished) {
  const std::vector<bool> used = used_drafts(unfinished);
  std::vector<int> number(used.size(), network::network_input);
  std::vector<Draft> kept;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    number[i] = static_cast<int>(kept.size());
    kept.push_back(std::move(unfinished.drafts[i]));
    for (Source& source : kept.back().inputs) {
      if (source.node >= 0) source.node = number[static_cast<std::size_t>(source.node)];
    }
  }
  unfinished.drafts = std::move(kept);
  std::set<std::string> taken;
  for (Draft& draft : unfinished.drafts) {
    const std::string name = unfinished.own ? draft.node_name : layer_name(draft, taken);
    std::visit([&](auto& typed) { typed.name = name; }, draft.operation);
  }
}

network::QuantizedNetwork empty_network(const UnfinishedNetwork& unfinished) {
  network::QuantizedNetwork result;
  result.name = unfinished.name;
  result.input = unfinished.input;
  result.normalization = unfinished.normalization;
  const network::FeatureMapShape last = network::output_shape(unfinished.drafts.back().operation);
  result.classes = static_cast<int>(last.size());
  return result;
}

std::vector<int> node_inputs(const Draft& draft) {
  std::vector<int> inputs;
  for (const Source& source : draft.inputs) inputs.push_back(source.node);
  return inputs;
}

// int8 and int32 constants in a network whose activations are real stand for real numbers.
void dequantize(Draft& draft) {
  if (!draft.integers) return;
  const IntegerWeights& integers = *draft.integers;
  const std::size_t reduction = integers.weights.size() / integers.scale.size();
  draft.parameters.weights.clear();
  for (std::size_t i = 0; i < integers.weights.size(); ++i) {
    draft.parameters.weights.push_back(static_cast<float>(integers.weights[i]) *
                                       integers.scale[i / reduction]);
  }
  for (std::size_t i = 0; i < integers.bias.size(); ++i) {
    draft.parameters.bias[i] = static_cast<float>(integers.bias[i] * integers.bias_scale[i]);
  }
}

// Scales and clamps of the drafts become those of the network's operations.
class QuantizedFinish {
 public:
  // Returns why the draft is not quantized as a whole, or "".
  std::string finish(Draft& draft, bool last) {
    for (const Source& source : draft.inputs) {
      if (source.scale == 0) {
        return "its operand does not come through QuantizeLinear and DequantizeLinear";
      }
    }
    reason_.clear();
    if (draft.output_scale == 0 && !(last && is_gemm(draft))) {
      reason_ = "its result does not go through QuantizeLinear";
    }
    std::visit([&](auto& typed) { set(draft, typed); }, draft.operation);
    return reason_;
  }

 private:
  static bool is_gemm(const Draft& draft) {
    return std::holds_alternative<network::GemmLayer>(draft.operation);
  }

  // Upper clamp in int8; the result is requantized with ties up, and so is this.
  int high(const Draft& draft) {
    const float limit = draft.parameters.high;
    if (limit == unbounded) return 127;
    if (draft.output_scale == 0) {
      reason_ = "it is clamped without being quantized";
      return 127;
    }
    const double value = std::nearbyint(double{limit} / double{draft.output_scale});
    if (!(value >= 1)) reason_ = fmt::format("it is clamped to at most {}", limit);
    return static_cast<int>(std::clamp(value, 1.0, 127.0));
  }

  void set(const Draft& draft, network::GemmLayer& layer) {
    layer.input_scale = draft.inputs[0].scale;
    layer.output_scale = draft.output_scale;
    layer.relu = draft.parameters.low == 0;
    layer.high = high(draft);
    if (!draft.integers) {
      reason_ = "its weights are real numbers while its activations are quantized";
      return;
    }
    layer.weights = draft.integers->weights;
    layer.weight_scale = draft.integers->scale;
    layer.bias =
        draft.integers->bias.empty() ? rounded_bias(draft, layer) : checked_bias(draft, layer);
  }

  std::vector<std::int32_t> rounded_bias(const Draft& draft, const network::GemmLayer& layer) {
    std::vector<std::int32_t> bias;
    for (std::size_t i = 0; i < draft.parameters.bias.size(); ++i) {
      const double unit = double{layer.input_scale} * double{layer.weight_scale[i]};
      const double value = std::nearbyint(double{draft.parameters.bias[i]} / unit);
      if (!(std::abs(value) <= std::numeric_limits<std::int32_t>::max())) {
        reason_ = fmt::format("the bias {} of output channel {} does not fit 32 bits",
                              draft.parameters.bias[i], i);
        return {};
      }
      bias.push_back(static_cast<std::int32_t>(value));
    }
    return bias;
  }

  const std::vector<std::int32_t>& checked_bias(const Draft& draft,
                                                const network::GemmLayer& layer) {
    const IntegerWeights& integers = *draft.integers;
    for (std::size_t i = 0; i < integers.bias_scale.size(); ++i) {
      const double unit = double{layer.input_scale} * double{layer.weight_scale[i]};
      if (!(std::abs(integers.bias_scale[i] - unit) <= 1e-5 * unit)) {
        reason_ = fmt::format(
            "the scale of its bias is {} for output channel {} and not {}, input scale times "
            "weight "
            "scale",
            integers.bias_scale[i], i, unit);
      }
    }
    return integers.bias;
  }

  void set(const Draft& draft, network::Add& sum) {
    sum.input_scales[0] = draft.inputs[0].scale;
    sum.input_scales[1] = draft.inputs[1].scale;
    sum.output_scale = draft.output_scale;
    sum.relu = draft.parameters.low == 0;
    sum.high = high(draft);
  }

  void set(const Draft& draft, network::AveragePool& pool) {
    pool.input_scale = draft.inputs[0].scale;
    pool.output_scale = draft.output_scale;
  }

  void set(const Draft& draft, network::Concat& concat) {
    concat.input_scales.clear();
    for (const Source& source : draft.inputs) concat.input_scales.push_back(source.scale);
    concat.output_scale = draft.output_scale;
  }

  void set(const Draft& draft, network::Clamp& clamp) {
    if (draft.output_scale == 0) return;
    const auto bound = [&](float limit) {
      const double value = std::nearbyint(double{limit} / double{draft.output_scale});
      return static_cast<int>(std::clamp(value, -128.0, 127.0));
    };
    clamp.low = bound(draft.parameters.low);
    clamp.high = bound(draft.parameters.high);
  }

  template <typename Other>
  void set(const Draft&, Other&) {}

  std::string reason_;
};

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

}  // namespace

FloatNetwork finish_float(UnfinishedNetwork unfinished, std::vector<std::string>& problems) {
  drop_unused(unfinished);
  FloatNetwork result;
  result.geometry = empty_network(unfinished);
  for (Draft& draft : unfinished.drafts) {
    dequantize(draft);
    if (!all_finite(draft.parameters.weights) || !all_finite(draft.parameters.bias)) {
      problems.push_back(node_problem(draft.node_name, draft.node_type,
                                      "a weight or bias of it is not a finite number"));
    }
    result.geometry.nodes.push_back({std::move(draft.operation), node_inputs(draft)});
    result.parameters.push_back(std::move(draft.parameters));
  }
  return result;
}

network::QuantizedNetwork finish_quantized(UnfinishedNetwork unfinished,
                                           std::vector<std::string>& problems) {
  drop_unused(unfinished);
  network::QuantizedNetwork result = empty_network(unfinished);
  result.input_scale = unfinished.input_scale;
  QuantizedFinish finish;
  for (Draft& draft : unfinished.drafts) {
    const bool last = &draft == &unfinished.drafts.back();
    const std::string reason = finish.finish(draft, last);
    if (!reason.empty()) problems.push_back(node_problem(draft.node_name, draft.node_type, reason));
    result.nodes.push_back({std::move(draft.operation), node_inputs(draft)});
  }
  return result;
}

std::string node_problem(const std::string& name, const std::string& type,
                         const std::string& reason) {
  return fmt::format("node '{}' ({}): {}", name, type, reason);
}

}  // namespace togglewise::graph
