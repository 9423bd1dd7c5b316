#include "sim/graph/weights_import.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace togglewise::graph {
namespace {

// The constant's values in the layer's order.
template <typename T>
std::vector<T> arranged(const std::vector<T>& values, const WeightLayout& layout) {
  std::vector<T> result(values.size());
  for (std::size_t n = 0; n < layout.outputs; ++n) {
    for (std::size_t k = 0; k < layout.reduction; ++k) {
      const std::size_t from =
          layout.reduction_first ? k * layout.outputs + n : n * layout.reduction + k;
      const std::size_t column = layout.column.empty() ? k : layout.column[k];
      result[n * layout.reduction + column] = values[from];
    }
  }
  return result;
}

std::vector<float> weight_scales(const Tensor& weights, const WeightLayout& layout) {
  const Quantization& quantization = *weights.quantization;
  if (quantization.scale.size() == 1) {
    return std::vector<float>(layout.outputs, quantization.scale[0]);
  }
  if (quantization.axis != layout.output_axis) {
    throw NodeProblem(
        fmt::format("its weights have scales along axis {} and not along {}, the "
                    "output channels",
                    quantization.axis, layout.output_axis));
  }
  return quantization.scale;
}

}  // namespace

void set_weights(GraphImport& graph, Draft& draft, const Tensor& weights,
                 const WeightLayout& layout) {
  graph.budget().take(weights.shape);
  if (weights.size() != layout.outputs * layout.reduction) {
    throw NodeProblem(fmt::format("its weights have the shape {}", shape_text(weights.shape)));
  }
  draft.parameters.bias.assign(layout.outputs, 0.0F);
  if (!weights.quantization) {
    if (const auto* reals = std::get_if<std::vector<float>>(&weights.values)) {
      draft.parameters.weights = arranged(*reals, layout);
      return;
    }
    throw NodeProblem("its weights are whole numbers without DequantizeLinear");
  }
  const auto* values = std::get_if<std::vector<std::int8_t>>(&weights.values);
  if (values == nullptr) throw NodeProblem("its weights are not int8");
  draft.integers =
      IntegerWeights{arranged(*values, layout), weight_scales(weights, layout), {}, {}};
}

void set_bias(Draft& draft, const Tensor& bias, double factor) {
  std::vector<float>& reals = draft.parameters.bias;
  if (bias.size() != reals.size() && bias.size() != 1) {
    throw NodeProblem(
        fmt::format("it has {} biases for {} output channels", bias.size(), reals.size()));
  }
  const auto* whole = std::get_if<std::vector<std::int32_t>>(&bias.values);
  if (whole != nullptr && bias.quantization && draft.integers && bias.size() == reals.size()) {
    if (factor != 1) throw NodeProblem("it scales an int32 bias");
    draft.integers->bias = *whole;
    const std::vector<float>& scale = bias.quantization->scale;
    for (std::size_t i = 0; i < reals.size(); ++i) {
      draft.integers->bias_scale.push_back(double{scale[scale.size() == 1 ? 0 : i]});
    }
    return;
  }
  const std::vector<double> values = bias.reals();
  for (std::size_t i = 0; i < reals.size(); ++i) {
    reals[i] = static_cast<float>(factor * values[values.size() == 1 ? 0 : i]);
  }
}

void fold_affine(Draft& draft, const std::vector<double>& scale, const std::vector<double>& shift) {
  if (draft.integers) {
    const bool only_shift =
        std::all_of(scale.begin(), scale.end(), [](double factor) { return factor == 1; });
    if (!only_shift) throw NodeProblem("it scales the result of a layer with int8 weights");
    if (!draft.integers->bias.empty()) throw NodeProblem("it adds to a layer with an int32 bias");
  }
  FloatParameters& parameters = draft.parameters;
  const std::size_t reduction = parameters.weights.size() / scale.size();
  for (std::size_t i = 0; i < parameters.weights.size(); ++i) {
    parameters.weights[i] =
        static_cast<float>(double{parameters.weights[i]} * scale[i / reduction]);
  }
  for (std::size_t i = 0; i < parameters.bias.size(); ++i) {
    parameters.bias[i] = static_cast<float>(double{parameters.bias[i]} * scale[i] + shift[i]);
  }
}

}  // namespace togglewise::graph
