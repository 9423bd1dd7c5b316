#include "sim/tech/liberty_parser.h"

#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"

namespace togglewise::tech {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  LibertyGroup parse_library() {
    skip_space();
    if (at_end()) throw cut_off("the file is empty", "library (<name>) { … }");
    LibertyGroup library = parse_named_group();
    skip_space();
    if (!at_end()) throw unexpected("the end of the file after the library's closing '}'");
    return library;
  }

 private:
  // The library itself: the only group that is not a statement of another one.
  LibertyGroup parse_named_group() {
    LibertyGroup holder;
    parse_statement(holder);
    if (holder.groups.size() != 1 || holder.groups[0].name != "library") {
      throw Error::input("TW-LIB-002", "the file does not start with a library group")
          .at(file_, line_)
          .expected("library (<name>) { … }");
    }
    return std::move(holder.groups[0]);
  }

  // One of `name : value ;`, `name (values) ;`, `name (arguments) { statements }`.
  void parse_statement(LibertyGroup& parent) {
    const int line = line_;
    const std::string name = parse_word();
    if (name.empty()) throw unexpected("an attribute, a group or '}'");
    skip_space();
    if (at_end()) throw cut_off(fmt::format("the file ends after '{}'", name), "':' or '('");
    if (peek() == ':') {
      advance();
      parent.attributes.push_back({name, {parse_simple_value(name)}, line});
      return;
    }
    if (peek() != '(') throw unexpected(fmt::format("':' or '(' after '{}'", name));
    std::vector<std::string> arguments = parse_arguments(name);
    skip_space();
    if (!at_end() && peek() == '{') {
      advance();
      LibertyGroup group{name, std::move(arguments), line, {}, {}};
      parse_body(group);
      parent.groups.push_back(std::move(group));
      return;
    }
    // The semicolon after a complex attribute is missing in some libraries in the field.
    if (!at_end() && peek() == ';') advance();
    parent.attributes.push_back({name, std::move(arguments), line});
  }

  void parse_body(LibertyGroup& group) {
    for (;;) {
      skip_space();
      if (at_end()) {
        throw cut_off(fmt::format("the file ends inside {} ({}), which begins at line {}",
                                  group.name, group.first_argument(), group.line),
                      "'}'");
      }
      if (peek() == ';') {  // stray semicolon, as after a closing brace
        advance();
      } else if (peek() == '}') {
        advance();
        return;
      } else {
        parse_statement(group);
      }
    }
  }

  // Up to ';', the end of the line (semicolon missing) or '}'; quoted text may hold any of them.
  std::string parse_simple_value(const std::string& name) {
    skip_blanks();
    std::string value;
    while (!at_end()) {
      const char c = peek();
      if (c == ';') {
        advance();
        break;
      }
      if (c == '\n' || c == '}') break;
      if (c == '"') {
        value += parse_quoted();
      } else if (starts_comment()) {
        skip_comment();
      } else {
        value += c;
        advance();
      }
      skip_continuation();
    }
    if (at_end() && value.empty()) {
      throw cut_off(fmt::format("the file ends before the value of '{}'", name), "a value");
    }
    while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back())) != 0) {
      value.pop_back();
    }
    return value;
  }

  std::vector<std::string> parse_arguments(const std::string& name) {
    const int line = line_;
    advance();  // '('
    std::vector<std::string> arguments;
    for (;;) {
      skip_space();
      if (at_end()) {
        throw cut_off(
            fmt::format("the file ends inside the parentheses of '{}', line {}", name, line),
            "')'");
      }
      const char c = peek();
      if (c == ')') {
        advance();
        return arguments;
      }
      if (c == ',') {
        advance();
      } else if (c == '"') {
        arguments.push_back(parse_quoted());
      } else {
        const std::string word = parse_word();
        if (word.empty()) throw unexpected(fmt::format("a value or ')' in '{}'", name));
        arguments.push_back(word);
      }
    }
  }

  std::string parse_quoted() {
    const int line = line_;
    advance();  // opening quote
    std::string value;
    while (!at_end() && peek() != '"') {
      if (peek() == '\\' && next_is_line_end()) {
        skip_continuation();
      } else {
        value += peek();
        advance();
      }
    }
    if (at_end()) {
      throw cut_off(fmt::format("the file ends inside the string that begins at line {}", line),
                    "'\"'");
    }
    advance();  // closing quote
    return value;
  }

  std::string parse_word() {
    std::string word;
    while (!at_end()) {
      const char c = peek();
      if (std::isspace(static_cast<unsigned char>(c)) != 0 ||
          std::string_view("(){},;:\"\\").find(c) != std::string_view::npos || starts_comment()) {
        // "a:b" inside an argument list (bus ranges) stays one word
        if (c != ':' || word.empty() || !next_is_digit()) break;
      }
      word += c;
      advance();
    }
    return word;
  }

  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return text_[position_]; }
  char peek_next() const { return position_ + 1 < text_.size() ? text_[position_ + 1] : '\0'; }
  bool next_is_digit() const { return std::isdigit(static_cast<unsigned char>(peek_next())) != 0; }
  bool next_is_line_end() const {
    std::size_t i = position_ + 1;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t' || text_[i] == '\r')) ++i;
    return i >= text_.size() || text_[i] == '\n';
  }
  void advance() {
    if (text_[position_] == '\n') ++line_;
    ++position_;
  }

  bool starts_comment() const {
    return !at_end() && peek() == '/' && (peek_next() == '*' || peek_next() == '/');
  }
  void skip_comment() {
    const int line = line_;
    if (peek_next() == '/') {
      while (!at_end() && peek() != '\n') advance();
      return;
    }
    while (!at_end() && !(peek() == '*' && peek_next() == '/')) advance();
    if (at_end()) {
      throw cut_off(fmt::format("the file ends inside the comment that begins at line {}", line),
                    "'*/'");
    }
    advance();
    advance();
  }
  void skip_continuation() {
    if (!at_end() && peek() == '\\' && next_is_line_end()) {
      while (!at_end() && peek() != '\n') advance();
      if (!at_end()) advance();
    }
  }
  void skip_blanks() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\r')) advance();
    skip_continuation();
  }
  void skip_space() {
    while (!at_end()) {
      if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
        advance();
      } else if (starts_comment()) {
        skip_comment();
      } else if (peek() == '\\' && next_is_line_end()) {
        skip_continuation();
      } else {
        return;
      }
    }
  }

  Error cut_off(const std::string& message, const std::string& expected) const {
    return Error::input("TW-LIB-001", message)
        .at(file_, line_)
        .expected(expected)
        .hint("the Liberty file is cut off; compare its size with the original");
  }
  Error unexpected(const std::string& expected) const {
    return Error::input("TW-LIB-002", fmt::format("unexpected '{}'", at_end() ? ' ' : peek()))
        .at(file_, line_)
        .expected(expected);
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t position_ = 0;
  int line_ = 1;
};

}  // namespace

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

LibertyGroup parse_liberty(std::string_view text, const std::string& file) {
  return Parser(text, file).parse_library();
}

LibertyGroup read_liberty(const std::filesystem::path& path) {
  return parse_liberty(read_file(path), path.string());
}

}  // namespace togglewise::tech
