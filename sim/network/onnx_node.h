// One node of an ONNX graph with checks of its attributes: what is not understood is refused, by
// the node's name, with TW-ONNX-002.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "sim/base/error.h"

namespace togglewise::network {

// A graph that is not the chain of operators that is understood.
Error unsupported_graph(const std::string& source, const std::string& message);

class OnnxNode {
 public:
  // `proto` and `source`, the file named in messages, must live as long.
  OnnxNode(const onnx::NodeProto& proto, const std::string& source)
      : proto_(proto), source_(source) {}

  const std::string& name() const { return proto_.name(); }
  const std::string& type() const { return proto_.op_type(); }
  const std::string& output() const { return proto_.output(0); }
  std::string input(int index) const;  // "" when the node has fewer inputs

  Error unsupported(const std::string& why) const;

  // Attributes that are not named are refused: they may change what the node computes.
  void only_attributes(const std::set<std::string>& known) const;
  // Throws unless the attribute (or, when it is absent, `otherwise`) is `value`.
  void require(const std::string& attribute, const std::vector<int>& value,
               const std::vector<int>& otherwise) const;
  // The number that all `count` values of an attribute are; other layers are not computed.
  int uniform(const std::string& attribute, std::size_t count, int otherwise) const;
  void require_unit_factor(const std::string& attribute) const;

 private:
  const onnx::AttributeProto* find(const std::string& attribute) const;
  std::vector<int> integers(const std::string& attribute, const std::vector<int>& otherwise) const;

  const onnx::NodeProto& proto_;
  const std::string& source_;
};

}  // namespace togglewise::network
