#include "sim/accelergy/reference_files.h"

#include <cmath>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "sim/base/error.h"

namespace togglewise::accelergy {
namespace {

std::string argument_text(const ArgumentValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  return yaml_quoted(std::get<std::string>(value));
}

std::string arguments_text(const Arguments& arguments) {
  std::string text;
  for (const auto& [name, value] : arguments) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, argument_text(value));
  }
  return "{" + text + "}";
}

// What is read, with where it is for messages.
class Reader {
 public:
  Reader(const std::string& text, std::string file, const char* top) : file_(std::move(file)) {
    try {
      root_ = YAML::Load(text);
    } catch (const YAML::Exception& error) {
      throw Error::input("TW-ERT-004", fmt::format("not YAML: {}", error.msg))
          .at(file_, error.mark.line + 1, error.mark.column + 1);
    }
    top_ = map_entry(root_, top);
    if (scalar(map_entry(top_, "version")) != kFormatVersion) {
      fail(map_entry(top_, "version"), "another version of the format",
           fmt::format("version: {}", kFormatVersion));
    }
  }

  const YAML::Node& top() const { return top_; }

  YAML::Node map_entry(const YAML::Node& node, const char* key) const {
    if (!node.IsMap() || !node[key]) {
      fail(node, fmt::format("the key '{}' is missing", key), fmt::format("{}: …", key));
    }
    return node[key];
  }
  YAML::Node list(const YAML::Node& node, const char* key) const {
    const YAML::Node value = map_entry(node, key);
    if (!value.IsSequence()) fail(value, fmt::format("'{}' is no list", key), "a list");
    return value;
  }
  std::string scalar(const YAML::Node& node) const {
    if (!node.IsScalar()) fail(node, "no single value", "a name or a number");
    return node.Scalar();
  }
  template <typename T>
  T number(const YAML::Node& node, const char* what) const {
    T value{};
    if (!node.IsScalar() || !YAML::convert<T>::decode(node, value)) fail(node, "no number", what);
    return value;
  }

  // Whole numbers stay numbers unless they are quoted: 3 and "3" are different to Accelergy.
  Arguments arguments(const YAML::Node& node) const {
    Arguments result;
    if (node.IsNull()) return result;
    if (!node.IsMap()) fail(node, "arguments are no mapping", "null or {name: value, …}");
    for (const auto& entry : node) {
      std::int64_t number = 0;
      const bool quoted = entry.second.Tag() == "!";
      if (!quoted && YAML::convert<std::int64_t>::decode(entry.second, number)) {
        result.emplace_back(scalar(entry.first), number);
      } else {
        result.emplace_back(scalar(entry.first), scalar(entry.second));
      }
    }
    return result;
  }

  [[noreturn]] void fail(const YAML::Node& node, const std::string& message,
                         const std::string& expected) const {
    const YAML::Mark mark = node.IsDefined() ? node.Mark() : YAML::Mark::null_mark();
    throw Error::input("TW-ERT-004", message)
        .at(file_, mark.line + 1, mark.column + 1)
        .expected(expected);
  }

 private:
  std::string file_;
  YAML::Node root_;
  YAML::Node top_;
};

// All entries of an action must name the same arguments: those of a count are looked up in each.
void require_same_arguments(const Reader& reader, const ComponentEnergies& component,
                            const YAML::Node& node) {
  const ActionEnergy& last = component.actions.back();
  for (const ActionEnergy& action : component.actions) {
    if (action.name != last.name) continue;
    bool same = action.arguments.size() == last.arguments.size();
    for (std::size_t i = 0; same && i < last.arguments.size(); ++i) {
      same = action.arguments[i].first == last.arguments[i].first;
    }
    if (!same) {
      reader.fail(node, fmt::format("entries of '{}' differ in their arguments", last.name),
                  "the same names of arguments in every entry of an action");
    }
    return;  // the first entry stands for all
  }
}

}  // namespace

std::string yaml_comment(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += "# ";
    for (const char c : line) {
      const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != '{' && c != '}';
      text += plain ? c : '_';
    }
    text += '\n';
  }
  return text;
}

std::string yaml_quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7F || c == '{' || c == '}') {
      quoted += fmt::format("\\x{:02X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string yaml_number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find('.') == std::string::npos) {
    const std::size_t exponent = text.find('e');
    text.insert(exponent == std::string::npos ? text.size() : exponent, ".0");
  }
  return text;
}

std::string ert_yaml(const ReferenceTable& table, const std::vector<std::string>& comment) {
  std::string text = yaml_comment(comment);
  text += fmt::format("ERT:\n  version: {}\n  tables:\n", kFormatVersion);
  for (const ComponentEnergies& component : table) {
    text += fmt::format("  - name: {}\n    actions:\n", component.name);
    for (const ActionEnergy& action : component.actions) {
      text += fmt::format(
          "    - {{name: {}, arguments: {}, energy: {}}}\n", action.name,
          action.arguments.empty() ? std::string("null") : arguments_text(action.arguments),
          yaml_number(action.energy_pj));
    }
  }
  return text;
}

std::string action_counts_yaml(const ActionCounts& counts,
                               const std::vector<std::string>& comment) {
  std::string text = yaml_comment(comment);
  text += fmt::format("action_counts:\n  version: {}\n  local:\n", kFormatVersion);
  for (const ComponentCounts& component : counts) {
    text += fmt::format("  - name: {}\n    action_counts:\n", component.name);
    for (const ActionCount& action : component.actions) {
      const std::string arguments = action.arguments.empty()
                                        ? std::string()
                                        : ", arguments: " + arguments_text(action.arguments);
      text +=
          fmt::format("    - {{name: {}{}, counts: {}}}\n", action.name, arguments, action.count);
    }
  }
  return text;
}

ReferenceTable parse_ert(const std::string& text, const std::string& file) {
  const Reader reader(text, file, "ERT");
  ReferenceTable table;
  for (const YAML::Node& node : reader.list(reader.top(), "tables")) {
    ComponentEnergies component;
    component.name = reader.scalar(reader.map_entry(node, "name"));
    for (const YAML::Node& entry : reader.list(node, "actions")) {
      ActionEnergy action;
      action.name = reader.scalar(reader.map_entry(entry, "name"));
      action.arguments = reader.arguments(reader.map_entry(entry, "arguments"));
      action.energy_pj =
          reader.number<double>(reader.map_entry(entry, "energy"), "an energy in picojoules");
      component.actions.push_back(std::move(action));
      require_same_arguments(reader, component, entry);
    }
    table.push_back(std::move(component));
  }
  return table;
}

ActionCounts parse_action_counts(const std::string& text, const std::string& file) {
  const Reader reader(text, file, "action_counts");
  ActionCounts counts;
  for (const YAML::Node& node : reader.list(reader.top(), "local")) {
    ComponentCounts component;
    component.name = reader.scalar(reader.map_entry(node, "name"));
    for (const YAML::Node& entry : reader.list(node, "action_counts")) {
      ActionCount action;
      action.name = reader.scalar(reader.map_entry(entry, "name"));
      if (entry["arguments"]) action.arguments = reader.arguments(entry["arguments"]);
      action.count = reader.number<std::uint64_t>(reader.map_entry(entry, "counts"),
                                                  "a whole number of actions");
      component.actions.push_back(std::move(action));
    }
    counts.push_back(std::move(component));
  }
  return counts;
}

}  // namespace togglewise::accelergy
