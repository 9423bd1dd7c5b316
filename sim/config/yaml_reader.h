// A checked reader over yaml-cpp. A section of a configuration is declared once, key by key, with
// its target, its valid range and whether it must be there; everything that does not match gets an
// Error with file, line, column and the valid values. Example:
//
//   YamlSection array;
//   array.integer("rows", config.rows, {1, 256}, Presence::required)
//       .integer("columns", config.columns, {1, 256}, Presence::required);
//   YamlSection root;
//   root.section("array", array, Presence::required);
//   const YamlDocument document(file, root);
//
// Diagnostics: TW-CFG-001 YAML syntax, TW-CFG-002 unknown key, TW-CFG-003 missing key, TW-CFG-004
// wrong type, TW-CFG-005 out of range, TW-CFG-006 not one of the choices, TW-CFG-007 key given
// twice. A value that an override put there is reported at the place where the override stands.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/config/yaml_tree.h"

namespace togglewise::config {

// An optional key that is not given leaves its target as it was: the struct's default.
enum class Presence { required, optional };

struct IntegerRange {
  int low = std::numeric_limits<int>::min();
  int high = std::numeric_limits<int>::max();
};

struct RealRange {
  double low = 0;
  double high = 0;
  bool low_included = true;
  bool high_included = true;
};

struct ListLength {
  std::size_t low = 1;
  std::size_t high = 1000;
};

// A value that stands at `key` instead of what the file says there, or although the file says
// nothing there.
struct YamlOverride {
  std::string key;                   // dotted: "array.rows"
  std::optional<std::string> value;  // YAML; absent: the key is taken away, if it is there
  std::string file;                  // where the override was written, for messages
  int line = 0;
  int column = 0;
};

// A file's text, for reading it several times with different overrides.
struct YamlText {
  explicit YamlText(const std::filesystem::path& path);  // TW-FILE-001
  YamlText(std::filesystem::path path, std::string content);
  std::filesystem::path file;
  std::string text;
};

class YamlValue;  // one value with its position; defined in yaml_reader.cpp

// The keys of one block. Targets are references: they must outlive the reading.
class YamlSection {
 public:
  YamlSection& integer(const std::string& key, int& target, IntegerRange range, Presence presence);
  // For a key whose absence means something else than a fixed default.
  YamlSection& integer(const std::string& key, std::optional<int>& target, IntegerRange range);
  YamlSection& real(const std::string& key, double& target, RealRange range, Presence presence);
  // A required text must not be empty; an optional one may be "".
  YamlSection& text(const std::string& key, std::string& target, Presence presence);
  YamlSection& choice(const std::string& key, std::string& target,
                      const std::vector<std::string>& choices, Presence presence);
  // Relative paths are relative to the folder of the YAML file.
  YamlSection& path(const std::string& key, std::filesystem::path& target, Presence presence);
  YamlSection& texts(const std::string& key, std::vector<std::string>& target, ListLength length,
                     Presence presence);
  YamlSection& reals(const std::string& key, std::vector<float>& target, ListLength length,
                     RealRange range, Presence presence);
  YamlSection& paths(const std::string& key, std::vector<std::filesystem::path>& target,
                     ListLength length, Presence presence);
  // Any value, unchecked: a list or block of the reader's own making.
  YamlSection& tree(const std::string& key, YamlTree& target, Presence presence);
  YamlSection& section(const std::string& key, const YamlSection& child, Presence presence);

 private:
  friend class YamlDocument;
  struct Key {
    std::string name;
    Presence presence = Presence::optional;
    std::function<void(const YamlValue&)> read;
  };

  YamlSection& add(const std::string& key, Presence presence,
                   std::function<void(const YamlValue&)> read);
  void read(const YamlValue& block) const;
  std::vector<std::string> key_names() const;

  std::vector<Key> keys_;
};

// A file read into the targets of its sections; remembers where each key stood, so that checks
// over several keys can name the line.
class YamlDocument {
 public:
  YamlDocument(const std::filesystem::path& file, const YamlSection& root);
  YamlDocument(const YamlText& text, const YamlSection& root,
               const std::vector<YamlOverride>& overrides);

  // Of the text and the overrides.
  const std::string& text_hash() const { return text_hash_; }

  // An input error placed at the value of `key` ("array.partial_sum_bits").
  Error error_at(const std::string& key, const std::string& id, const std::string& message) const;

 private:
  friend class YamlValue;
  struct Position {
    std::string file;
    int line = 0;  // from 1
    int column = 0;
  };
  // Where the value at `path` was written, when an override put it or a block around it there.
  const Position* overridden(const std::string& path) const;

  std::filesystem::path file_;
  std::string text_hash_;
  std::map<std::string, Position> positions_;
  std::map<std::string, Position> overridden_;  // by key; also the blocks that overrides opened
};

}  // namespace togglewise::config
