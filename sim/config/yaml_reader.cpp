#include "sim/config/yaml_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/nearest.h"
#include "sim/config/yaml_document_count.h"
#include "sim/config/yaml_override.h"

namespace togglewise::config {
namespace fs = std::filesystem;

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

  YamlTree tree() const {
    const YamlDocument::Position place = position(mark());
    YamlTree tree = tree_of(node_, place);
    tree.line = place.line;
    tree.column = place.column;
    return tree;
  }
  fs::path resolve(const std::string& text) const {
    return (fs::path(position(mark()).file).parent_path() / text).lexically_normal();
  }

 private:
  // yaml-cpp gives an empty value no useful mark: its key stands for it.
  YAML::Mark mark() const { return node_.IsNull() ? key_mark_ : node_.Mark(); }

  YamlDocument::Position position(YAML::Mark mark) const {
    const YamlDocument::Position* overridden = document_->overridden(path_);
    if (overridden != nullptr) return *overridden;
    return {document_->file_.string(), mark.line + 1, mark.column + 1};
  }

  static YamlTree tree_of(const YAML::Node& node, const YamlDocument::Position& around) {
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

  std::string described() const {
    if (node_.IsMap()) return "a block of keys";
    if (node_.IsSequence()) return "a list";
    if (node_.IsNull()) return "empty";
    if (node_.Tag() == "!") return fmt::format("the text \"{}\"", node_.Scalar());
    return fmt::format("'{}'", node_.Scalar());
  }

  YamlDocument* document_;
  YAML::Node node_;
  YAML::Mark key_mark_;
  std::string path_;
};

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

}  // namespace

YamlSection& YamlSection::add(const std::string& key, Presence presence,
                              std::function<void(const YamlValue&)> read) {
  keys_.push_back({key, presence, std::move(read)});
  return *this;
}

YamlSection& YamlSection::integer(const std::string& key, int& target, IntegerRange range,
                                  Presence presence) {
  return add(key, presence,
             [&target, range](const YamlValue& value) { target = read_integer(value, range); });
}

YamlSection& YamlSection::integer(const std::string& key, std::optional<int>& target,
                                  IntegerRange range) {
  return add(key, Presence::optional,
             [&target, range](const YamlValue& value) { target = read_integer(value, range); });
}

YamlSection& YamlSection::real(const std::string& key, double& target, RealRange range,
                               Presence presence) {
  return add(key, presence,
             [&target, range](const YamlValue& value) { target = read_real(value, range); });
}

YamlSection& YamlSection::text(const std::string& key, std::string& target, Presence presence) {
  return add(key, presence, [&target, presence](const YamlValue& value) {
    target = read_text(value, presence == Presence::optional, "a text");
  });
}

YamlSection& YamlSection::choice(const std::string& key, std::string& target,
                                 const std::vector<std::string>& choices, Presence presence) {
  return add(key, presence, [&target, choices](const YamlValue& value) {
    const std::string wanted = list_names(choices);
    const std::string text = read_text(value, false, wanted);
    for (const std::string& choice : choices) {
      if (text == choice) {
        target = text;
        return;
      }
    }
    const std::string nearest = nearest_name(text, choices);
    throw value.error("TW-CFG-006", fmt::format("'{}' is '{}'", value.path(), text))
        .expected(wanted)
        .hint(nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest));
  });
}

YamlSection& YamlSection::path(const std::string& key, fs::path& target, Presence presence) {
  return add(key, presence, [&target](const YamlValue& value) {
    target = value.resolve(read_text(value, false, "the path of a file"));
  });
}

YamlSection& YamlSection::texts(const std::string& key, std::vector<std::string>& target,
                                ListLength length, Presence presence) {
  return add(key, presence, [&target, length](const YamlValue& value) {
    target.clear();
    for (const YamlValue& element : read_list(value, length, "texts")) {
      target.push_back(read_text(element, false, "a text"));
    }
  });
}

YamlSection& YamlSection::reals(const std::string& key, std::vector<float>& target,
                                ListLength length, RealRange range, Presence presence) {
  return add(key, presence, [&target, length, range](const YamlValue& value) {
    target.clear();
    for (const YamlValue& element : read_list(value, length, "numbers")) {
      target.push_back(static_cast<float>(read_real(element, range)));
    }
  });
}

YamlSection& YamlSection::paths(const std::string& key, std::vector<fs::path>& target,
                                ListLength length, Presence presence) {
  return add(key, presence, [&target, length](const YamlValue& value) {
    target.clear();
    for (const YamlValue& element : read_list(value, length, "paths of files")) {
      target.push_back(element.resolve(read_text(element, false, "the path of a file")));
    }
  });
}

YamlSection& YamlSection::tree(const std::string& key, YamlTree& target, Presence presence) {
  return add(key, presence, [&target](const YamlValue& value) { target = value.tree(); });
}

