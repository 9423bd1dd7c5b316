#include "sim/network/image_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/network/image_decoders.h"

namespace togglewise::network {
namespace {

struct Format {
  const char* first_bytes;
  DecodedImage (*decode)(const std::string& bytes, const std::string& source);
};

constexpr std::array<Format, 5> formats = {{{"\x89PNG", decode_png},
                                            {"\xFF\xD8\xFF", decode_jpeg},
                                            {"BM", decode_bmp},
                                            {"P5", decode_pnm},
                                            {"P6", decode_pnm}}};

DecodedImage decode(const std::string& bytes, const std::string& source) {
  for (const Format& format : formats) {
    const std::string first = format.first_bytes;
    if (bytes.compare(0, first.size(), first) == 0) return format.decode(bytes, source);
  }
  throw image_error(source, "this is no image that can be read")
      .expected("PNG, JPEG, BMP, or PGM or PPM in its binary form");
}

// Channels of an image without its alpha channel, which must be opaque.
int colour_channels(const DecodedImage& image, const std::string& source) {
  if (image.channels == 1 || image.channels == 3) return image.channels;
  const auto channels = static_cast<std::size_t>(image.channels);
  for (std::size_t alpha = channels - 1; alpha < image.pixels.size(); alpha += channels) {
    if (image.pixels[alpha] == 255) continue;
    const std::size_t pixel = alpha / channels;
    const auto width = static_cast<std::size_t>(image.width);
    throw image_error(source, fmt::format("the pixel in row {}, column {} is transparent",
                                          pixel / width, pixel % width))
        .expected("grey or colour without transparency");
  }
  return image.channels - 1;
}

}  // namespace

void DecodedImage::allocate() {
  pixels.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
                static_cast<std::size_t>(channels));
}

Error image_error(const std::string& source, const std::string& message) {
  return Error::input("TW-DATA-008", message).at(source);
}

void require_image_size(const std::string& source, std::int64_t height, std::int64_t width) {
  if (height >= 1 && height <= largest_image_side && width >= 1 && width <= largest_image_side) {
    return;
  }
  throw image_error(source, fmt::format("the header says {}×{} pixels", height, width))
      .expected(fmt::format("1 to {} rows and columns", largest_image_side));
}

Image read_image(const std::filesystem::path& file) {
  const std::string source = file.string();
  const DecodedImage decoded = decode(read_file(file), source);
  Image image;
  image.shape = {colour_channels(decoded, source), decoded.height, decoded.width};
  image.pixels.resize(image.shape.size());
  const auto stored = static_cast<std::size_t>(decoded.channels);
  const std::size_t area = decoded.pixels.size() / stored;
  const auto channels = static_cast<std::size_t>(image.shape.channels);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < area; ++i) {
      image.pixels[c * area + i] = decoded.pixels[i * stored + c];
    }
  }
  return image;
}

bool has_image_name(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::array<const char*, 6> endings = {".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm"};
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

}  // namespace togglewise::network
