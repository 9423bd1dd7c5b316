#include "sim/graph/graph_import.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/graph/finish_import.h"
#include "sim/graph/window_import.h"

namespace togglewise::graph {
namespace {

constexpr std::size_t most_listed = 40;  // problems in one message
// Deviations beyond this say that the graph takes pixels 0..255 and not 0..1: after normalization
// pixels span a few units.
constexpr float largest_unit_deviation = 8;

constexpr int first_opset = 7;  // Add, Mul and Gemm stretch their operands as today

bool has_own_domain(const onnx::NodeProto& node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

bool in_order(const std::vector<std::size_t>& order) {
  return std::is_sorted(order.begin(), order.end());
}

}  // namespace

GraphImport::GraphImport(const onnx::ModelProto& model, const ModelSource& source, bool own)
    : graph_(model.graph()),
      source_(source),
      own_(own),
      budget_((std::int64_t{1} << 22) + 4 * static_cast<std::int64_t>(model.ByteSizeLong())) {
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (opset.domain().empty() && opset.version() < first_opset) {
      problems_.push_back(fmt::format("opset {} is older than {}", opset.version(), first_opset));
    }
  }
}

ImportedNetwork GraphImport::run() {
  read_initializers();
  read_input();
  check_order();
  for (const onnx::NodeProto& node : graph_.node()) read_node(OnnxNode(node));
  throw_problems();
  const Activation& last = final_value();
  if (!own_) use_unit_pixels();
  UnfinishedNetwork unfinished{graph_.name(), input_,           normalization_,
                               input_scale_,  last.source.node, std::move(drafts_),
                               own_};
  ImportedNetwork result;
  if (quantized_) {
    result = finish_quantized(std::move(unfinished), problems_);
  } else {
    result = finish_float(std::move(unfinished), problems_);
  }
  throw_problems();
  return result;
}

void GraphImport::read_initializers() {
  for (const onnx::TensorProto& tensor : graph_.initializer()) {
    initializers_[tensor.name()] = &tensor;
  }
  if (graph_.sparse_initializer_size() > 0) {
    problems_.push_back("the graph has sparse initializers");
  }
  for (const onnx::NodeProto& node : graph_.node()) {
    for (const std::string& input : node.input()) ++readers_[input];
  }
  for (const onnx::ValueInfoProto& output : graph_.output()) ++readers_[output.name()];
}

void GraphImport::read_input() {
  std::vector<const onnx::ValueInfoProto*> inputs;  // files before IR 4 list initializers too
  for (const onnx::ValueInfoProto& value : graph_.input()) {
    if (initializers_.count(value.name()) == 0) inputs.push_back(&value);
  }
  if (inputs.size() != 1 || graph_.output_size() != 1) {
    problems_.push_back(fmt::format("the graph has {} inputs and {} outputs; needed is one of each",
                                    inputs.size(), graph_.output_size()));
    throw_problems();
  }
  input_value_ = inputs[0]->name();
  const onnx::TensorShapeProto& shape = inputs[0]->type().tensor_type().shape();
  Dimensions sides;
  for (int i = 1; i < shape.dim_size(); ++i) sides.push_back(shape.dim(i).dim_value());
  Dimensions map = sides;
  if (sides.size() == 1) map.insert(map.end(), {1, 1});
  if (sides.size() == 2) map.insert(map.begin(), 1);
  try {
    if (map.size() != 3) throw NodeProblem(fmt::format("{} dimensions", shape.dim_size()));
    input_ = checked_map(map[0], map[1], map[2]);
  } catch (const NodeProblem& problem) {
    problems_.push_back(fmt::format(
        "the input '{}' has no fixed image size ({}); needed is batch × channels × rows × columns",
        input_value_, problem.what()));
    throw_problems();
  }
  // A batch left open is computed as one image; a fixed one stays, so that Reshapes that name it
  // come out right.
  if (shape.dim(0).dim_value() > 0) batch_ = shape.dim(0).dim_value();
  values_[input_value_] = Activation{{network::network_input, 0}, false, sides, {}, input_};
}

// ONNX asks for nodes in topological order, so a cycle shows as a value that comes too late.
void GraphImport::check_order() const {
  std::map<std::string, bool> given;  // true: by now, false: later
  for (const onnx::NodeProto& node : graph_.node()) {
    for (const std::string& output : node.output()) given[output] = false;
  }
  for (const auto& [name, tensor] : initializers_) given[name] = true;
  given[input_value_] = true;
  for (const onnx::NodeProto& proto : graph_.node()) {
    const OnnxNode node(proto);
    for (const std::string& input : proto.input()) {
      const auto found = given.find(input);
      if (input.empty() || (found != given.end() && found->second)) continue;
      if (found == given.end()) {
        throw Error::input("TW-ONNX-003",
                           fmt::format("'{}', which node '{}' ({}) takes, is missing", input,
                                       node.name(), node.type()))
            .at(source_.name)
            .expected("an initializer or the result of a node before it");
      }
      throw Error::input("TW-ONNX-005",
                         fmt::format("node '{}' ({}) takes '{}', which only a later node gives",
                                     node.name(), node.type(), input))
          .at(source_.name)
          .expected("nodes in order and without cycles");
    }
    for (const std::string& output : proto.output()) {
      if (output.empty()) continue;
      if (given[output]) {
        throw Error::input("TW-ONNX-005", fmt::format("'{}', the result of node '{}' ({}), is "
                                                      "given twice",
                                                      output, node.name(), node.type()))
            .at(source_.name)
            .expected("every value once");
      }
      given[output] = true;
    }
  }
}

void GraphImport::read_node(const OnnxNode& node) {
  if (node.proto().output_size() < 1 || node.output().empty()) {
    return report(node, "it has no result");
  }
  for (const std::string& output : node.proto().output()) values_[output] = std::monostate();
  const OperatorImport operation =
      has_own_domain(node.proto()) ? find_operator(node.type()) : nullptr;
  const bool foldable = has_own_domain(node.proto()) && can_fold(node.type());
  if (operation == nullptr && !foldable) {
    return report(node,
                  node.proto().domain().empty()
                      ? "the operator is not known"
                      : fmt::format("operators of '{}' are not known", node.proto().domain()));
  }
  try {
    for (int i = 1; i < node.proto().output_size(); ++i) {
      if (readers_.count(node.proto().output(i)) > 0 && !node.proto().output(i).empty()) {
        throw NodeProblem(fmt::format("its result '{}' is used", node.proto().output(i)));
      }
    }
    for (const std::string& input : node.proto().input()) {
      const auto initializer = initializers_.find(input);
      if (initializer == initializers_.end() || values_.count(input) > 0) continue;
      values_[input] = std::make_shared<const Tensor>(read_tensor(*initializer->second, source_));
    }
    if (unknown_operand(node)) return;
    if (foldable && all_constant(node)) return fold_node(node);
    if (operation == nullptr) throw NodeProblem("it is known on constants only");
    operation(*this, node);
  } catch (const NodeProblem& problem) {
    values_[node.output()] = std::monostate();
    report(node, problem.what());
  }
}

void GraphImport::fold_node(const OnnxNode& node) {
  std::vector<TensorPointer> inputs;
  for (int i = 0; i < node.input_count(); ++i) inputs.push_back(constant_or_null(node, i));
  define(node, std::make_shared<const Tensor>(fold(node, inputs, budget_, source_)));
}

bool GraphImport::unknown_operand(const OnnxNode& node) const {
  for (int i = 0; i < node.input_count(); ++i) {
    if (node.has_input(i) && std::holds_alternative<std::monostate>(value(node, i))) return true;
  }
  return false;
}

bool GraphImport::all_constant(const OnnxNode& node) const {
  for (int i = 0; i < node.input_count(); ++i) {
    if (node.has_input(i) && !is_constant(node, i)) return false;
  }
  return true;
}

void GraphImport::report(const OnnxNode& node, const std::string& reason) {
  problems_.push_back(node_problem(node.name(), node.type(), reason));
}

void GraphImport::throw_problems() const {
  if (problems_.empty()) return;
  std::string text = problems_[0];
  if (problems_.size() > 1) {
    text = fmt::format("{} things are not supported:", problems_.size());
    for (std::size_t i = 0; i < std::min(problems_.size(), most_listed); ++i) {
      text += "\n  " + problems_[i];
    }
    if (problems_.size() > most_listed) {
      text += fmt::format("\n  and {} more", problems_.size() - most_listed);
    }
  }
  throw Error::input("TW-ONNX-002", text)
      .at(source_.name)
      .expected(
          "a network of convolutions, fully connected layers and what goes with them (the "
          "operators "
          "are listed in sim/graph/README.md)");
}

// A graph that takes pixels 0..255 has means and deviations for these; ours are for 0..1.
void GraphImport::use_unit_pixels() {
  const std::vector<float>& deviation = normalization_.deviation;
  if (deviation.empty() ||
      *std::max_element(deviation.begin(), deviation.end()) <= largest_unit_deviation) {
    return;
  }
  for (float& mean : normalization_.mean) mean /= 255;
  for (float& value : normalization_.deviation) value /= 255;
}

const Activation& GraphImport::final_value() const {
  const std::string& name = graph_.output(0).name();
  const auto found = values_.find(name);
  if (found == values_.end() || !std::holds_alternative<Activation>(found->second)) {
    throw Error::input("TW-ONNX-005",
                       fmt::format("the graph's output '{}' is not computed from its input", name))
        .at(source_.name)
        .expected("the last node's result");
  }
  const auto& last = std::get<Activation>(found->second);
  if (last.source.node == network::network_input || !in_order(last.order)) {
    throw Error::input("TW-ONNX-005",
                       fmt::format("the graph's output '{}' is {}", name,
                                   last.order.empty() ? "its input" : "a transposed feature map"))
        .at(source_.name)
        .expected("the result of a layer");
  }
  return last;
}

}  // namespace togglewise::graph
