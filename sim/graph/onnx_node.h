// One node of an ONNX graph and its attributes, with what may be wrong with it.
#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "sim/graph/tensor.h"

namespace togglewise::graph {

// Why one node cannot be imported. The import collects these and goes on, so that one run names
// every node that stands in the way.
class NodeProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class OnnxNode {
 public:
  // `proto` must live as long.
  explicit OnnxNode(const onnx::NodeProto& proto) : proto_(proto) {}

  // The node's name, or its result's where it has none.
  const std::string& name() const;
  bool has_name() const { return !proto_.name().empty(); }
  const std::string& type() const { return proto_.op_type(); }
  const onnx::NodeProto& proto() const { return proto_; }

  int input_count() const { return proto_.input_size(); }
  const std::string& input(int index) const;  // "" when the node has fewer inputs
  bool has_input(int index) const { return !input(index).empty(); }
  const std::string& output() const { return proto_.output(0); }

  // Attributes that are not named are refused: they may change what the node computes.
  void only_attributes(const std::set<std::string>& known) const;
  bool has(const std::string& attribute) const { return find(attribute) != nullptr; }
  std::int64_t integer(const std::string& attribute, std::int64_t otherwise) const;
  Dimensions integers(const std::string& attribute, const Dimensions& otherwise) const;
  float real(const std::string& attribute, float otherwise) const;
  std::string text(const std::string& attribute, const std::string& otherwise) const;
  const onnx::AttributeProto* find(const std::string& attribute) const;

 private:
  const onnx::NodeProto& proto_;
};

// `axis` counted from the end where negative. Throws NodeProblem unless it is one of `rank` axes.
std::size_t checked_axis(std::int64_t axis, std::size_t rank);

}  // namespace togglewise::graph
