#include "sim/tech/liberty_parser.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory_resource>
#include <utility>

#include <fmt/format.h>

#include "sim/tech/message_text.h"

namespace togglewise::tech {
namespace {

constexpr std::array<bool, 256> word_ends() {
  std::array<bool, 256> ends{};
  for (int control = 0; control < 0x20; ++control) ends[static_cast<std::size_t>(control)] = true;
  for (const char c :
       {' ', '\t', '\r', '\n', '\f', '\v', '(', ')', '{', '}', ',', ';', ':', '"', '\\'}) {
    ends[static_cast<unsigned char>(c)] = true;
  }
  return ends;
}
bool ends_word(char c) {
  static constexpr std::array<bool, 256> ends = word_ends();
  return ends[static_cast<unsigned char>(c)];
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  Parser(LibertySource& source, const LibertyHandler& handler) : text_(source), handler_(handler) {}

  void parse_library() {
    text_.skip_space();
    if (text_.at_end()) throw text_.cut_off("the file is empty", "library (<name>) { … }");
    LibertyGroup library = library_header();
    handler_.library(library);
    while (next_statement(library)) {
      memory_.release();
      library.attributes.clear();
      library.groups.clear();
      parse_statement(library, 1);
      for (const LibertyAttribute& attribute : library.attributes) handler_.attribute(attribute);
      for (const LibertyGroup& group : library.groups) handler_.group(group);
    }
    text_.skip_space();
    if (!text_.at_end()) {
      throw text_.unexpected("the end of the file after the library's closing '}'");
    }
  }

 private:
  // Up to and including '{'. Its text outlives the library's statements.
  LibertyGroup library_header() {
    LibertyGroup library;
    library.position = text_.position();
    const bool named = keep(word()) == "library";
    text_.skip_space();
    if (text_.at_end()) throw text_.cut_off("the file ends after its first word", "'('");
    if (!named || text_.peek() != '(') {
      throw Error::input("TW-LIB-002", "the file does not start with a library group")
          .at(text_.file(), library.position.line, library.position.column)
          .expected("library (<name>) { … }");
    }
    library.name = "library";
    library.arguments = parse_arguments(library.name);
    for (LibertyValue& argument : library.arguments) {
      argument.raw = header_text_.emplace_back(argument.raw);
    }
    text_.skip_space();
    if (text_.at_end()) throw text_.cut_off("the file ends before the library's '{'", "'{'");
    if (text_.peek() != '{') throw text_.unexpected("'{'");
    text_.advance();
    return library;
  }

  // Moves to the next statement of a group; false after the group's '}'.
  bool next_statement(const LibertyGroup& group) {
    for (;;) {
      text_.skip_space();
      if (text_.at_end()) throw open_group(group);
      const char c = text_.peek();
      if (c != ';' && c != '}') return true;
      text_.advance();  // a stray semicolon stands after many a closing brace
      if (c == '}') return false;
    }
  }

  // One of `name : value ;`, `name (values) ;`, `name (arguments) { statements }`.
  void parse_statement(LibertyGroup& parent, int depth) {
    const LibertyPosition position = text_.position();
    const std::string_view name = keep(word());
    if (name.empty()) throw text_.unexpected("an attribute, a group or '}'");
    text_.skip_space();
    if (text_.at_end()) {
      throw text_.cut_off(fmt::format("the file ends after '{}'", name), "':' or '('");
    }
    if (text_.peek() == ':') {
      text_.advance();
      LibertyAttribute attribute{name, position, {}};
      attribute.values.push_back(parse_simple_value(name));
      add(parent, std::move(attribute));
      return;
    }
    if (text_.peek() != '(') throw text_.unexpected(fmt::format("':' or '(' after '{}'", name));
    std::vector<LibertyValue> arguments = parse_arguments(name);
    text_.skip_space();
    if (!text_.at_end() && text_.peek() == '{') {
      text_.advance();
      parse_group({name, position, std::move(arguments), {}, {}}, parent, depth);
      return;
    }
    // The semicolon after a complex attribute is missing in some libraries in the field.
    if (!text_.at_end() && text_.peek() == ';') text_.advance();
    add(parent, {name, position, std::move(arguments)});
  }

  void add(LibertyGroup& parent, LibertyAttribute attribute) {
    if (attribute.name == "include_file") {
      throw Error::input(
          "TW-LIB-006",
          fmt::format("the library includes the file '{}'",
                      attribute.values.empty() ? "" : clipped(attribute.values.front().text())))
          .at(text_.file(), attribute.position.line, attribute.position.column)
          .expected("a library in one file")
          .hint("put the included text in place of this statement");
    }
    parent.attributes.push_back(std::move(attribute));
  }

  void parse_group(LibertyGroup group, LibertyGroup& parent, int depth) {
    if (depth > kMaxLibertyDepth) {
      throw Error::input("TW-LIB-008",
                         fmt::format("groups are nested deeper than {}", kMaxLibertyDepth))
          .at(text_.file(), group.position.line, group.position.column)
          .expected("library, cell, pin, timing and table groups");
    }
    if (!handler_.wanted(parent, group)) {
      if (!text_.skip_body()) throw open_group(group);
      return;
    }
    while (next_statement(group)) parse_statement(group, depth + 1);
    parent.groups.push_back(std::move(group));
  }

  // Up to ';', the end of the line (semicolon missing) or '}'; quoted text may hold any of them.
  LibertyValue parse_simple_value(std::string_view name) {
    text_.skip_space();
    LibertyValue value;
    value.position = text_.position();
    std::string pieces;  // only where the value is not in one piece
    while (!text_.at_end() && text_.peek() != ';' && text_.peek() != '\n' && text_.peek() != '}') {
      LibertyPosition position = text_.position();
      if (text_.peek() == '"') ++position.column;
      const std::string_view piece = text_.peek() == '"' ? text_.quoted() : unquoted();
      if (value.raw.empty()) {
        value = {keep(piece), position};
      } else {
        if (pieces.empty()) pieces = value.raw;
        pieces.append(" ").append(piece);
      }
      text_.skip_blanks();
    }
    if (text_.at_end() && value.raw.empty()) {
      throw text_.cut_off(fmt::format("the file ends before the value of '{}'", name), "a value");
    }
    if (!text_.at_end() && text_.peek() == ';') text_.advance();
    if (!pieces.empty()) value.raw = keep(pieces);
    return value;
  }

  // A run of a simple value that is not quoted, without blanks at its end where it is the last.
  std::string_view unquoted() {
    text_.begin_token();
    std::size_t length = 0;
    std::size_t read = 0;
    while (!text_.at_end()) {
      const char c = text_.peek();
      if (c == ';' || c == '\n' || c == '}' || c == '"' || text_.starts_comment()) break;
      if (c == '\\' && read > 0) break;  // perhaps a line continuation
      text_.advance();
      ++read;
      if (std::isspace(static_cast<unsigned char>(c)) == 0) length = read;
    }
    return text_.token().substr(0, length);
  }

  std::vector<LibertyValue> parse_arguments(std::string_view name) {
    const LibertyPosition begin = text_.position();
    text_.advance();  // '('
    std::vector<LibertyValue> arguments;
    for (;;) {
      text_.skip_space();
      if (text_.at_end()) {
        throw text_.cut_off(
            fmt::format("the file ends inside the parentheses of '{}', line {}", name, begin.line),
            "')'");
      }
      const char c = text_.peek();
      LibertyPosition position = text_.position();
      if (c == ')') {
        text_.advance();
        return arguments;
      }
      if (c == ',') {
        text_.advance();
      } else if (c == '"') {
        ++position.column;
        arguments.push_back({keep(text_.quoted()), position});
      } else {
        const std::string_view argument = keep(word(true));
        if (argument.empty()) {
          throw text_.unexpected(fmt::format("a value or ')' in '{}'", name));
        }
        arguments.push_back({argument, position});
      }
    }
  }

  // Bus ranges, "a:b", stay one word in an argument list.
  std::string_view word(bool is_argument = false) {
    text_.begin_token();
    bool first = true;
    while (!text_.at_end()) {
      const char c = text_.peek();
      if (ends_word(c)) {
        if (c != ':' || !is_argument || first || !is_digit(text_.peek_next())) break;
      } else if (c == '/' && text_.starts_comment()) {
        break;
      }
      text_.advance();
      first = false;
    }
    return text_.token();
  }

  // A copy that lives as long as the library's present statement.
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    char* const copy = static_cast<char*>(memory_.allocate(text.size(), 1));
    std::copy(text.begin(), text.end(), copy);
    return {copy, text.size()};
  }

