// Text from a user's file inside a message: it may be megabytes, a message is a line.
#pragma once

#include <string>
#include <string_view>

namespace togglewise::tech {

constexpr std::size_t kMaxMessageText = 160;

// Not cut in the middle of a UTF-8 character.
inline std::string clipped(std::string_view text, std::size_t limit = kMaxMessageText) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80U) --limit;
  return std::string(text.substr(0, limit)) + "…";
}

}  // namespace togglewise::tech
