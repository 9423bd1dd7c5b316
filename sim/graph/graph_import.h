// Walks an ONNX graph and builds a network of it: the state that all operators share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "sim/base/error.h"
#include "sim/graph/draft.h"
#include "sim/graph/onnx_import.h"
#include "sim/graph/onnx_node.h"

namespace togglewise::graph {

class GraphImport {
 public:
  // `own`: the file was written by togglewise, so every node stands for one of the network's and
  // keeps its name; otherwise Pads are merged into convolutions, Slices into one, and so on.
  GraphImport(const onnx::ModelProto& model, const ModelSource& source, bool own);

  // Throws TW-ONNX-002 naming every node that is not supported, TW-ONNX-003, TW-ONNX-005 and
  // TW-ONNX-006.
  ImportedNetwork run();

  // For the operators.
  bool own() const { return own_; }
  std::int64_t batch() const { return batch_; }
  const ModelSource& source() const { return source_; }
  const Value& value(const OnnxNode& node, int index) const;
  bool is_constant(const OnnxNode& node, int index) const;
  // Throw NodeProblem when the operand is left out or of the other kind.
  const Activation& activation(const OnnxNode& node, int index) const;
  const Activation& activation_of(const OnnxNode& node) const;  // its result, once defined
  TensorPointer constant(const OnnxNode& node, int index) const;
  TensorPointer constant_or_null(const OnnxNode& node, int index) const;

  // The operand as (C, H, W), or as one vector (C, 1, 1), behind a Flatten where it is none yet.
  Activation feature_map(const OnnxNode& node, int index);
  Activation vector(const OnnxNode& node, int index);

  // The node's result is a new operation's, or the operand's under another name and shape.
  Draft& add(const OnnxNode& node, network::Operation operation,
             const std::vector<Activation>& inputs);
  void pass(const OnnxNode& node, int index, Activation activation);
  void define(const OnnxNode& node, Value value);

  // The operation whose result operand `index` is, when nobody else reads that result; null
  // otherwise. `attachable` when it is not quantized, too: what comes next can become part of it.
  Draft* sole_producer(const OnnxNode& node, int index);
  Draft* attachable(const OnnxNode& node, int index);
  Draft& draft(int node) { return drafts_[static_cast<std::size_t>(node)]; }
  bool read_once(const std::string& value) const;
  bool is_output(const std::string& value) const { return value == graph_.output(0).name(); }

  // The network's input: normalization and scale. The image's shape is open until something but
  // another shape is made of it.
  network::InputNormalization& normalization() { return normalization_; }
  bool is_open_input(const OnnxNode& node, int index) const;
  void set_input_shape(const network::FeatureMapShape& shape) { input_ = shape; }
  void close_input(const Activation& activation);
  void quantize(const OnnxNode& node, const Activation& activation, float scale);
  network::FeatureMapShape shape_of(int node) const;
  ElementBudget& budget() { return budget_; }

 private:
  void read_initializers();
  void read_input();
  void check_order() const;
  void read_node(const OnnxNode& node);
  void fold_node(const OnnxNode& node);
  bool unknown_operand(const OnnxNode& node) const;
  bool all_constant(const OnnxNode& node) const;
  void report(const OnnxNode& node, const std::string& reason);
  void throw_problems() const;
  const Activation& final_value() const;
  void use_unit_pixels();
  void assign_scale(int node, float scale);

  const onnx::GraphProto& graph_;
  const ModelSource& source_;
  bool own_;
  ElementBudget budget_;
  std::map<std::string, Value> values_;
  std::map<std::string, const onnx::TensorProto*> initializers_;
  std::map<std::string, int> readers_;  // of each value, the graph's output among them
  std::vector<Draft> drafts_;
  std::vector<std::string> problems_;
  std::int64_t batch_ = 1;
  std::string input_value_;  // the name that the input has by now
  network::FeatureMapShape input_;
  bool input_open_ = true;
  network::InputNormalization normalization_;
  float input_scale_ = 0;
  bool quantized_ = false;
};

// One operator: reads its operands and adds to the import. Throws NodeProblem.
using OperatorImport = void (*)(GraphImport&, const OnnxNode&);
// Null for operators that are not known.
OperatorImport find_operator(const std::string& type);

}  // namespace togglewise::graph
