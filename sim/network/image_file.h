// One image file: PNG, JPEG, BMP, PGM or PPM with 8 bits a channel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "sim/network/shape.h"

namespace togglewise::network {

struct Image {
  FeatureMapShape shape;             // grey images have one channel, others red, green and blue
  std::vector<std::uint8_t> pixels;  // [channel][row][column]
};

// The values as they are stored: no colour management. Which format it is, its first bytes tell. An
// alpha channel that hides nothing is dropped. Throws TW-FILE-001 (not there, or not readable) and
// TW-DATA-008 (no such image, cut off, damaged, transparent, too large).
Image read_image(const std::filesystem::path& file);

// Whether the name ends as that of such an image does.
bool has_image_name(const std::filesystem::path& file);

}  // namespace togglewise::network
