// The initializers of an ONNX graph as typed vectors, with checks that name what is wrong.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace togglewise::network {

template <typename T>
struct OnnxTensor {
  std::vector<int> shape;
  std::vector<T> values;
};

// Reads tensors out of a graph that must live as long. `source` is the file named in messages.
// Every reader throws TW-ONNX-003 when there is no such initializer, or its type or size is wrong.
class OnnxTensors {
 public:
  OnnxTensors(const onnx::GraphProto& graph, const std::string& source);

  bool contains(const std::string& name) const { return tensors_.count(name) > 0; }
  OnnxTensor<std::int8_t> int8(const std::string& name) const;
  OnnxTensor<std::int32_t> int32(const std::string& name) const;
  OnnxTensor<float> real(const std::string& name) const;

  // A tensor of exactly one value.
  float scalar(const std::string& name) const;
  // All values zero: the only zero point there is. "" stands for a zero point left out.
  void require_zero_point(const std::string& name) const;

 private:
  const onnx::TensorProto& find(const std::string& name, int type) const;
  template <typename T, typename Field>
  OnnxTensor<T> read(const std::string& name, int type, const Field& typed_field) const;

  std::map<std::string, const onnx::TensorProto*> tensors_;
  std::string source_;
};

}  // namespace togglewise::network
