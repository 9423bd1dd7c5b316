#include "sim/tech/liberty_text.h"

#include <array>
#include <cstring>

#include <fmt/format.h>

#include "sim/tech/message_text.h"

namespace togglewise::tech {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

// Characters that mean something inside a group that is skipped.
constexpr std::array<bool, 256> stop_characters() {
  std::array<bool, 256> stops{};
  for (const char c : {'{', '}', '"', '/', '\n'}) stops[static_cast<unsigned char>(c)] = true;
  return stops;
}

}  // namespace

LibertyText::LibertyText(LibertySource& source) : source_(source), buffer_(kBufferBytes) {
  cursor_ = end_ = buffer_.data();
}

bool LibertyText::refill() {
  if (source_is_empty_) return false;
  const char* const keep = token_ != nullptr ? token_ : cursor_;
  const auto kept = static_cast<std::size_t>(end_ - keep);
  const auto cursor = static_cast<std::size_t>(cursor_ - keep);
  discarded_ += static_cast<std::size_t>(keep - buffer_.data());
  std::memmove(buffer_.data(), keep, kept);
  if (kept == buffer_.size()) {
    if (buffer_.size() >= kMaxTokenBytes) {
      throw Error::input(
          "TW-LIB-002", fmt::format("one word or string of more than {} MiB", kMaxTokenBytes >> 20))
          .at(file(), line_)
          .expected("a closing '\"'");
    }
    buffer_.resize(2 * buffer_.size());
  }
  if (token_ != nullptr) token_ = buffer_.data();
  cursor_ = buffer_.data() + cursor;
  const std::size_t count = source_.read(buffer_.data() + kept, buffer_.size() - kept);
  end_ = buffer_.data() + kept + count;
  source_is_empty_ = count == 0;
  return count != 0;
}

std::string_view LibertyText::token() {
  const std::string_view text(token_, static_cast<std::size_t>(cursor_ - token_));
  token_ = nullptr;
  return text;
}

std::string_view LibertyText::quoted() {
  const LibertyPosition begin = position();
  advance();
  begin_token();
  for (;;) {
    while (cursor_ != end_ && *cursor_ != '"') advance();
    if (cursor_ != end_) break;
    if (!refill()) {
      throw cut_off(fmt::format("the file ends inside the string that begins at line {}, column {}",
                                begin.line, begin.column),
                    "'\"'");
    }
  }
  const std::string_view text = token();
  ++cursor_;
  return text;
}

void LibertyText::skip_space() {
  while (!at_end()) {
    const char c = *cursor_;
    if (c == '\n' || is_blank(c)) {
      advance();
    } else if (c == '/' && starts_comment()) {
      skip_comment();
    } else if (c != '\\' || !skip_continuation()) {
      return;
    }
  }
}

void LibertyText::skip_blanks() {
  while (!at_end()) {
    if (is_blank(*cursor_)) {
      ++cursor_;
    } else if (starts_comment()) {
      skip_comment();
    } else if (*cursor_ != '\\' || !skip_continuation()) {
      return;
    }
  }
}

void LibertyText::skip_comment() {
  const LibertyPosition begin = position();
  if (peek_next() == '/') {
    while (!at_end() && *cursor_ != '\n') ++cursor_;
    return;
  }
  ++cursor_;
  ++cursor_;
  while (!at_end() && !(*cursor_ == '*' && peek_next() == '/')) advance();
  if (at_end()) {
    throw cut_off(fmt::format("the file ends inside the comment that begins at line {}, column {}",
                              begin.line, begin.column),
                  "'*/'");
  }
  ++cursor_;
  ++cursor_;
}

// A backslash, blanks and the line's end; otherwise the cursor stays where it is.
bool LibertyText::skip_continuation() {
  begin_token();
  ++cursor_;
  while (!at_end() && is_blank(*cursor_)) ++cursor_;
  if (at_end() || *cursor_ == '\n') {
    token_ = nullptr;
    if (cursor_ != end_) advance();
    return true;
  }
  cursor_ = token_;
  token_ = nullptr;
  return false;
}

void LibertyText::skip_string() {
  advance();
  while (!at_end() && *cursor_ != '"') advance();
  if (!at_end()) ++cursor_;
}

bool LibertyText::skip_body() {
  static constexpr std::array<bool, 256> stops = stop_characters();
  std::size_t depth = 1;
  while (!at_end()) {
    while (cursor_ != end_ && !stops[static_cast<unsigned char>(*cursor_)]) ++cursor_;
    if (cursor_ == end_) continue;
    const char c = *cursor_;
    if (c == '"') {
      skip_string();
    } else if (c == '/' && starts_comment()) {
      skip_comment();
    } else {
      advance();
      if (c == '{') ++depth;
      if (c == '}' && --depth == 0) return true;
    }
  }
  return false;
}

Error LibertyText::cut_off(const std::string& message, const std::string& expected) const {
  const LibertyPosition place = position();
  return Error::input("TW-LIB-001", clipped(message))
      .at(file(), place.line, place.column)
      .expected(expected)
      .hint("the Liberty file is cut off; compare its size with the original");
}

Error LibertyText::unexpected(const std::string& expected) {
  const LibertyPosition place = position();
  std::string what = "end of the file";
  if (!at_end()) {
    const auto c = static_cast<unsigned char>(peek());
    what = c >= 0x20 && c < 0x7f ? fmt::format("'{}'", peek()) : fmt::format("byte 0x{:02x}", c);
  }
  return Error::input("TW-LIB-002", fmt::format("unexpected {}", what))
      .at(file(), place.line, place.column)
      .expected(clipped(expected));
}

}  // namespace togglewise::tech
