#include "sim/graph/constant_folding.h"

#include <cmath>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "sim/graph/constant_arithmetic.h"
#include "sim/graph/shape_rules.h"

namespace togglewise::graph {
namespace {

constexpr std::int64_t largest_filled = std::int64_t{1} << 20;  // elements of ConstantOfShape

struct Fold {
  const OnnxNode& node;
  const std::vector<TensorPointer>& inputs;
  ElementBudget& budget;
  const ModelSource& source;

  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  const Tensor& operand(std::size_t i) const {
    if (!has(i)) throw NodeProblem(fmt::format("it has no input {}", i));
    return *inputs[i];
  }
  // Operators that do not carry the scales of a DequantizeLinear along.
  const Tensor& plain(std::size_t i) const {
    if (operand(i).quantization) throw NodeProblem("it computes with dequantized constants");
    return operand(i);
  }
  TensorPointer pointer(std::size_t i) const { return has(i) ? inputs[i] : nullptr; }
};

Tensor integers(std::vector<std::int64_t> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return {{size}, std::move(values), {}};
}

// Picks elements of `from` into a tensor of shape `shape`: result[i] = from[source(i)].
template <typename Source>
Tensor picked(const Fold& fold, const Tensor& from, Dimensions shape, const Source& source) {
  const std::size_t count = fold.budget.take(shape);
  Tensor result{std::move(shape), {}, {}};
  std::visit(
      [&](const auto& typed) {
        std::decay_t<decltype(typed)> values;
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) values.push_back(typed[source(i)]);
        result.values = std::move(values);
      },
      from.values);
  return result;
}

// Row-major distance of neighbours along each axis.
std::vector<std::size_t> strides_of(const Dimensions& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * static_cast<std::size_t>(shape[i]);
  }
  return strides;
}

Tensor fold_constant(const Fold& fold) {
  const OnnxNode& node = fold.node;
  if (const auto* value = node.find("value")) return read_tensor(value->t(), fold.source);
  if (const auto* value = node.find("value_float")) {
    return {{}, std::vector<float>{value->f()}, {}};
  }
  if (const auto* value = node.find("value_int")) {
    return {{}, std::vector<std::int64_t>{value->i()}, {}};
  }
  if (const auto* value = node.find("value_ints")) {
    return integers({value->ints().begin(), value->ints().end()});
  }
  if (const auto* value = node.find("value_floats")) {
    return {{value->floats_size()},
            std::vector<float>{value->floats().begin(), value->floats().end()},
            {}};
  }
  throw NodeProblem("it has no value of a known kind");
}

Tensor fold_gather(const Fold& fold) {
  const Tensor& data = fold.plain(0);
  const Dimensions indices = whole_numbers(fold.plain(1));
  const std::size_t axis = checked_axis(fold.node.integer("axis", 0), data.shape.size());
  const std::int64_t size = data.shape[axis];
  std::vector<std::size_t> picks;
  for (const std::int64_t index : indices) {
    if (index < -size || index >= size) {
      throw NodeProblem(fmt::format("index {} of {}", index, size));
    }
    picks.push_back(static_cast<std::size_t>(index < 0 ? index + size : index));
  }
  Dimensions shape(data.shape.begin(), data.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), fold.operand(1).shape.begin(), fold.operand(1).shape.end());
  shape.insert(shape.end(), data.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1,
               data.shape.end());
  const std::size_t inner = strides_of(data.shape)[axis];
  return picked(fold, data, std::move(shape), [&](std::size_t i) {
    const std::size_t outer = i / inner / picks.size();
    const std::size_t pick = picks[i / inner % picks.size()];
    return (outer * static_cast<std::size_t>(size) + pick) * inner + i % inner;
  });
}

Tensor fold_constant_of_shape(const Fold& fold) {
  const Dimensions shape = whole_numbers(fold.plain(0));
  if (!element_count(shape, largest_filled)) {
    throw NodeProblem(fmt::format("a constant of shape {}", shape_text(shape)));
  }
  Tensor value{{}, std::vector<float>{0}, {}};
  if (const auto* given = fold.node.find("value")) value = read_tensor(given->t(), fold.source);
  if (value.size() != 1) throw NodeProblem("its value is not one number");
  return picked(fold, value, shape, [](std::size_t) { return std::size_t{0}; });
}

