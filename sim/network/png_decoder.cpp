// PNG by libpng. Its errors leave by longjmp, which runs no destructors: nothing that has one lives
// in the functions that call it.
#include <csetjmp>
#include <cstring>
#include <png.h>

#include <fmt/format.h>

#include "sim/network/image_decoders.h"

namespace togglewise::network {
namespace {

class PngReader {
 public:
  explicit PngReader(const std::string& bytes) : bytes_(bytes.data()), size_(bytes.size()) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  // What went wrong when one of the following returns false.
  const char* message() const { return message_; }

  // Afterwards the sizes below are known.
  bool read_header() {
    if (png_ == nullptr || info_ == nullptr) return false;
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, read_bytes);
    png_read_info(png_, info_);
    bit_depth = png_get_bit_depth(png_, info_);
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    if (png_get_valid(png_, info_, PNG_INFO_tRNS) != 0) png_set_tRNS_to_alpha(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    height = static_cast<int>(png_get_image_height(png_, info_));
    width = static_cast<int>(png_get_image_width(png_, info_));
    channels = png_get_channels(png_, info_);
    return true;
  }

  // To the end of the file, so that a cut one is noticed.
  bool read_rows(png_bytep* rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  int bit_depth = 0;  // as it is stored
  int height = 0;
  int width = 0;
  int channels = 0;

 private:
  static void on_error(png_structp png, png_const_charp message) {
    auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(reader->message_, message, sizeof(reader->message_) - 1);
    longjmp(png_jmpbuf(png), 1);
  }
  static void on_warning(png_structp, png_const_charp) {}  // of chunks that are not used
  static void read_bytes(png_structp png, png_bytep to, png_size_t count) {
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader->size_ - reader->at_) png_error(png, "the file is cut off");
    std::memcpy(to, reader->bytes_ + reader->at_, count);
    reader->at_ += count;
  }

  const char* bytes_;
  std::size_t size_;
  std::size_t at_ = 0;
  char message_[128] = "";
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

Error damaged(const std::string& source, const PngReader& reader) {
  return image_error(source, fmt::format("the PNG image is damaged ({})", reader.message()))
      .expected("a whole PNG file");
}

}  // namespace

DecodedImage decode_png(const std::string& bytes, const std::string& source) {
  PngReader reader(bytes);
  if (!reader.read_header()) throw damaged(source, reader);
  require_image_size(source, reader.height, reader.width);
  if (reader.bit_depth > 8) {
    throw image_error(source, fmt::format("the PNG image has {} bits a channel", reader.bit_depth))
        .expected("at most 8");
  }
  DecodedImage image{reader.height, reader.width, reader.channels, {}};
  image.allocate();
  const std::size_t row_bytes = image.pixels.size() / static_cast<std::size_t>(image.height);
  std::vector<png_bytep> rows;
  for (std::size_t row = 0; row < static_cast<std::size_t>(image.height); ++row) {
    rows.push_back(image.pixels.data() + row * row_bytes);
  }
  if (!reader.read_rows(rows.data())) throw damaged(source, reader);
  return image;
}

}  // namespace togglewise::network
