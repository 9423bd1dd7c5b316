// Inside of read_image(): the decoders of the formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/error.h"

namespace togglewise::network {

struct DecodedImage {
  int height = 0;
  int width = 0;
  int channels = 0;                  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  std::vector<std::uint8_t> pixels;  // [row][column][channel]

  // Makes room for the pixels.
  void allocate();
};

constexpr int largest_image_side = 4096;  // pixels: larger ones are taken for damaged headers

// TW-DATA-008 at `source`.
Error image_error(const std::string& source, const std::string& message);
// Throws it for sides that are not 1 to largest_image_side.
void require_image_size(const std::string& source, std::int64_t height, std::int64_t width);

// Each takes a whole file whose first bytes are those of its format, and throws TW-DATA-008.
DecodedImage decode_png(const std::string& bytes, const std::string& source);
DecodedImage decode_jpeg(const std::string& bytes, const std::string& source);
DecodedImage decode_bmp(const std::string& bytes, const std::string& source);
DecodedImage decode_pnm(const std::string& bytes, const std::string& source);

}  // namespace togglewise::network
