// Image files made by tests, byte by byte: also ones that no program would write.
#pragma once

#include <cstdint>
#include <string>

#include <zlib.h>

namespace togglewise::network {

inline std::string big_endian_bytes(std::uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(value >> shift & 255));
  return bytes;
}

inline std::string little_endian_bytes(std::uint32_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> 8 * i & 255));
  return bytes;
}

inline std::string png_chunk(const std::string& type, const std::string& content) {
  const std::string checked = type + content;
  const auto checksum =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian_bytes(static_cast<std::uint32_t>(content.size())) + checked +
         big_endian_bytes(static_cast<std::uint32_t>(checksum));
}

enum class PngColour { grey = 0, rgb = 2, palette = 3, grey_alpha = 4, rgb_alpha = 6 };

struct PngHeader {
  int width = 0;
  int height = 0;
  PngColour colour = PngColour::grey;
  int bit_depth = 8;
  bool interlaced = false;
};

// `filtered` are the rows, each behind the number of its filter; `extra` chunks stand before them
// (PLTE, tRNS).
inline std::string png_of(const PngHeader& header, const std::string& filtered,
                          const std::string& extra) {
  uLongf size = compressBound(static_cast<uLong>(filtered.size()));
  std::string compressed(size, '\0');
  compress(reinterpret_cast<Bytef*>(compressed.data()), &size,
           reinterpret_cast<const Bytef*>(filtered.data()), static_cast<uLong>(filtered.size()));
  compressed.resize(size);
  std::string fields = big_endian_bytes(static_cast<std::uint32_t>(header.width)) +
                       big_endian_bytes(static_cast<std::uint32_t>(header.height));
  fields += {static_cast<char>(header.bit_depth), static_cast<char>(header.colour), 0, 0,
             static_cast<char>(header.interlaced ? 1 : 0)};
  return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", fields) + extra + png_chunk("IDAT", compressed) +
         png_chunk("IEND", "");
}

// `rows` are the bytes of all rows, unfiltered.
inline std::string png(int width, int height, PngColour colour, const std::string& rows,
                       int bit_depth = 8, const std::string& extra = "") {
  const auto row_bytes = rows.size() / static_cast<std::size_t>(height);
  std::string filtered;
  for (std::size_t row = 0; row < static_cast<std::size_t>(height); ++row) {
    filtered += '\0' + rows.substr(row * row_bytes, row_bytes);  // 0: the filter "none"
  }
  return png_of({width, height, colour, bit_depth}, filtered, extra);
}

// `palette` of blue, green, red and zero each; `pixels` as they are stored, rows padded to four
// bytes. A negative height puts the first row on top.
inline std::string bmp(int width, int height, int bits, const std::string& pixels,
                       const std::string& palette = "", std::uint32_t compression = 0) {
  const auto number = [](int value, int count) {
    return little_endian_bytes(static_cast<std::uint32_t>(value), count);
  };
  const auto start = static_cast<int>(54 + palette.size());
  return "BM" + number(start + static_cast<int>(pixels.size()), 4) + number(0, 4) +
         number(start, 4) + number(40, 4) + number(width, 4) + number(height, 4) + number(1, 2) +
         number(bits, 2) + little_endian_bytes(compression, 4) +
         number(static_cast<int>(pixels.size()), 4) + number(0, 8) +
         number(static_cast<int>(palette.size() / 4), 4) + number(0, 4) + palette + pixels;
}

inline std::string pnm(const std::string& header, const std::string& pixels) {
  return header + "\n" + pixels;
}

}  // namespace togglewise::network
