// Elementwise arithmetic and casts of constants, without undefined results for any operands.
#pragma once

#include <cstdint>

#include "sim/graph/tensor.h"

namespace togglewise::graph {

enum class Arithmetic { add, subtract, multiply, divide, negate, square_root, floor };

constexpr bool is_binary(Arithmetic operation) { return operation <= Arithmetic::divide; }

// `operation` on a and b, of one type, stretched as ONNX does; unary operations leave b out. Whole
// numbers divide toward zero. Throws NodeProblem for types that differ, overflow and division of
// whole numbers by zero.
Tensor compute(Arithmetic operation, const Tensor& a, const Tensor& b);

// To ONNX's type number `type`. Throws NodeProblem for types that are not known and numbers that do
// not fit.
Tensor cast(const Tensor& tensor, std::int64_t type);

}  // namespace togglewise::graph
