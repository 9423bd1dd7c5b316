#include "sim/network/onnx_tensors.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::network {
namespace {

constexpr std::int64_t largest_tensor = std::int64_t{1} << 30;  // elements

std::string type_name(int type) {
  return onnx::TensorProto_DataType_IsValid(type)
             ? onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(type))
             : fmt::format("type {}", type);
}

}  // namespace

OnnxTensors::OnnxTensors(const onnx::GraphProto& graph, const std::string& source)
    : source_(source) {
  for (const onnx::TensorProto& tensor : graph.initializer()) tensors_[tensor.name()] = &tensor;
}

const onnx::TensorProto& OnnxTensors::find(const std::string& name, int type) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    throw Error::input("TW-ONNX-003", fmt::format("the initializer '{}' is missing", name))
        .at(source_)
        .expected(fmt::format("constants of type {} in the file", type_name(type)));
  }
  if (found->second->data_type() != type) {
    throw Error::input("TW-ONNX-003", fmt::format("the initializer '{}' is of type {}", name,
                                                  type_name(found->second->data_type())))
        .at(source_)
        .expected(type_name(type));
  }
  return *found->second;
}

template <typename T, typename Field>
OnnxTensor<T> OnnxTensors::read(const std::string& name, int type, const Field& typed_field) const {
  const onnx::TensorProto& tensor = find(name, type);
  OnnxTensor<T> result;
  std::int64_t elements = 1;
  for (const std::int64_t size : tensor.dims()) {
    elements = size < 0 || size > largest_tensor ? -1 : elements * size;
    if (elements < 0 || elements > largest_tensor) {
      throw Error::input("TW-ONNX-003",
                         fmt::format("the initializer '{}' has a dimension of {}", name, size))
          .at(source_)
          .expected(fmt::format("at most {} elements in all", largest_tensor));
    }
    result.shape.push_back(static_cast<int>(size));
  }
  const auto count = static_cast<std::size_t>(elements);
  const auto& typed = typed_field(tensor);
  const std::size_t stored = tensor.has_raw_data() ? tensor.raw_data().size() / sizeof(T)
                                                   : static_cast<std::size_t>(typed.size());
  if (stored != count || (tensor.has_raw_data() && tensor.raw_data().size() % sizeof(T) != 0)) {
    throw Error::input("TW-ONNX-003",
                       fmt::format("the initializer '{}' stores {} values", name, stored))
        .at(source_)
        .expected(fmt::format("{} values, as its dimensions say", count));
  }
  result.values.resize(count);
  if (tensor.has_raw_data()) {
    if (count > 0) std::memcpy(result.values.data(), tensor.raw_data().data(), count * sizeof(T));
  } else {
    std::transform(typed.begin(), typed.end(), result.values.begin(),
                   [](auto value) { return static_cast<T>(value); });
  }
  return result;
}

OnnxTensor<std::int8_t> OnnxTensors::int8(const std::string& name) const {
  return read<std::int8_t>(
      name, onnx::TensorProto_DataType_INT8,
      [](const onnx::TensorProto& t) -> const auto& { return t.int32_data(); });
}

OnnxTensor<std::int32_t> OnnxTensors::int32(const std::string& name) const {
  return read<std::int32_t>(
      name, onnx::TensorProto_DataType_INT32,
      [](const onnx::TensorProto& t) -> const auto& { return t.int32_data(); });
}

OnnxTensor<float> OnnxTensors::real(const std::string& name) const {
  return read<float>(
      name, onnx::TensorProto_DataType_FLOAT,
      [](const onnx::TensorProto& t) -> const auto& { return t.float_data(); });
}

float OnnxTensors::scalar(const std::string& name) const {
  const OnnxTensor<float> tensor = real(name);
  if (tensor.values.size() != 1) {
    throw Error::input("TW-ONNX-003", fmt::format("the initializer '{}' has {} values", name,
                                                  tensor.values.size()))
        .at(source_)
        .expected("one value");
  }
  return tensor.values[0];
}

void OnnxTensors::require_zero_point(const std::string& name) const {
  if (name.empty()) return;
  const OnnxTensor<std::int8_t> tensor = int8(name);
  const bool zero = std::all_of(tensor.values.begin(), tensor.values.end(),
                                [](std::int8_t value) { return value == 0; });
  if (!zero) {
    throw Error::input("TW-ONNX-003", fmt::format("the zero point '{}' is not 0", name))
        .at(source_)
        .expected("symmetric quantization: int8 zero points of 0");
  }
}

}  // namespace togglewise::network
