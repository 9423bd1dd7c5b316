#include "sim/config/yaml_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/nearest.h"
#include "sim/config/yaml_document_count.h"
#include "sim/config/yaml_override.h"
#include "sim/config/yaml_value.h"

namespace togglewise::config {
namespace fs = std::filesystem;

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
