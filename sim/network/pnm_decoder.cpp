// PGM (P5) and PPM (P6) in their binary form (https://netpbm.sourceforge.net/doc/pgm.html): "P5",
// width, height and the largest value as text, one white space, then the pixels.
#include <algorithm>

#include <fmt/format.h>

#include "sim/network/image_decoders.h"

namespace togglewise::network {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class PnmHeader {
 public:
  PnmHeader(const std::string& bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  // The next number; comments reach from # to the end of a line.
  std::int64_t number() {
    while (at_ < bytes_.size() && (is_space(bytes_[at_]) || bytes_[at_] == '#')) {
      at_ = bytes_[at_] == '#' ? std::min(bytes_.find('\n', at_), bytes_.size()) : at_ + 1;
    }
    std::int64_t value = 0;
    const std::size_t start = at_;
    while (at_ < bytes_.size() && is_digit(bytes_[at_]) && value < 1'000'000) {
      value = 10 * value + (bytes_[at_++] - '0');
    }
    if (at_ == start) {
      throw image_error(source_,
                        fmt::format("the header of the image has no number at byte {}", at_))
          .expected("width, height and largest value");
    }
    return value;
  }

  // Where the pixels begin.
  std::size_t end() const {
    if (at_ < bytes_.size() && is_space(bytes_[at_])) return at_ + 1;
    throw image_error(source_, fmt::format("the header of the image does not end at byte {}", at_))
        .expected("one white space before the pixels");
  }

 private:
  const std::string& bytes_;
  const std::string& source_;
  std::size_t at_ = 2;  // behind P5 or P6
};

}  // namespace

DecodedImage decode_pnm(const std::string& bytes, const std::string& source) {
  PnmHeader header(bytes, source);
  const std::int64_t width = header.number();
  const std::int64_t height = header.number();
  const std::int64_t largest_value = header.number();
  require_image_size(source, height, width);
  if (largest_value != 255) {
    throw image_error(source, fmt::format("the image's largest value is {}", largest_value))
        .expected("255: 8 bits a channel");
  }
  DecodedImage image{
      static_cast<int>(height), static_cast<int>(width), bytes[1] == '5' ? 1 : 3, {}};
  image.allocate();
  const std::size_t start = header.end();
  if (bytes.size() - start < image.pixels.size()) {
    throw image_error(source, fmt::format("the image is cut off after {} bytes of {}", bytes.size(),
                                          start + image.pixels.size()))
        .expected("a whole PGM or PPM file");
  }
  const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(start);
  std::copy(first, first + static_cast<std::ptrdiff_t>(image.pixels.size()), image.pixels.begin());
  return image;
}

}  // namespace togglewise::network