  Error open_group(const LibertyGroup& group) const {
    return text_.cut_off(fmt::format("the file ends inside {} ({}), which begins at line {}",
                                     group.name, group.argument(), group.position.line),
                         "'}'");
  }

  LibertyText text_;
  const LibertyHandler& handler_;
  std::pmr::monotonic_buffer_resource memory_;
  std::deque<std::string> header_text_;
};

}  // namespace

std::string LibertyValue::text() const {
  std::string result(raw);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == '\n' || result[i] == '\r') {
      result[i] = ' ';
    } else if (result[i] == '\\') {
      const std::size_t next = result.find_first_not_of(" \t\r", i + 1);
      if (next == std::string::npos || result[next] == '\n') result[i] = ' ';
    }
  }
  const std::size_t begin = result.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return result.substr(begin, result.find_last_not_of(" \t") - begin + 1);
}

const LibertyAttribute* LibertyGroup::attribute(std::string_view attribute_name) const {
  for (auto it = attributes.rbegin(); it != attributes.rend(); ++it) {
    if (it->name == attribute_name) return &*it;
  }
  return nullptr;
}

const LibertyGroup* LibertyGroup::group(std::string_view group_name) const {
  for (const LibertyGroup& candidate : groups) {
    if (candidate.name == group_name) return &candidate;
  }
  return nullptr;
}

std::string LibertyGroup::argument(std::size_t index) const {
  return index < arguments.size() ? arguments[index].text() : "";
}

void parse_liberty(LibertySource& source, const LibertyHandler& handler) {
  Parser(source, handler).parse_library();
}

}  // namespace togglewise::tech