Tensor fold_concat(const Fold& fold) {
  const Tensor& first = fold.plain(0);
  const std::size_t axis = checked_axis(fold.node.integer("axis", 0), first.shape.size());
  Dimensions shape = first.shape;
  shape[axis] = 0;
  for (std::size_t i = 0; i < fold.inputs.size(); ++i) {
    Dimensions other = fold.plain(i).shape;
    const bool fits = other.size() == shape.size();
    if (fits) {
      shape[axis] += other[axis];
      other[axis] = shape[axis];
    }
    if (!fits || other != shape || fold.plain(i).values.index() != first.values.index()) {
      throw NodeProblem("its operands have different shapes or types");
    }
  }
  const std::size_t count = fold.budget.take(shape);
  Tensor result{shape, first.values, {}};
  std::visit(
      [&](auto& values) {
        using Values = std::decay_t<decltype(values)>;
        values.clear();
        const std::size_t inner = strides_of(shape)[axis];
        const std::size_t row = inner * static_cast<std::size_t>(shape[axis]);
        for (std::size_t outer = 0; values.size() < count && outer * row < count; ++outer) {
          for (const TensorPointer& part : fold.inputs) {
            const auto length = inner * static_cast<std::size_t>(part->shape[axis]);
            const auto begin = std::get<Values>(part->values).begin() +
                               static_cast<std::ptrdiff_t>(outer * length);
            values.insert(values.end(), begin, begin + static_cast<std::ptrdiff_t>(length));
          }
        }
      },
      result.values);
  return result;
}

Tensor fold_slice(const Fold& fold) {
  const Tensor& data = fold.plain(0);
  const SliceOperands given = slice_operands(fold.node, fold.inputs);
  const auto ranges = slice_ranges(data.shape, given.starts, given.ends, given.axes, given.steps);
  Dimensions shape;
  for (const SliceRange& range : ranges) shape.push_back(range.count);
  const auto from = strides_of(data.shape);
  const auto to = strides_of(shape);
  return picked(fold, data, shape, [&](std::size_t i) {
    std::int64_t index = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const auto step = static_cast<std::int64_t>(i / to[axis]);
      i %= to[axis];
      index +=
          (ranges[axis].begin + step * ranges[axis].step) * static_cast<std::int64_t>(from[axis]);
    }
    return static_cast<std::size_t>(index);
  });
}

Tensor fold_transpose(const Fold& fold) {
  const Tensor& data = fold.operand(0);
  const auto order = permutation(fold.node.integers("perm", {}), data.shape.size());
  Dimensions shape;
  for (const std::size_t axis : order) shape.push_back(data.shape[axis]);
  const auto from = strides_of(data.shape);
  const auto to = strides_of(shape);
  Tensor result = picked(fold, data, shape, [&](std::size_t i) {
    std::size_t index = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      index += i / to[axis] * from[order[axis]];
      i %= to[axis];
    }
    return index;
  });
  if (data.quantization) {
    result.quantization = data.quantization;
    for (std::size_t axis = 0; axis < order.size(); ++axis) {
      if (order[axis] == static_cast<std::size_t>(data.quantization->axis)) {
        result.quantization->axis = static_cast<int>(axis);
      }
    }
  }
  return result;
}

Tensor with_shape(const Fold& fold, Dimensions shape) {
  fold.budget.take(shape);
  Tensor result = fold.operand(0);
  const bool per_axis = result.quantization && result.quantization->scale.size() > 1;
  if (per_axis && shape != result.shape) {
    throw NodeProblem("it reshapes a constant with a scale for each channel");
  }
  result.shape = std::move(shape);
  if (result.quantization && !per_axis) result.quantization->axis = 0;
  return result;
}

Tensor fold_reshape(const Fold& fold) {
  const Dimensions target =
      fold.has(1) ? whole_numbers(fold.plain(1)) : fold.node.integers("shape", {});
  return with_shape(
      fold, reshaped(fold.operand(0).shape, target, fold.node.integer("allowzero", 0) != 0));
}

using Folder = Tensor (*)(const Fold&);

