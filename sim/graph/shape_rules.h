// What ONNX's shape operators do to dimensions: the same for constants and for feature maps.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/graph/tensor.h"

namespace togglewise::graph {

// All of them throw NodeProblem where the operands do not fit.

// Reshape: 0 keeps the dimension at its place (unless `allow_zero`), one −1 takes what is left.
Dimensions reshaped(const Dimensions& from, const Dimensions& target, bool allow_zero);

// Without axes every dimension of 1 is dropped.
Dimensions squeezed(const Dimensions& from, const Dimensions& axes);
Dimensions unsqueezed(const Dimensions& from, const Dimensions& axes);

// Flatten: two dimensions, those before `axis` and the rest.
Dimensions flattened(const Dimensions& from, std::int64_t axis);

// `given`, or the axes in reverse order where it is empty; each axis once.
std::vector<std::size_t> permutation(const Dimensions& given, std::size_t rank);

struct SliceRange {
  std::int64_t begin = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

// One range for each dimension of `from`. `axes` and `steps` may be empty, as in ONNX.
std::vector<SliceRange> slice_ranges(const Dimensions& from, const Dimensions& starts,
                                     const Dimensions& ends, const Dimensions& axes,
                                     const Dimensions& steps);

// Shape of an elementwise operation's result: aligned at the last dimension, 1 stretches.
Dimensions broadcast(const Dimensions& a, const Dimensions& b);

}  // namespace togglewise::graph
