// One value of a YAML document while it is read, and what it may be read as. Every error names the
// value's path, file and line and what was expected.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "sim/config/yaml_reader.h"

namespace togglewise::config {

// A value with the dotted path of its key and the place it was read from.
class YamlValue {
 public:
  YamlValue(YamlDocument& document, const YAML::Node& node, YAML::Mark key_mark, std::string path)
      : document_(&document), node_(node), key_mark_(key_mark), path_(std::move(path)) {}

  const YAML::Node& node() const { return node_; }

  // A list's element or a block's member, recorded so that later checks find its line.
  YamlValue child(const YAML::Node& node, YAML::Mark key_mark, const std::string& name) const {
    YamlValue value(*document_, node, key_mark, path_.empty() ? name : path_ + "." + name);
    document_->positions_[value.path_] = value.position(value.mark());
    return value;
  }

  // Plain scalar text; a number in quotes is text and no number.
  bool is_plain_scalar() const { return node_.IsScalar() && node_.Tag() != "!"; }

  Error error(const std::string& id, const std::string& message) const {
    return error_at_mark(mark(), id, message);
  }
  // At the key that opens the block: where a missing key has to be added.
  Error error_at_key(const std::string& id, const std::string& message) const {
    return error_at_mark(key_mark_, id, message);
  }
  Error error_at_mark(YAML::Mark mark, const std::string& id, const std::string& message) const {
    const YamlDocument::Position place = position(mark);
    return Error::input(id, message).at(place.file, place.line, place.column);
  }

  Error wrong_type(const std::string& wanted) const {
    return error("TW-CFG-004", fmt::format("'{}' is {}", path_, described())).expected(wanted);
  }

  std::string in_block() const { return path_.empty() ? "" : fmt::format(" in '{}'", path_); }
  const std::string& path() const { return path_; }

  YamlTree tree() const;
  std::filesystem::path resolve(const std::string& text) const {
    return (std::filesystem::path(position(mark()).file).parent_path() / text).lexically_normal();
  }

 private:
  // yaml-cpp gives an empty value no useful mark: its key stands for it.
  YAML::Mark mark() const { return node_.IsNull() ? key_mark_ : node_.Mark(); }

  YamlDocument::Position position(YAML::Mark mark) const {
    const YamlDocument::Position* overridden = document_->overridden(path_);
    if (overridden != nullptr) return *overridden;
    return {document_->file_.string(), mark.line + 1, mark.column + 1};
  }

  static YamlTree tree_of(const YAML::Node& node, const YamlDocument::Position& around);
  std::string described() const;

  YamlDocument* document_;
  YAML::Node node_;
  YAML::Mark key_mark_;
  std::string path_;
};

// Each fails with TW-CFG-004 on a value of another type, with TW-CFG-005 on one out of range.
int read_integer(const YamlValue& value, IntegerRange range);
double read_real(const YamlValue& value, const RealRange& range);
// `wanted` says in the error what the text should be.
std::string read_text(const YamlValue& value, bool may_be_empty, const std::string& wanted);
std::vector<YamlValue> read_list(const YamlValue& value, ListLength length,
                                 const std::string& of_what);

}  // namespace togglewise::config
