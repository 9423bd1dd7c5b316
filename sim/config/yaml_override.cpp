#include "sim/config/yaml_override.h"

#include <cstddef>

#include <fmt/format.h>

namespace togglewise::config {
namespace {

std::vector<std::string> split_at_dots(const std::string& key) {
  std::vector<std::string> names(1);
  for (const char c : key) {
    if (c == '.') {
      names.emplace_back();
    } else {
      names.back() += c;
    }
  }
  return names;
}

YAML::Node parse_value(const YamlOverride& replacement) {
  try {
    return YAML::Load(*replacement.value);
  } catch (const YAML::Exception& failure) {
    throw Error::input("TW-CFG-001", "not valid YAML: " + failure.msg)
        .at(replacement.file, replacement.line, replacement.column)
        .expected("a value in YAML 1.2");
  }
}

class Replacing {
 public:
  Replacing(const YamlOverride& replacement, std::vector<std::string>& opened)
      : replacement_(replacement), opened_(opened), names_(split_at_dots(replacement.key)) {}

  YAML::Node in_block(const YAML::Node& node, std::size_t depth, const std::string& path) {
    if (!node.IsMap() && !node.IsNull()) {
      throw Error::input("TW-CFG-002", fmt::format("unknown key '{}': '{}' is a value and no block",
                                                   replacement_.key, path))
          .at(replacement_.file, replacement_.line, replacement_.column)
          .expected("the path of a key, such as array.rows");
    }
    YAML::Node block(YAML::NodeType::Map);
    bool found = false;
    for (const auto& entry : node) {
      if (entry.first.IsScalar() && entry.first.Scalar() == names_[depth]) {
        found = true;
        insert(block, entry.first, entry.second, depth, path);
      } else {
        block.force_insert(entry.first, entry.second);
      }
    }
    if (!found && replacement_.value) {
      if (depth + 1 < names_.size()) opened_.push_back(joined(path, depth));
      insert(block, YAML::Node(names_[depth]), YAML::Node(YAML::NodeType::Null), depth, path);
    }
    return block;
  }

 private:
  std::string joined(const std::string& path, std::size_t depth) const {
    return path.empty() ? names_[depth] : path + "." + names_[depth];
  }

  void insert(YAML::Node& block, const YAML::Node& key, const YAML::Node& old, std::size_t depth,
              const std::string& path) {
    if (depth + 1 < names_.size()) {
      block.force_insert(key, in_block(old, depth + 1, joined(path, depth)));
    } else if (replacement_.value) {
      block.force_insert(key, parse_value(replacement_));
    }
  }

  const YamlOverride& replacement_;
  std::vector<std::string>& opened_;
  std::vector<std::string> names_;
};

}  // namespace

YAML::Node with_override(const YAML::Node& top, const YamlOverride& replacement,
                         std::vector<std::string>& opened) {
  return Replacing(replacement, opened).in_block(top, 0, "");
}

}  // namespace togglewise::config
