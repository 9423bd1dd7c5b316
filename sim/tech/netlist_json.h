// yosys' JSON with checked access: whatever is not as it should be becomes one TW-NET-002 that
// names the object and, where it can be found again in the text, its line.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/base/error.h"

namespace togglewise::tech {

using Json = nlohmann::json;

// The keys that lead to an object, from the outside: {"modules", "mac", "cells", "u1"}.
using JsonPath = std::vector<std::string>;

class NetlistJson {
 public:
  // `text` must outlive this.
  NetlistJson(const std::string& text, std::string file);

  const Json& document() const { return document_; }
  const std::string& file() const { return file_; }

  // The member of the object at `path`; throws where it is missing or of another type.
  const Json& object(const Json& parent, const std::string& key, const JsonPath& path) const;
  const Json& array(const Json& parent, const std::string& key, const JsonPath& path) const;
  std::string text(const Json& parent, const std::string& key, const JsonPath& path) const;

  Error bad(const std::string& message, const JsonPath& path) const;
  // The error with file and line of the object at `path`.
  Error placed(Error error, const JsonPath& path) const;

 private:
  const Json& member(const Json& parent, const std::string& key, const JsonPath& path,
                     Json::value_t type, const char* type_name) const;
  int line_of(const JsonPath& path) const;  // 0 where it cannot be found

  const std::string& text_;
  std::string file_;
  Json document_;
};

}  // namespace togglewise::tech
