#include "sim/tech/netlist_json.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/tech/message_text.h"

namespace togglewise::tech {
namespace {

constexpr const char* kExpected = "a netlist of library cells as yosys' write_json gives it";

int line_at(const std::string& text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

// Where `"key": {` begins at or after `from`; npos where it does not.
std::size_t find_object(const std::string& text, const std::string& key, std::size_t from) {
  const std::string quoted = Json(key).dump();
  for (std::size_t at = text.find(quoted, from); at != std::string::npos;
       at = text.find(quoted, at + 1)) {
    std::size_t next = text.find_first_not_of(" \t\r\n", at + quoted.size());
    if (next == std::string::npos || text[next] != ':') continue;
    next = text.find_first_not_of(" \t\r\n", next + 1);
    if (next != std::string::npos && text[next] == '{') return at;
  }
  return std::string::npos;
}

std::string name_of(const JsonPath& path) {
  return path.empty() ? "the file" : fmt::format("'{}'", fmt::join(path, " / "));
}

}  // namespace

NetlistJson::NetlistJson(const std::string& text, std::string file)
    : text_(text), file_(std::move(file)) {
  try {
    document_ = Json::parse(text);
  } catch (const Json::parse_error& problem) {
    const std::size_t at = problem.byte == 0 ? 0 : problem.byte - 1;
    const std::size_t line_end = text.rfind('\n', at == 0 ? 0 : at - 1);
    const std::size_t line_begin = line_end == std::string::npos || at == 0 ? 0 : line_end + 1;
    const std::string what = problem.what();
    throw Error::input("TW-NET-002", fmt::format("this is not JSON: {}",
                                                 clipped(what.substr(what.find(": ") + 2))))
        .at(file_, line_at(text, at), static_cast<int>(at - std::min(at, line_begin)) + 1)
        .expected(kExpected);
  } catch (const Json::exception& problem) {
    throw bad(problem.what(), {});
  }
  if (!document_.is_object()) throw bad("the file holds no JSON object", {});
}

Error NetlistJson::bad(const std::string& message, const JsonPath& path) const {
  return placed(Error::input("TW-NET-002", clipped(message)).expected(kExpected), path);
}

Error NetlistJson::placed(Error error, const JsonPath& path) const {
  return std::move(error).at(file_, line_of(path));
}

int NetlistJson::line_of(const JsonPath& path) const {
  if (path.empty()) return 0;
  std::size_t at = 0;
  for (const std::string& key : path) {
    at = find_object(text_, key, at);
    if (at == std::string::npos) return 0;
  }
  return line_at(text_, at);
}

const Json& NetlistJson::member(const Json& parent, const std::string& key, const JsonPath& path,
                                Json::value_t type, const char* type_name) const {
  const auto found = parent.find(key);
  if (found == parent.end()) {
    throw bad(fmt::format("{} has no \"{}\"", name_of(path), key), path);
  }
  if (found->type() != type) {
    throw bad(fmt::format("\"{}\" of {} is no {} but of type {}", key, name_of(path), type_name,
                          found->type_name()),
              path);
  }
  return *found;
}

const Json& NetlistJson::object(const Json& parent, const std::string& key,
                                const JsonPath& path) const {
  return member(parent, key, path, Json::value_t::object, "object");
}

const Json& NetlistJson::array(const Json& parent, const std::string& key,
                               const JsonPath& path) const {
  return member(parent, key, path, Json::value_t::array, "array");
}

std::string NetlistJson::text(const Json& parent, const std::string& key,
                              const JsonPath& path) const {
  return member(parent, key, path, Json::value_t::string, "string").get<std::string>();
}

}  // namespace togglewise::tech
