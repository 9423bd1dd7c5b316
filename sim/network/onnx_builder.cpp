#include "sim/network/onnx_builder.h"

#include <cstring>
#include <utility>

#include "sim/network/onnx_names.h"

namespace togglewise::network {

namespace names = onnx_names;

OnnxBuilder::OnnxBuilder(const std::string& graph_name) : graph_(model_.mutable_graph()) {
  model_.set_ir_version(names::ir_version);
  model_.set_producer_name(names::producer);
  onnx::OperatorSetIdProto& opset = *model_.add_opset_import();
  opset.set_domain("");
  opset.set_version(names::opset);
  graph_->set_name(graph_name);
}

void OnnxBuilder::add_input(const std::string& name, const std::vector<int>& dimensions) {
  add_value(*graph_->add_input(), name, dimensions);
}

void OnnxBuilder::add_output(const std::string& name, const std::vector<int>& dimensions) {
  add_value(*graph_->add_output(), name, dimensions);
}

void OnnxBuilder::add_value(onnx::ValueInfoProto& value, const std::string& name,
                            const std::vector<int>& dimensions) {
  value.set_name(name);
  onnx::TypeProto_Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto_DataType_FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("batch");
  for (const int size : dimensions) type.mutable_shape()->add_dim()->set_dim_value(size);
}

onnx::NodeProto& OnnxBuilder::add_node(const std::string& type, const std::string& name,
                                       const std::vector<std::string>& inputs,
                                       const std::string& output) {
  onnx::NodeProto& node = *graph_->add_node();
  node.set_op_type(type);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

void OnnxBuilder::add_integer(onnx::NodeProto& node, const std::string& name, int value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto_AttributeType_INT);
  attribute.set_i(value);
}

void OnnxBuilder::add_integers(onnx::NodeProto& node, const std::string& name,
                               const std::vector<int>& values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto_AttributeType_INTS);
  for (const int value : values) attribute.add_ints(value);
}

// raw_data is little-endian by definition, as are the machines this runs on (x86-64).
template <typename T>
void OnnxBuilder::add_tensor(const std::string& name, onnx::TensorProto_DataType type,
                             const std::vector<int>& dimensions, const std::vector<T>& values) {
  onnx::TensorProto& tensor = *graph_->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const int size : dimensions) tensor.add_dims(size);
  std::string raw(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
  tensor.set_raw_data(std::move(raw));
}

void OnnxBuilder::add_reals(const std::string& name, const std::vector<int>& dimensions,
                            const std::vector<float>& values) {
  add_tensor(name, onnx::TensorProto_DataType_FLOAT, dimensions, values);
}

void OnnxBuilder::add_int8(const std::string& name, const std::vector<int>& dimensions,
                           const std::vector<std::int8_t>& values) {
  add_tensor(name, onnx::TensorProto_DataType_INT8, dimensions, values);
}

void OnnxBuilder::add_int32(const std::string& name, const std::vector<int>& dimensions,
                            const std::vector<std::int32_t>& values) {
  add_tensor(name, onnx::TensorProto_DataType_INT32, dimensions, values);
}

void OnnxBuilder::add_list(const std::string& name, const std::vector<std::int64_t>& values) {
  add_tensor(name, onnx::TensorProto_DataType_INT64, {static_cast<int>(values.size())}, values);
}

void OnnxBuilder::add_metadata(const std::string& key, const std::string& value) {
  onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

}  // namespace togglewise::network
