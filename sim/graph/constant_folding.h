// Evaluates nodes whose operands are all constants: the chains that exporters write around shapes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/graph/onnx_node.h"
#include "sim/graph/tensor.h"

namespace togglewise::graph {

using TensorPointer = std::shared_ptr<const Tensor>;

// Elements that folding may still make. A file of a few bytes could otherwise ask for any amount.
class ElementBudget {
 public:
  explicit ElementBudget(std::int64_t elements) : left_(elements) {}
  // Throws NodeProblem when `shape` is not possible or there is not so much left.
  std::size_t take(const Dimensions& shape);

 private:
  std::int64_t left_;
};

// Whether fold() knows the operator: Constant, Shape, Size, Gather, Cast, ConstantOfShape, Concat,
// Slice, Reshape, Flatten, Transpose, Squeeze, Unsqueeze, Identity, Add, Sub, Mul, Div, Neg, Sqrt,
// Floor.
bool can_fold(const std::string& type);

// The node's result. `inputs` are its operands; null where one is left out. Throws NodeProblem, and
// what read_tensor() throws for a Constant.
Tensor fold(const OnnxNode& node, const std::vector<TensorPointer>& inputs, ElementBudget& budget,
            const ModelSource& source);

// Shape and Size of a value that is no constant: only its dimensions are known.
Tensor fold_shape(const OnnxNode& node, const Dimensions& dimensions);

// Whole numbers of a constant of any integer type. Throws NodeProblem for real numbers.
Dimensions whole_numbers(const Tensor& tensor);

// The axes of Squeeze, Unsqueeze and ReduceMean: attribute `axes` or, from opset 13 (18) on,
// input 1. Empty when neither is there.
Dimensions given_axes(const OnnxNode& node, const TensorPointer& input);

// starts, ends, axes, steps of Slice: inputs, or attributes before opset 10.
struct SliceOperands {
  Dimensions starts, ends, axes, steps;
};
SliceOperands slice_operands(const OnnxNode& node, const std::vector<TensorPointer>& inputs);

}  // namespace togglewise::graph
