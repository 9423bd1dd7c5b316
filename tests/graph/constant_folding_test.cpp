// Constants computed by chains of nodes, against values worked out by hand.
#include "sim/graph/constant_folding.h"

#include <cmath>
#include <limits>

#include "tests/config/expect_error.h"
#include "tests/graph/graph_builder.h"

namespace togglewise::graph {
namespace {

using Whole = std::vector<std::int64_t>;
using Reals = std::vector<float>;

Tensor whole(Dimensions shape, Whole values) { return {std::move(shape), std::move(values), {}}; }
Tensor real(Dimensions shape, Reals values) { return {std::move(shape), std::move(values), {}}; }

class ConstantFolding : public testing::Test {
 protected:
  onnx::NodeProto& make(const std::string& type) {
    proto.Clear();
    proto.set_op_type(type);
    proto.add_output("result");
    return proto;
  }
  void integers(const std::string& name, const std::vector<int>& values) {
    network::OnnxBuilder::add_integers(proto, name, values);
  }
  void integer(const std::string& name, int value) {
    network::OnnxBuilder::add_integer(proto, name, value);
  }
  Tensor result(const std::vector<Tensor>& inputs) {
    std::vector<TensorPointer> pointers;
    for (const Tensor& input : inputs) pointers.push_back(std::make_shared<const Tensor>(input));
    ElementBudget budget(1000);
    return fold(OnnxNode(proto), pointers, budget, {"test", {}});
  }
  void expect(const std::vector<Tensor>& inputs, const Tensor& expected) {
    const Tensor folded = result(inputs);
    EXPECT_EQ(folded.shape, expected.shape) << proto.op_type();
    EXPECT_EQ(folded.values, expected.values) << proto.op_type();
  }
  void expect_problem(const std::vector<Tensor>& inputs, const std::string& word) {
    try {
      result(inputs);
      ADD_FAILURE() << proto.op_type() << " was folded, expected: " << word;
    } catch (const NodeProblem& problem) {
      EXPECT_THAT(problem.what(), testing::HasSubstr(word));
    }
  }

  onnx::NodeProto proto;
  const Tensor matrix = whole({2, 3}, {1, 2, 3, 4, 5, 6});
};

TEST_F(ConstantFolding, Shapes_AreTakenApart) {
  make("Shape");
  expect({matrix}, whole({2}, {2, 3}));
  integer("start", -1);
  expect({matrix}, whole({1}, {3}));
  make("Size");
  expect({matrix}, whole({}, {6}));
  make("Gather");
  expect({matrix, whole({}, {-1})}, whole({3}, {4, 5, 6}));
  integer("axis", 1);
  expect({matrix, whole({2}, {2, 0})}, whole({2, 2}, {3, 1, 6, 4}));
  expect_problem({matrix, whole({}, {3})}, "index 3 of 3");
}

TEST_F(ConstantFolding, ElementsAreMoved) {
  make("Transpose");
  expect({matrix}, whole({3, 2}, {1, 4, 2, 5, 3, 6}));
  integers("perm", {0, 0});
  expect_problem({matrix}, "named twice");
  make("Reshape");
  expect({matrix, whole({2}, {0, -1})}, matrix);
  expect({matrix, whole({1}, {-1})}, whole({6}, {1, 2, 3, 4, 5, 6}));
  expect_problem({matrix, whole({2}, {4, -1})}, "2×3 does not become 4×-1");
  make("Unsqueeze");
  expect({whole({2}, {7, 8}), whole({2}, {0, -1})}, whole({1, 2, 1}, {7, 8}));
  make("Squeeze");
  expect({whole({1, 2, 1}, {7, 8})}, whole({2}, {7, 8}));
  expect_problem({matrix, whole({1}, {1})}, "dimension 1 is 3");
  make("Concat");
  integer("axis", 1);
  expect({matrix, whole({2, 1}, {9, 8})}, whole({2, 4}, {1, 2, 3, 9, 4, 5, 6, 8}));
  expect_problem({matrix, whole({1, 2}, {9, 8})}, "different shapes");
  make("Flatten");
  integer("axis", 0);
  expect({matrix}, whole({1, 6}, {1, 2, 3, 4, 5, 6}));
}

TEST_F(ConstantFolding, Slices_GoBothWays) {
  make("Slice");
  const Tensor axis = whole({1}, {0});
  const Tensor row = whole({4}, {10, 11, 12, 13});
  const auto lowest = std::numeric_limits<std::int64_t>::min();
  const auto highest = std::numeric_limits<std::int64_t>::max();
  expect({row, whole({1}, {-1}), whole({1}, {lowest + 1}), axis, whole({1}, {-1})},
         whole({4}, {13, 12, 11, 10}));
  expect({row, whole({1}, {1}), whole({1}, {highest}), axis, whole({1}, {2})},
         whole({2}, {11, 13}));
  expect({row, whole({1}, {3}), whole({1}, {0}), axis, whole({1}, {lowest})}, whole({1}, {13}));
  expect({row, whole({1}, {2}), whole({1}, {1}), axis, whole({1}, {1})}, whole({0}, {}));
  expect_problem({row, whole({1}, {0}), whole({1}, {1}), axis, whole({1}, {0})}, "step of 0");
}

TEST_F(ConstantFolding, Arithmetic_StretchesAndRefusesWhatIsUndefined) {
  make("Add");
  expect({matrix, whole({3}, {10, 20, 30})}, whole({2, 3}, {11, 22, 33, 14, 25, 36}));
  expect({whole({2, 1}, {1, 2}), whole({1, 2}, {10, 20})}, whole({2, 2}, {11, 21, 12, 22}));
  expect_problem({matrix, whole({2}, {1, 2})}, "do not go together");
  expect_problem({matrix, real({}, {1})}, "differ in type");
  make("Mul");
  const auto highest = std::numeric_limits<std::int64_t>::max();
  expect_problem({whole({}, {highest}), whole({}, {2})}, "overflows");
  make("Div");
  expect({whole({}, {-7}), whole({}, {2})}, whole({}, {-3}));
  expect_problem({matrix, whole({}, {0})}, "divides by zero");
  expect_problem({whole({}, {std::numeric_limits<std::int64_t>::min()}), whole({}, {-1})},
                 "overflows");
  make("Sqrt");
  expect({real({2}, {4, 9})}, real({2}, {2, 3}));
  make("Floor");
  expect({real({2}, {-0.5F, 1.5F})}, real({2}, {-1, 1}));
  make("Neg");
  expect({whole({1}, {5})}, whole({1}, {-5}));
}

TEST_F(ConstantFolding, Casts_RefuseNumbersThatDoNotFit) {
  make("Cast");
  integer("to", onnx::TensorProto_DataType_INT64);
  expect({real({2}, {-1.5F, 3.9F})}, whole({2}, {-1, 3}));
  expect_problem({real({}, {1e30F})}, "does not fit");
  expect_problem({real({}, {std::nanf("")})}, "does not fit");
  make("Cast");
  integer("to", onnx::TensorProto_DataType_STRING);
  expect_problem({matrix}, "cast to type 8");
}

TEST_F(ConstantFolding, ConstantsBeyondTheBudget_AreNotMade) {
  make("ConstantOfShape");
  expect({whole({2}, {1, 2})}, real({1, 2}, {0, 0}));
  expect_problem({whole({1}, {2000})}, "too large");
  expect_problem({whole({2}, {std::int64_t{1} << 40, std::int64_t{1} << 40})},
                 "a constant of shape");
  expect_problem({whole({1}, {-1})}, "a constant of shape -1");
}

}  // namespace
}  // namespace togglewise::graph
