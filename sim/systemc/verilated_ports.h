// How flat ports and unpacked arrays of a Verilated model are read and written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {

// A 2-D unpacked array of registers.
template <class Rows>
auto register_view(const Rows& rows) {
  using Element = std::decay_t<decltype(rows[0][0])>;
  return RegisterView<Element>{&rows[0][0], static_cast<int>(sizeof(rows[0]) / sizeof(Element))};
}

// Flags in a 2-D unpacked array, a byte each.
template <class Rows>
FlagView flag_view(const Rows& rows) {
  return {&rows[0][0], static_cast<int>(sizeof(rows[0])), 8};
}
// Flags in an unpacked array of words, one per row.
template <class Words>
FlagView packed_flag_view(const Words& words) {
  return {reinterpret_cast<const std::uint8_t*>(&words[0]), static_cast<int>(sizeof(words[0])), 1};
}

// Flat ports are machine words (up to 64 bits) or arrays of 32-bit words, lowest first: on a
// little-endian machine both are the bytes of the vector in order.
template <class Port>
void write_port(Port& port, const std::int8_t* bytes, int count) {
  std::memcpy(static_cast<void*>(&port), bytes, static_cast<std::size_t>(count));
}

template <class Port>
void read_fields(const Port& port, int bits, std::vector<std::int32_t>& fields) {
  std::uint32_t words[sizeof(Port) / 4 + 1] = {};  // one more, so that every field has two words
  std::memcpy(words, static_cast<const void*>(&port), sizeof(Port));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t first = i * static_cast<std::size_t>(bits);
    const std::uint64_t pair = words[first / 32] | std::uint64_t{words[first / 32 + 1]} << 32;
    const auto field = static_cast<std::uint32_t>(pair >> first % 32);
    fields[i] = static_cast<std::int32_t>(field << (32 - bits)) >> (32 - bits);
  }
}

}  // namespace togglewise::systemc
