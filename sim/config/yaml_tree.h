// A value of a configuration as it stands, with its place: for keys whose form is decided by
// whoever declares them (YamlSection::tree).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.h"

namespace togglewise::config {

struct YamlTree {
  enum class Kind { empty, scalar, list, block };
  Kind kind = Kind::empty;
  std::string text;     // of a scalar, without quotes
  bool quoted = false;  // a scalar in quotes is text and no number
  std::string yaml;     // the whole value on one line of YAML
  std::string file;
  int line = 0;  // from 1
  int column = 0;
  std::vector<YamlTree> elements;                      // of a list
  std::vector<std::pair<YamlTree, YamlTree>> members;  // of a block: keys and values, as written

  Error error(const std::string& id, const std::string& message) const {
    return Error::input(id, message).at(file, line, column);
  }
};

}  // namespace togglewise::config
