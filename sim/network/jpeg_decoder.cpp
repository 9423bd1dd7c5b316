// JPEG by libjpeg-turbo, with its exact transform: every processor gives the same pixels.
#include <memory>
#include <turbojpeg.h>
#include <type_traits>

#include <fmt/format.h>

#include "sim/network/image_decoders.h"

namespace togglewise::network {
namespace {

Error damaged(const std::string& source, tjhandle decoder) {
  return image_error(source, fmt::format("the JPEG image is damaged ({})", tjGetErrorStr2(decoder)))
      .expected("a whole JPEG file");
}

}  // namespace

DecodedImage decode_jpeg(const std::string& bytes, const std::string& source) {
  const std::unique_ptr<std::remove_pointer_t<tjhandle>, int (*)(tjhandle)> decoder(
      tjInitDecompress(), tjDestroy);
  if (!decoder) throw damaged(source, nullptr);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto size = static_cast<unsigned long>(bytes.size());
  DecodedImage image;
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(decoder.get(), data, size, &image.width, &image.height, &subsampling,
                          &colours) != 0) {
    throw damaged(source, decoder.get());
  }
  if (image.width < 1) {  // tables alone are no error to the library
    throw image_error(source, "the JPEG image ends before it tells its size")
        .expected("a whole JPEG file");
  }
  require_image_size(source, image.height, image.width);
  if (colours != TJCS_GRAY && colours != TJCS_YCbCr && colours != TJCS_RGB) {
    throw image_error(source, "the JPEG image is made of cyan, magenta, yellow and black")
        .expected("grey, or red, green and blue");
  }
  image.channels = colours == TJCS_GRAY ? 1 : 3;
  image.allocate();
  // Without stopping on warnings the rest of a cut file would be grey.
  if (tjDecompress2(decoder.get(), data, size, image.pixels.data(), image.width, 0, image.height,
                    image.channels == 1 ? TJPF_GRAY : TJPF_RGB,
                    TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING) != 0) {
    throw damaged(source, decoder.get());
  }
  return image;
}

}  // namespace togglewise::network
