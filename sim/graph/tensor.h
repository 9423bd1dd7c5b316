// Constants of an ONNX graph: typed values with a shape, read with every size checked beforehand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace togglewise::graph {

using Dimensions = std::vector<std::int64_t>;

// The types that are computed with. DOUBLE, FLOAT16 and BFLOAT16 are read as float, BOOL as uint8.
using TensorValues =
    std::variant<std::vector<float>, std::vector<std::int64_t>, std::vector<std::int32_t>,
                 std::vector<std::int8_t>, std::vector<std::uint8_t>>;

// The constant behind a DequantizeLinear: real = scale · value, one scale for all or for each index
// of `axis`.
struct Quantization {
  std::vector<float> scale;
  int axis = 0;
};

struct Tensor {
  Dimensions shape;
  TensorValues values;
  std::optional<Quantization> quantization;

  std::size_t size() const;
  // Values as real numbers, dequantized. Integers beyond 2^53 lose digits.
  std::vector<double> reals() const;
};

constexpr std::int64_t largest_tensor = std::int64_t{1} << 30;  // elements
constexpr std::int64_t largest_dimension = std::int64_t{1} << 30;

// Product of the dimensions, or nothing when one is negative or the product is beyond `largest`.
std::optional<std::int64_t> element_count(const Dimensions& shape,
                                          std::int64_t largest = largest_tensor);

// "3×4×4"; "a scalar" without dimensions.
std::string shape_text(const Dimensions& shape);

// Where a model comes from: named in messages, and the folder of its external data (empty: from
// memory, where there is none).
struct ModelSource {
  std::string name;
  std::filesystem::path folder;
};

// Throws TW-ONNX-003 (type, size or values do not fit) and TW-ONNX-006 (external data).
Tensor read_tensor(const onnx::TensorProto& proto, const ModelSource& source);

}  // namespace togglewise::graph
