// A window that slides over a Liberty file: characters one by one with their line and column, and
// tokens as whole pieces of text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"
#include "sim/tech/liberty_source.h"

namespace togglewise::tech {

struct LibertyPosition {
  int line = 1;
  int column = 1;
};

class LibertyText {
 public:
  explicit LibertyText(LibertySource& source);

  bool at_end() { return cursor_ == end_ && !refill(); }
  // Only where at_end() is false.
  char peek() const { return *cursor_; }
  char peek_next() {
    if (cursor_ + 1 == end_) refill();
    return cursor_ + 1 < end_ ? cursor_[1] : '\0';
  }
  void advance() {
    if (*cursor_ == '\n') new_line();
    ++cursor_;
  }
  bool starts_comment() { return peek() == '/' && (peek_next() == '*' || peek_next() == '/'); }

  // Past blanks, line ends, comments and line continuations. Throws TW-LIB-001 for an open comment.
  void skip_space();
  // The same, but stays before the line's end unless a backslash continues the line.
  void skip_blanks();
  // Past the body of a group whose '{' has been read, and its '}'; nothing of it is kept.
  // False where the file ends before that.
  bool skip_body();

  // Text from here on is kept in one piece until token() is asked for it, which is valid until the
  // next call of anything else. Throws TW-LIB-002 where it grows beyond kMaxTokenBytes.
  void begin_token() { token_ = cursor_; }
  std::string_view token();
  // Moves the cursor past the opening quote's string and returns what is between the quotes.
  std::string_view quoted();

  LibertyPosition position() const {
    return {line_, static_cast<int>(offset(cursor_) - line_start_) + 1};
  }
  const std::string& file() const { return source_.name(); }
  Error cut_off(const std::string& message, const std::string& expected) const;
  // "unexpected 'c'" at the cursor.
  Error unexpected(const std::string& expected);

  static constexpr std::size_t kMaxTokenBytes = std::size_t{1} << 24;

 private:
  bool refill();
  // Bytes of the file before a place in the buffer.
  std::size_t offset(const char* place) const {
    return discarded_ + static_cast<std::size_t>(place - buffer_.data());
  }
  // The cursor is at a line's end.
  void new_line() {
    ++line_;
    line_start_ = offset(cursor_) + 1;
  }
  void skip_comment();
  void skip_string();
  bool skip_continuation();

  LibertySource& source_;
  std::vector<char> buffer_;
  const char* cursor_ = nullptr;
  const char* end_ = nullptr;
  const char* token_ = nullptr;  // begin of the token that is kept, or nullptr
  std::size_t discarded_ = 0;    // bytes of the file that were before the buffer's first
  std::size_t line_start_ = 0;   // bytes before the line
  int line_ = 1;
  bool source_is_empty_ = false;
};

}  // namespace togglewise::tech
