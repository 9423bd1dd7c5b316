#include "sim/network/layer_mapping.h"

#include <algorithm>
#include <numeric>

namespace togglewise::network {
namespace {

// Pixels of the block with the top left corner (y, x), lines in turn forwards and backwards.
void append_block(int y, int x, int height, int width, int line_length, bool backwards,
                  std::vector<std::uint32_t>& pixels) {
  for (int i = 0; i < height; ++i, backwards = !backwards) {
    for (int j = 0; j < width; ++j) {
      const int column = backwards ? x + width - 1 - j : x + j;
      pixels.push_back(static_cast<std::uint32_t>((y + i) * line_length + column));
    }
  }
}

}  // namespace

std::string to_string(PixelOrder::Kind kind) {
  switch (kind) {
    case PixelOrder::Kind::raster:
      return "raster";
    case PixelOrder::Kind::serpentine:
      return "serpentine";
    case PixelOrder::Kind::tiled:
      return "tiled";
    case PixelOrder::Kind::table:
      break;
  }
  return "table";
}

std::vector<std::uint32_t> PixelOrder::pixels(int height, int width) const {
  std::vector<std::uint32_t> result;
  switch (kind) {
    case Kind::raster:
      result.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
      std::iota(result.begin(), result.end(), 0U);
      break;
    case Kind::serpentine:
      append_block(0, 0, height, width, width, false, result);
      break;
    case Kind::tiled: {
      bool backwards = false;
      for (int y = 0; y < height; y += block_height, backwards = !backwards) {
        const int lines = std::min(block_height, height - y);
        const int blocks = (width + block_width - 1) / block_width;
        for (int i = 0; i < blocks; ++i) {
          const int x = (backwards ? blocks - 1 - i : i) * block_width;
          append_block(y, x, lines, std::min(block_width, width - x), width, backwards, result);
        }
      }
      break;
    }
    case Kind::table:
      result = table;
      break;
  }
  return result;
}

}  // namespace togglewise::network
