#include "sim/config/yaml_value.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace togglewise::config {

namespace {

std::string described(const RealRange& range) {
  return fmt::format("a number {} {} and {} {}", range.low_included ? "from" : "above", range.low,
                     range.high_included ? "up to" : "below", range.high);
}

// The whole of `text` must be the number: "8x" and " 8" are none.
template <typename T>
bool parse_number(std::string_view text, T& number) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  return status == std::errc() && end == text.data() + text.size();
}

}  // namespace

YamlTree YamlValue::tree() const {
  const YamlDocument::Position place = position(mark());
  YamlTree tree = tree_of(node_, place);
  tree.line = place.line;
  tree.column = place.column;
  return tree;
}

YamlTree YamlValue::tree_of(const YAML::Node& node, const YamlDocument::Position& around) {
  YamlTree tree;
  tree.file = around.file;
  tree.line = node.IsNull() ? around.line : node.Mark().line + 1;
  tree.column = node.IsNull() ? around.column : node.Mark().column + 1;
  const YamlDocument::Position here{tree.file, tree.line, tree.column};
  if (node.IsScalar()) {
    tree.kind = YamlTree::Kind::scalar;
    tree.text = node.Scalar();
    tree.quoted = node.Tag() == "!";
  } else if (node.IsSequence()) {
    tree.kind = YamlTree::Kind::list;
    for (const auto& element : node) tree.elements.push_back(tree_of(element, here));
  } else if (node.IsMap()) {
    tree.kind = YamlTree::Kind::block;
    for (const auto& entry : node) {
      const YamlTree key = tree_of(entry.first, here);
      tree.members.emplace_back(key, tree_of(entry.second, {key.file, key.line, key.column}));
    }
  }
  YAML::Emitter emitter;
  emitter << YAML::Flow;
  if (tree.quoted) emitter << YAML::DoubleQuoted;
  emitter << node;
  tree.yaml = emitter.c_str();
  return tree;
}

std::string YamlValue::described() const {
  if (node_.IsMap()) return "a block of keys";
  if (node_.IsSequence()) return "a list";
  if (node_.IsNull()) return "empty";
  if (node_.Tag() == "!") return fmt::format("the text \"{}\"", node_.Scalar());
  return fmt::format("'{}'", node_.Scalar());
}

int read_integer(const YamlValue& value, IntegerRange range) {
  const std::string wanted = fmt::format("a whole number from {} to {}", range.low, range.high);
  long long number = 0;
  if (!value.is_plain_scalar()) throw value.wrong_type(wanted);
  if (!parse_number(value.node().Scalar(), number)) {
    // A whole number too long for 64 bits is out of range, not of the wrong type.
    double real = 0;
    const bool huge =
        parse_number(value.node().Scalar(), real) && std::isfinite(real) && std::abs(real) >= 9e18;
    if (!huge) throw value.wrong_type(wanted);
    number =
        real > 0 ? std::numeric_limits<long long>::max() : std::numeric_limits<long long>::min();
  }
  if (number < range.low || number > range.high) {
    throw value
        .error("TW-CFG-005",
               fmt::format("'{}' is {}, out of range", value.path(), value.node().Scalar()))
        .expected(wanted);
  }
  return static_cast<int>(number);
}

double read_real(const YamlValue& value, const RealRange& range) {
  double number = 0;
  if (!value.is_plain_scalar() || !parse_number(value.node().Scalar(), number) ||
      !std::isfinite(number)) {
    throw value.wrong_type(described(range));
  }
  const bool above = range.low_included ? number >= range.low : number > range.low;
  const bool below = range.high_included ? number <= range.high : number < range.high;
  if (!above || !below) {
    throw value
        .error("TW-CFG-005",
               fmt::format("'{}' is {}, out of range", value.path(), value.node().Scalar()))
        .expected(described(range));
  }
  return number;
}

std::string read_text(const YamlValue& value, bool may_be_empty, const std::string& wanted) {
  if (!value.node().IsScalar()) throw value.wrong_type(wanted);
  std::string text = value.node().Scalar();
  if (text.empty() && !may_be_empty) throw value.wrong_type(wanted);
  return text;
}

std::vector<YamlValue> read_list(const YamlValue& value, ListLength length,
                                 const std::string& of_what) {
  const std::string wanted = fmt::format("a list of {} to {} {}", length.low, length.high, of_what);
  if (!value.node().IsSequence()) throw value.wrong_type(wanted);
  const std::size_t size = value.node().size();
  if (size < length.low || size > length.high) {
    throw value
        .error("TW-CFG-005", fmt::format("'{}' has {} elements, out of range", value.path(), size))
        .expected(wanted);
  }
  std::vector<YamlValue> elements;
  for (std::size_t i = 0; i < size; ++i) {
    const YAML::Node element = value.node()[i];
    elements.push_back(value.child(element, element.Mark(), fmt::format("{}", i)));
  }
  return elements;
}

}  // namespace togglewise::config
