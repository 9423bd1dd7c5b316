#include "sim/graph/tensor.h"

#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "sim/base/error.h"
#include "sim/graph/external_data.h"

namespace togglewise::graph {
namespace {

std::string type_name(int type) {
  return onnx::TensorProto_DataType_IsValid(type)
             ? onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(type))
             : fmt::format("type {}", type);
}

float from_bits(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

float from_bfloat16(std::uint16_t bits) { return from_bits(std::uint32_t{bits} << 16); }

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
float from_float16(std::uint16_t bits) {
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  const int exponent = (bits >> 10) & 0x1F;
  const auto fraction = static_cast<float>(bits & 0x3FFU);
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VALF : std::nanf("");
  return sign * std::ldexp(1024.0F + fraction, exponent - 25);
}

class TensorReader {
 public:
  TensorReader(const onnx::TensorProto& proto, const ModelSource& source)
      : proto_(proto), source_(source) {}

  Tensor read() {
    for (const std::int64_t size : proto_.dims()) result_.shape.push_back(size);
    const auto elements = element_count(result_.shape);
    if (!elements) {
      throw bad(fmt::format("has the shape {}", shape_text(result_.shape)),
                fmt::format("at most {} elements in all", largest_tensor));
    }
    count_ = static_cast<std::size_t>(*elements);
    read_values();
    return std::move(result_);
  }

 private:
  Error bad(const std::string& what, const std::string& expected) const {
    return Error::input("TW-ONNX-003", fmt::format("the initializer '{}' {}", proto_.name(), what))
        .at(source_.name)
        .expected(expected);
  }

  void read_values() {
    const auto same = [](auto value) { return value; };
    switch (proto_.data_type()) {
      case onnx::TensorProto_DataType_FLOAT:
        return read_as<float, float>(proto_.float_data(), same);
      case onnx::TensorProto_DataType_DOUBLE:
        return read_as<double, float>(proto_.double_data(), same);
      case onnx::TensorProto_DataType_FLOAT16:
        return read_as<std::uint16_t, float>(proto_.int32_data(), from_float16);
      case onnx::TensorProto_DataType_BFLOAT16:
        return read_as<std::uint16_t, float>(proto_.int32_data(), from_bfloat16);
      case onnx::TensorProto_DataType_INT64:
        return read_as<std::int64_t, std::int64_t>(proto_.int64_data(), same);
      case onnx::TensorProto_DataType_INT32:
        return read_as<std::int32_t, std::int32_t>(proto_.int32_data(), same);
      case onnx::TensorProto_DataType_INT8:
        return read_as<std::int8_t, std::int8_t>(proto_.int32_data(), same);
      case onnx::TensorProto_DataType_UINT8:
      case onnx::TensorProto_DataType_BOOL:
        return read_as<std::uint8_t, std::uint8_t>(proto_.int32_data(), same);
      default:
        throw bad(fmt::format("is of type {}", type_name(proto_.data_type())),
                  "floating-point numbers, INT64, INT32, INT8, UINT8 or BOOL");
    }
  }

  // `Stored` is the type in raw data, which is little-endian by definition, as are the machines
  // this runs on (x86-64).
  template <typename Stored, typename Result, typename Field, typename Convert>
  void read_as(const Field& typed, const Convert& convert) {
    std::vector<Result> values;
    const bool external = proto_.data_location() == onnx::TensorProto_DataLocation_EXTERNAL;
    if (external || proto_.has_raw_data()) {
      const std::string fetched =
          external ? read_external_data(proto_, count_ * sizeof(Stored), source_) : std::string();
      const std::string& raw = external ? fetched : proto_.raw_data();
      require_stored(raw.size() / sizeof(Stored), raw.size() % sizeof(Stored) == 0);
      values.reserve(count_);
      for (std::size_t i = 0; i < count_; ++i) {
        Stored stored{};
        std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
        values.push_back(narrow<Result>(convert(stored)));
      }
    } else {
      require_stored(static_cast<std::size_t>(typed.size()), true);
      values.reserve(count_);
      for (const auto stored : typed) {
        values.push_back(narrow<Result>(convert(static_cast<Stored>(stored))));
      }
    }
    result_.values = std::move(values);
  }

  // A double beyond float's range becomes infinite; the conversion itself would be undefined.
  template <typename Result, typename Wide>
  static Result narrow(Wide value) {
    if constexpr (std::is_same_v<Wide, double>) {
      if (std::abs(value) > 3.4028234663852886e38) return std::copysign(HUGE_VALF, value);
    }
    return static_cast<Result>(value);
  }

  void require_stored(std::size_t stored, bool whole) const {
    if (stored == count_ && whole) return;
    throw bad(fmt::format("stores {} values", stored),
              fmt::format("{} values, as its dimensions say", count_));
  }

  const onnx::TensorProto& proto_;
  const ModelSource& source_;
  Tensor result_;
  std::size_t count_ = 0;
};

}  // namespace

std::size_t Tensor::size() const {
  return std::visit([](const auto& typed) { return typed.size(); }, values);
}

std::vector<double> Tensor::reals() const {
  std::vector<double> result;
  result.reserve(size());
  std::visit(
      [&](const auto& typed) {
        for (const auto value : typed) result.push_back(static_cast<double>(value));
      },
      values);
  if (!quantization) return result;
  std::size_t inner = 1;  // elements from one index of the axis to the next
  const auto axis = static_cast<std::size_t>(quantization->axis);
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= static_cast<std::size_t>(shape[i]);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] *= double{quantization->scale[i / inner % quantization->scale.size()]};
  }
  return result;
}

std::optional<std::int64_t> element_count(const Dimensions& shape, std::int64_t largest) {
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0 || size > largest_dimension) return std::nullopt;
    empty = empty || size == 0;
    if (size > 0) {
      if (count > largest / size) return std::nullopt;
      count *= size;
    }
  }
  return empty ? 0 : count;
}

std::string shape_text(const Dimensions& shape) {
  return shape.empty() ? "a scalar" : fmt::format("{}", fmt::join(shape, "×"));
}

Tensor read_tensor(const onnx::TensorProto& proto, const ModelSource& source) {
  return TensorReader(proto, source).read();
}

}  // namespace togglewise::graph