YamlSection& YamlSection::section(const std::string& key, const YamlSection& child,
                                  Presence presence) {
  return add(key, presence, [child](const YamlValue& value) { child.read(value); });
}

std::vector<std::string> YamlSection::key_names() const {
  std::vector<std::string> names;
  for (const Key& key : keys_) names.push_back(key.name);
  return names;
}

// Unknown and repeated keys are looked for first: a misspelled required key is to be called
// misspelled, not missing.
void YamlSection::read(const YamlValue& block) const {
  const YAML::Node& node = block.node();
  // A block whose keys are all commented out reads as empty; so does an empty file.
  if (!node.IsMap() && !node.IsNull()) {
    throw block.wrong_type(fmt::format("a block with the keys {}", list_names(key_names())));
  }
  std::map<std::string, YamlValue> given;
  for (const auto& entry : node) {
    const YAML::Mark mark = entry.first.Mark();
    if (!entry.first.IsScalar()) {
      throw block.error_at_mark(mark, "TW-CFG-004", "a key that is no text" + block.in_block())
          .expected(list_names(key_names()));
    }
    const std::string name = entry.first.Scalar();
    const std::vector<std::string> names = key_names();
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string nearest = nearest_name(name, names);
      throw block.child(entry.second, mark, name)
          .error_at_mark(mark, "TW-CFG-002",
                         fmt::format("unknown key '{}'{}", name, block.in_block()))
          .expected(list_names(names))
          .hint(nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest));
    }
    if (!given.emplace(name, block.child(entry.second, mark, name)).second) {
      throw block
          .error_at_mark(mark, "TW-CFG-007",
                         fmt::format("key '{}' is given twice{}", name, block.in_block()))
          .expected("every key at most once");
    }
  }
  for (const Key& key : keys_) {
    const auto found = given.find(key.name);
    if (found != given.end()) {
      key.read(found->second);
    } else if (key.presence == Presence::required) {
      throw block
          .error_at_key("TW-CFG-003",
                        fmt::format("key '{}' is missing{}", key.name, block.in_block()))
          .expected(fmt::format("'{}:' with a value in this block", key.name));
    }
  }
}

YamlText::YamlText(const fs::path& path) : file(path), text(read_file(path)) {}
YamlText::YamlText(fs::path path, std::string content)
    : file(std::move(path)), text(std::move(content)) {}

YamlDocument::YamlDocument(const fs::path& file, const YamlSection& root)
    : YamlDocument(YamlText(file), root, {}) {}

YamlDocument::YamlDocument(const YamlText& text, const YamlSection& root,
                           const std::vector<YamlOverride>& overrides)
    : file_(text.file) {
  std::string identity = text.text;
  for (const YamlOverride& override_ : overrides) {
    identity += fmt::format("\n{}: {}", override_.key, override_.value.value_or("(removed)"));
  }
  text_hash_ = hash_bytes(identity);
  try {
    const YamlDocumentCount count = count_yaml_documents(text.text);
    if (count.documents > 1) {
      const YAML::Mark mark = count.second;
      throw Error::input("TW-CFG-001", "a second YAML document begins here")
          .at(file_.string(), mark.line + 1, mark.column + 1)
          .expected("one document in a file");
    }
    YAML::Mark start;
    start.line = 0;
    start.column = 0;
    YAML::Node top =
        count.documents == 0 ? YAML::Node(YAML::NodeType::Null) : YAML::Load(text.text);
    for (const YamlOverride& override_ : overrides) {
      if (!top.IsMap() && !top.IsNull()) break;  // no block of keys: the reading says so
      const Position place{override_.file, override_.line, override_.column};
      std::vector<std::string> opened;
      top.reset(with_override(top, override_, opened));
      for (const std::string& block : opened) overridden_[block] = place;
      overridden_[override_.key] = place;
    }
    root.read(YamlValue(*this, top, start, ""));
  } catch (const YAML::Exception& failure) {
    throw Error::input("TW-CFG-001", "not valid YAML: " + failure.msg)
        .at(file_.string(), failure.mark.line + 1, failure.mark.column + 1)
        .expected("YAML 1.2");
  }
}

const YamlDocument::Position* YamlDocument::overridden(const std::string& path) const {
  for (std::string key = path; !overridden_.empty();) {
    const auto found = overridden_.find(key);
    if (found != overridden_.end()) return &found->second;
    const std::size_t dot = key.rfind('.');
    if (dot == std::string::npos) break;
    key.resize(dot);
  }
  return nullptr;
}

Error YamlDocument::error_at(const std::string& key, const std::string& id,
                             const std::string& message) const {
  const auto found = positions_.find(key);
  const Position position =
      found == positions_.end() ? Position{file_.string(), 0, 0} : found->second;
  return Error::input(id, message).at(position.file, position.line, position.column);
}

}  // namespace togglewise::config
