// Content hashes for provenance and checksums (XXH3, 128 bits); not for security.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace togglewise {

// 32 lower-case hexadecimal digits.
std::string hash_bytes(const void* data, std::size_t size);
inline std::string hash_bytes(std::string_view text) {
  return hash_bytes(text.data(), text.size());
}

}  // namespace togglewise
