// Uncompressed BMP (Microsoft, "Bitmap structures", BITMAPFILEHEADER and BITMAPINFOHEADER and its
// successors): colours of 24 and 32 bits, the latter with an alpha channel where the header says
// so, or 1, 4 or 8 bits that choose from a palette. A palette of greys makes a grey image: BMP has
// no other.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sim/network/image_decoders.h"

namespace togglewise::network {
namespace {

constexpr std::size_t file_header_bytes = 14;
constexpr std::size_t smallest_info_header = 40;

class BmpReader {
 public:
  BmpReader(const std::string& bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  DecodedImage read() {
    if (bytes_.size() < file_header_bytes + smallest_info_header) throw cut_off();
    read_header();
    if (bits_ <= 8) read_palette();
    DecodedImage image{static_cast<int>(height_), static_cast<int>(width_), channels(), {}};
    const std::size_t row_bytes = (static_cast<std::size_t>(width_) * bits_ + 31) / 32 * 4;
    if (first_pixel_ > bytes_.size() ||
        bytes_.size() - first_pixel_ < row_bytes * static_cast<std::size_t>(height_)) {
      throw cut_off();
    }
    image.allocate();
    std::uint8_t* to = image.pixels.data();
    for (std::int64_t row = 0; row < height_; ++row) {
      const auto stored = static_cast<std::size_t>(bottom_first_ ? height_ - 1 - row : row);
      to = read_row(first_pixel_ + stored * row_bytes, image.channels, to);
    }
    return image;
  }

 private:
  using Colour = std::array<std::uint8_t, 4>;  // red, green, blue, alpha
  static constexpr std::uint32_t no_compression = 0;
  static constexpr std::uint32_t bit_fields = 3;  // where a pixel's colours are is stated

  int channels() const {
    if (bits_ <= 8 && grey_) return 1;
    return alpha_ ? 4 : 3;
  }

  Error cut_off() const {
    return image_error(source_,
                       fmt::format("the BMP image is cut off after {} bytes", bytes_.size()))
        .expected("a whole BMP file");
  }

  std::uint32_t number(std::size_t at, std::size_t count) const {  // little-endian
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint32_t{byte(at + i)} << 8 * i;
    return value;
  }
  std::uint8_t byte(std::size_t at) const { return static_cast<std::uint8_t>(bytes_[at]); }

  void read_header() {
    first_pixel_ = number(10, 4);
    header_bytes_ = number(14, 4);
    width_ = static_cast<std::int32_t>(number(18, 4));
    height_ = static_cast<std::int32_t>(number(22, 4));
    bits_ = number(28, 2);
    const std::uint32_t compression = number(30, 4);
    colours_ = number(46, 4);
    const bool known_bits = bits_ == 1 || bits_ == 4 || bits_ == 8 || bits_ == 24 || bits_ == 32;
    const bool known_fields = compression == no_compression ||
                              (compression == bit_fields && bits_ == 32 && has_usual_fields());
    if (header_bytes_ < smallest_info_header || !known_bits || !known_fields) {
      throw image_error(source_, fmt::format("the BMP image has a header of {} bytes, {} bits a "
                                             "pixel and compression {}",
                                             header_bytes_, bits_, compression))
          .expected(
              "a header of at least 40 bytes, 1, 4, 8, 24 or 32 bits and compression 0, or 3 "
              "with 32 bits in the order blue, green, red, alpha");
    }
    alpha_ = compression == bit_fields && header_bytes_ >= 56 && number(66, 4) == 0xFF000000;
    bottom_first_ = height_ > 0;
    if (height_ < 0) height_ = -height_;
    require_image_size(source_, height_, width_);
  }

  // The order that files without bit fields have, too.
  bool has_usual_fields() const {
    const std::size_t end = header_bytes_ >= 56 ? 70 : 66;
    return bytes_.size() >= end && number(54, 4) == 0xFF0000 && number(58, 4) == 0xFF00 &&
           number(62, 4) == 0xFF;
  }

  void read_palette() {
    const std::size_t most = std::size_t{1} << bits_;
    const std::size_t count = colours_ == 0 ? most : std::min<std::size_t>(colours_, most);
    const std::size_t start = file_header_bytes + header_bytes_;
    if (start + 4 * count > bytes_.size()) throw cut_off();
    for (std::size_t i = 0; i < count; ++i) {
      palette_.push_back(colour_at(start + 4 * i));
      grey_ = grey_ && palette_[i][0] == palette_[i][1] && palette_[i][1] == palette_[i][2];
    }
  }

  Colour colour_at(std::size_t at) const {
    const std::uint8_t alpha = alpha_ ? byte(at + 3) : std::uint8_t{255};
    return {byte(at + 2), byte(at + 1), byte(at), alpha};
  }

  Colour colour_of(std::size_t row_start, std::size_t column) const {
    if (bits_ > 8) return colour_at(row_start + column * (bits_ / 8));
    const std::size_t bit = column * bits_;
    const std::size_t shift = 8 - bits_ - bit % 8;
    const std::size_t index = byte(row_start + bit / 8) >> shift & ((1U << bits_) - 1);
    if (index < palette_.size()) return palette_[index];
    throw image_error(source_, fmt::format("the BMP image uses colour {} of a palette of {}", index,
                                           palette_.size()))
        .expected(fmt::format("0 to {}", palette_.size() - 1));
  }

  std::uint8_t* read_row(std::size_t row_start, int kept, std::uint8_t* to) const {
    for (std::size_t column = 0; column < static_cast<std::size_t>(width_); ++column) {
      const Colour colour = colour_of(row_start, column);
      to = std::copy(colour.begin(), colour.begin() + kept, to);
    }
    return to;
  }

  const std::string& bytes_;
  const std::string& source_;
  std::size_t first_pixel_ = 0;
  std::size_t header_bytes_ = 0;
  std::int64_t width_ = 0;
  std::int64_t height_ = 0;
  std::size_t bits_ = 0;
  std::size_t colours_ = 0;
  bool bottom_first_ = true;
  bool alpha_ = false;
  std::vector<Colour> palette_;
  bool grey_ = true;
};

}  // namespace

DecodedImage decode_bmp(const std::string& bytes, const std::string& source) {
  return BmpReader(bytes, source).read();
}

}  // namespace togglewise::network
