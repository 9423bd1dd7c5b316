#include "sim/graph/constant_arithmetic.h"

#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "sim/graph/onnx_node.h"
#include "sim/graph/shape_rules.h"

namespace togglewise::graph {
namespace {

template <typename T>
T computed(Arithmetic operation, T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    switch (operation) {
      case Arithmetic::add:
        return a + b;
      case Arithmetic::subtract:
        return a - b;
      case Arithmetic::multiply:
        return a * b;
      case Arithmetic::divide:
        return b == 0 ? std::copysign(HUGE_VALF, a) : a / b;
      case Arithmetic::negate:
        return -a;
      case Arithmetic::square_root:
        return std::sqrt(a);
      case Arithmetic::floor:
        return std::floor(a);
    }
  } else {
    T result = 0;
    bool overflow = false;
    switch (operation) {
      case Arithmetic::add:
        overflow = __builtin_add_overflow(a, b, &result);
        break;
      case Arithmetic::subtract:
        overflow = __builtin_sub_overflow(a, b, &result);
        break;
      case Arithmetic::multiply:
        overflow = __builtin_mul_overflow(a, b, &result);
        break;
      case Arithmetic::divide:
        if (b == 0) throw NodeProblem("it divides by zero");
        overflow = std::is_signed_v<T> && a == std::numeric_limits<T>::min() &&
                   static_cast<std::int64_t>(b) == -1;
        result = overflow ? T{0} : static_cast<T>(a / b);
        break;
      case Arithmetic::negate:
        overflow = __builtin_sub_overflow(T{0}, a, &result);
        break;
      case Arithmetic::square_root:
      case Arithmetic::floor:
        throw NodeProblem("it is asked for of whole numbers");
    }
    if (overflow) throw NodeProblem("its result overflows");
    return result;
  }
  throw NodeProblem("no such arithmetic");
}

// Index into `shape` of element i of `result`: dimensions of 1 stand still.
class Stretched {
 public:
  Stretched(const Dimensions& shape, const Dimensions& result)
      : sizes_(result.begin(), result.end()), strides_(result.size(), 0) {
    std::size_t stride = 1;
    for (std::size_t back = 1; back <= shape.size(); ++back) {
      const auto size = static_cast<std::size_t>(shape[shape.size() - back]);
      if (size != 1) strides_[result.size() - back] = stride;
      stride *= size;
    }
  }
  std::size_t operator()(std::size_t i) const {
    std::size_t index = 0;
    for (std::size_t axis = sizes_.size(); axis-- > 0;) {
      const auto size = static_cast<std::size_t>(sizes_[axis]);
      index += i % size * strides_[axis];
      i /= size;
    }
    return index;
  }

 private:
  Dimensions sizes_;
  std::vector<std::size_t> strides_;
};

template <typename To>
Tensor cast_to(const Tensor& tensor) {
  std::vector<To> values;
  values.reserve(tensor.size());
  std::visit(
      [&](const auto& typed) {
        using From = typename std::decay_t<decltype(typed)>::value_type;
        for (const From value : typed) {
          if constexpr (!std::is_floating_point_v<To>) {
            // Both bounds are exact in double but for int64's upper one, which rounds up to 2^63.
            const auto wide = static_cast<double>(value);
            const auto low = static_cast<double>(std::numeric_limits<To>::min());
            const auto high = static_cast<double>(std::numeric_limits<To>::max());
            constexpr bool same = std::is_same_v<From, To>;
            const bool fits =
                same || (wide >= low && (sizeof(To) == 8 ? wide < high : wide <= high));
            // The largest int64 means "to the end" in Slice and may pass through int64 only.
            if (!fits) throw NodeProblem(fmt::format("{} does not fit the type", wide));
          }
          values.push_back(static_cast<To>(value));
        }
      },
      tensor.values);
  return {tensor.shape, std::move(values), {}};
}

}  // namespace

Tensor compute(Arithmetic operation, const Tensor& a, const Tensor& b) {
  if (a.values.index() != b.values.index()) throw NodeProblem("its operands differ in type");
  Tensor result{is_binary(operation) ? broadcast(a.shape, b.shape) : a.shape, {}, {}};
  const auto count = static_cast<std::size_t>(element_count(result.shape).value_or(0));
  const Stretched from_a(a.shape, result.shape);
  const Stretched from_b(b.shape, result.shape);
  std::visit(
      [&](const auto& left) {
        using Values = std::decay_t<decltype(left)>;
        const auto& right = std::get<Values>(b.values);
        Values values;
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
          values.push_back(computed(operation, left[from_a(i)], right[from_b(i)]));
        }
        result.values = std::move(values);
      },
      a.values);
  return result;
}

Tensor cast(const Tensor& tensor, std::int64_t type) {
  switch (type) {
    case onnx::TensorProto_DataType_FLOAT:
    case onnx::TensorProto_DataType_DOUBLE:
      return cast_to<float>(tensor);
    case onnx::TensorProto_DataType_INT64:
      return cast_to<std::int64_t>(tensor);
    case onnx::TensorProto_DataType_INT32:
      return cast_to<std::int32_t>(tensor);
    case onnx::TensorProto_DataType_INT8:
      return cast_to<std::int8_t>(tensor);
    case onnx::TensorProto_DataType_UINT8:
      return cast_to<std::uint8_t>(tensor);
    default:
      throw NodeProblem(fmt::format("a cast to type {}", type));
  }
}

}  // namespace togglewise::graph