const std::map<std::string, Folder>& folders() {
  static const std::map<std::string, Folder> table = {
      {"Constant", fold_constant},
      {"Gather", fold_gather},
      {"ConstantOfShape", fold_constant_of_shape},
      {"Concat", fold_concat},
      {"Slice", fold_slice},
      {"Transpose", fold_transpose},
      {"Reshape", fold_reshape},
      {"Shape", [](const Fold& f) { return fold_shape(f.node, f.operand(0).shape); }},
      {"Size", [](const Fold& f) { return fold_shape(f.node, f.operand(0).shape); }},
      {"Identity", [](const Fold& f) { return with_shape(f, f.operand(0).shape); }},
      {"Flatten",
       [](const Fold& f) {
         return with_shape(f, flattened(f.operand(0).shape, f.node.integer("axis", 1)));
       }},
      {"Squeeze",
       [](const Fold& f) {
         return with_shape(f, squeezed(f.operand(0).shape, given_axes(f.node, f.pointer(1))));
       }},
      {"Unsqueeze",
       [](const Fold& f) {
         return with_shape(f, unsqueezed(f.operand(0).shape, given_axes(f.node, f.pointer(1))));
       }},
      {"Cast",
       [](const Fold& f) {
         f.budget.take(f.plain(0).shape);
         return cast(f.operand(0), f.node.integer("to", 0));
       }},
  };
  return table;
}

const std::map<std::string, Arithmetic>& arithmetic() {
  static const std::map<std::string, Arithmetic> table = {
      {"Add", Arithmetic::add},      {"Sub", Arithmetic::subtract},
      {"Mul", Arithmetic::multiply}, {"Div", Arithmetic::divide},
      {"Neg", Arithmetic::negate},   {"Sqrt", Arithmetic::square_root},
      {"Floor", Arithmetic::floor},
  };
  return table;
}

}  // namespace

std::size_t ElementBudget::take(const Dimensions& shape) {
  const auto elements = element_count(shape, left_);
  if (!elements) {
    throw NodeProblem(fmt::format(
        "folding it would make a constant of shape {}, which is too large", shape_text(shape)));
  }
  left_ -= *elements;
  return static_cast<std::size_t>(*elements);
}

bool can_fold(const std::string& type) {
  return folders().count(type) > 0 || arithmetic().count(type) > 0;
}

Tensor fold(const OnnxNode& node, const std::vector<TensorPointer>& inputs, ElementBudget& budget,
            const ModelSource& source) {
  const Fold fold{node, inputs, budget, source};
  const auto found = folders().find(node.type());
  if (found != folders().end()) return found->second(fold);
  const Arithmetic operation = arithmetic().at(node.type());
  const Tensor& a = fold.plain(0);
  const Tensor& b = is_binary(operation) ? fold.plain(1) : a;
  budget.take(broadcast(a.shape, b.shape));
  return compute(operation, a, b);
}

Tensor fold_shape(const OnnxNode& node, const Dimensions& dimensions) {
  if (node.type() == "Size") {
    return {{}, std::vector<std::int64_t>{element_count(dimensions).value_or(0)}, {}};
  }
  const auto rank = static_cast<std::int64_t>(dimensions.size());
  const auto bound = [&](const char* attribute, std::int64_t otherwise) {
    const std::int64_t given = node.integer(attribute, otherwise);
    return std::min(std::max<std::int64_t>(given < 0 ? given + rank : given, 0), rank);
  };
  const std::int64_t start = bound("start", 0);
  const std::int64_t end = std::max(start, bound("end", rank));
  return integers({dimensions.begin() + start, dimensions.begin() + end});
}

Dimensions whole_numbers(const Tensor& tensor) {
  Dimensions result;
  std::visit(
      [&](const auto& typed) {
        using Value = typename std::decay_t<decltype(typed)>::value_type;
        if constexpr (std::is_floating_point_v<Value>) {
          throw NodeProblem("an operand that must be whole numbers is real numbers");
        } else {
          result.assign(typed.begin(), typed.end());
        }
      },
      tensor.values);
  return result;
}

Dimensions given_axes(const OnnxNode& node, const TensorPointer& input) {
  return input != nullptr ? whole_numbers(*input) : node.integers("axes", {});
}

SliceOperands slice_operands(const OnnxNode& node, const std::vector<TensorPointer>& inputs) {
  const auto given = [&](std::size_t i, const char* attribute) -> Dimensions {
    if (i < inputs.size() && inputs[i] != nullptr) return whole_numbers(*inputs[i]);
    return node.integers(attribute, {});
  };
  return {given(1, "starts"), given(2, "ends"), given(3, "axes"), given(4, "steps")};
}

}  // namespace togglewise::graph
