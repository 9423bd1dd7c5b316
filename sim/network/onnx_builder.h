// Nodes, attributes and initializers of an ONNX model under construction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace togglewise::network {

class OnnxBuilder {
 public:
  explicit OnnxBuilder(const std::string& graph_name);

  onnx::ModelProto& model() { return model_; }

  void add_input(const std::string& name, const std::vector<int>& dimensions);
  void add_output(const std::string& name, const std::vector<int>& dimensions);

  onnx::NodeProto& add_node(const std::string& type, const std::string& name,
                            const std::vector<std::string>& inputs, const std::string& output);
  static void add_integer(onnx::NodeProto& node, const std::string& name, int value);
  static void add_integers(onnx::NodeProto& node, const std::string& name,
                           const std::vector<int>& values);

  void add_reals(const std::string& name, const std::vector<int>& dimensions,
                 const std::vector<float>& values);
  void add_int8(const std::string& name, const std::vector<int>& dimensions,
                const std::vector<std::int8_t>& values);
  void add_int32(const std::string& name, const std::vector<int>& dimensions,
                 const std::vector<std::int32_t>& values);
  void add_list(const std::string& name, const std::vector<std::int64_t>& values);  // int64

  void add_metadata(const std::string& key, const std::string& value);

 private:
  template <typename T>
  void add_tensor(const std::string& name, onnx::TensorProto_DataType type,
                  const std::vector<int>& dimensions, const std::vector<T>& values);
  static void add_value(onnx::ValueInfoProto& value, const std::string& name,
                        const std::vector<int>& dimensions);

  onnx::ModelProto model_;
  onnx::GraphProto* graph_;
};

}  // namespace togglewise::network
