// Every image format, whole and broken, from bytes made here.
#include "sim/network/image_file.h"

#include <turbojpeg.h>

#include "sim/base/files.h"
#include "sim/base/random.h"
#include "tests/config/expect_error.h"
#include "tests/network/image_writers.h"

namespace togglewise::network {
namespace {

using testing::ElementsAre;

class ImageFile : public testing::Test {
 protected:
  Image read(const std::string& bytes) const {
    write_file_atomically(file, bytes);
    return read_image(file);
  }
  void expect_refused(const std::string& bytes, const std::vector<std::string>& words) const {
    ExpectedError expected = {"TW-DATA-008", words};
    expected.words.push_back(file.string());
    expect_error([&] { read(bytes); }, expected);
  }

  TemporaryDirectory folder;
  std::filesystem::path file = folder.path() / "image.png";
};

TEST_F(ImageFile, PngOfEveryColourType_ReadsAsItsValues) {
  const Image grey = read(png(3, 2, PngColour::grey, std::string("\x01\x02\x03\xFD\xFE\xFF")));
  EXPECT_TRUE((grey.shape == FeatureMapShape{1, 2, 3}));
  EXPECT_THAT(grey.pixels, ElementsAre(1, 2, 3, 253, 254, 255));

  // Channel by channel, not pixel by pixel.
  const Image rgb = read(png(2, 1, PngColour::rgb, "abcdef"));
  EXPECT_TRUE((rgb.shape == FeatureMapShape{3, 1, 2}));
  EXPECT_THAT(rgb.pixels, ElementsAre('a', 'd', 'b', 'e', 'c', 'f'));

  const Image palette = read(png(4, 1, PngColour::palette, std::string("\x1B"), 2,
                                 png_chunk("PLTE", "abcdefghijkl")));  // 0, 1, 2, 3
  EXPECT_TRUE((palette.shape == FeatureMapShape{3, 1, 4}));
  EXPECT_THAT(palette.pixels,
              ElementsAre('a', 'd', 'g', 'j', 'b', 'e', 'h', 'k', 'c', 'f', 'i', 'l'));
}

TEST_F(ImageFile, PngOfFewBits_ReachesFullWhite) {
  EXPECT_THAT(read(png(4, 1, PngColour::grey, std::string("\x1B"), 2)).pixels,
              ElementsAre(0, 85, 170, 255));
  EXPECT_THAT(read(png(8, 1, PngColour::grey, std::string("\x0F"), 1)).pixels,
              ElementsAre(0, 0, 0, 0, 255, 255, 255, 255));
}

TEST_F(ImageFile, InterlacedPng_ReadsAsAnyOther) {
  // Adam7 takes the pixels of a 2×2 image in the passes 1 (0, 0), 6 (0, 1) and 7 (row 1).
  const std::string passes("\0a\0b\0cd", 7);
  EXPECT_THAT(read(png_of({2, 2, PngColour::grey, 8, true}, passes, "")).pixels,
              ElementsAre('a', 'b', 'c', 'd'));
}

TEST_F(ImageFile, GammaAndColourProfiles_ChangeNoValue) {
  const std::string gamma = png_chunk("gAMA", big_endian_bytes(100000));
  EXPECT_THAT(read(png(2, 1, PngColour::grey, "\x40\x80", 8, gamma)).pixels, ElementsAre(64, 128));
}

TEST_F(ImageFile, OpaqueAlpha_IsDroppedAndTransparencyRefused) {
  const Image grey = read(png(2, 1, PngColour::grey_alpha, "\x07\xFF\x08\xFF"));
  EXPECT_THAT(grey.pixels, ElementsAre(7, 8));
  const Image rgb = read(png(1, 2, PngColour::rgb_alpha,
                             "abc\xFF"
                             "def\xFF"));
  EXPECT_TRUE((rgb.shape == FeatureMapShape{3, 2, 1}));
  EXPECT_THAT(rgb.pixels, ElementsAre('a', 'd', 'b', 'e', 'c', 'f'));
  expect_refused(png(1, 2, PngColour::rgb_alpha,
                     "abc\xFF"
                     "def\xFE"),
                 {"row 1, column 0 is transparent", "without transparency"});
  expect_refused(png(2, 1, PngColour::grey, "ab", 8, png_chunk("tRNS", std::string("\0b", 2))),
                 {"row 0, column 1 is transparent"});
}

TEST_F(ImageFile, PngOf16Bits_IsRefused) {
  expect_refused(png(1, 1, PngColour::grey, "ab", 16), {"16 bits a channel", "at most 8"});
}

TEST_F(ImageFile, DamagedPng_IsRefusedWithTheReason) {
  const std::string whole = png(3, 2, PngColour::rgb, "abcdefghijklmnopqr");
  for (std::size_t size = 4; size < whole.size(); ++size) {
    expect_refused(whole.substr(0, size), {"damaged", "a whole PNG file"});
  }
  std::string flipped = whole;
  flipped[whole.find("IDAT") + 12] ^= 1;
  expect_refused(flipped, {"the PNG image is damaged (IDAT: "});
  expect_refused(png(5000, 1, PngColour::grey, std::string(5000, 'x')),
                 {"1×5000 pixels", "1 to 4096"});
}

std::string jpeg(const std::string& pixels, int width, int height, int format, int subsampling) {
  const tjhandle encoder = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  tjCompress2(encoder, reinterpret_cast<const unsigned char*>(pixels.data()), width, 0, height,
              format, &bytes, &size, subsampling, 100, 0);
  std::string result(reinterpret_cast<char*>(bytes), size);
  tjFree(bytes);
  tjDestroy(encoder);
  return result;
}

TEST_F(ImageFile, Jpeg_IsReadInGreyAndColour) {
  std::string pixels;
  for (int i = 0; i < 16 * 16; ++i) pixels.push_back(static_cast<char>(8 * (i % 16)));
  const Image grey = read(jpeg(pixels, 16, 16, TJPF_GRAY, TJSAMP_GRAY));
  ASSERT_TRUE((grey.shape == FeatureMapShape{1, 16, 16}));
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
    EXPECT_NEAR(grey.pixels[i], static_cast<unsigned char>(pixels[i]), 2);
  }
  std::string colours;
  for (int i = 0; i < 8 * 24; ++i) colours += {'\xC8', '\x64', '\x32'};
  const Image rgb = read(jpeg(colours, 8, 24, TJPF_RGB, TJSAMP_444));
  ASSERT_TRUE((rgb.shape == FeatureMapShape{3, 24, 8}));
  EXPECT_NEAR(rgb.pixels[0], 200, 2);
  EXPECT_NEAR(rgb.pixels[8 * 24], 100, 2);
  EXPECT_NEAR(rgb.pixels[2 * 8 * 24], 50, 2);
}

TEST_F(ImageFile, DamagedJpeg_IsRefused) {
  Random random(1);
  std::string pixels;
  for (int i = 0; i < 32 * 32; ++i) pixels.push_back(static_cast<char>(random.below(256)));
  const std::string whole = jpeg(pixels, 32, 32, TJPF_GRAY, TJSAMP_GRAY);
  EXPECT_NO_THROW(read(whole));
  for (const std::size_t size :
       {std::size_t{3}, std::size_t{20}, whole.size() / 2, whole.size() - 20}) {
    expect_refused(whole.substr(0, size), {"the JPEG image", "a whole JPEG file"});
  }
  std::string cmyk;
  for (int i = 0; i < 8 * 8; ++i) cmyk += "abcd";
  expect_refused(jpeg(cmyk, 8, 8, TJPF_CMYK, TJSAMP_444), {"cyan"});
}

TEST_F(ImageFile, BmpOfEveryDepth_ReadsAsItsValues) {
  // Rows are padded to four bytes and begin at the bottom; colours are blue, green, red.
  const Image bottom_first = read(bmp(1, 2, 24, "abc_def_"));
  EXPECT_TRUE((bottom_first.shape == FeatureMapShape{3, 2, 1}));
  EXPECT_THAT(bottom_first.pixels, ElementsAre('f', 'c', 'e', 'b', 'd', 'a'));
  EXPECT_THAT(read(bmp(1, -2, 24, "abc_def_")).pixels, ElementsAre('c', 'f', 'b', 'e', 'a', 'd'));
  EXPECT_THAT(read(bmp(1, 1, 32, "abc_")).pixels, ElementsAre('c', 'b', 'a'));

  const std::string colours = {'a', 'b', 'c', 0, 'd', 'e', 'f', 0};
  EXPECT_THAT(read(bmp(2, 1, 8, std::string("\1\0__", 4), colours)).pixels,
              ElementsAre('f', 'c', 'e', 'b', 'd', 'a'));
  const std::string greys = {'a', 'a', 'a', 0, 'd', 'd', 'd', 0};
  const Image grey = read(bmp(2, 1, 4, std::string("\x10___", 4), greys));
  EXPECT_TRUE((grey.shape == FeatureMapShape{1, 1, 2}));
  EXPECT_THAT(grey.pixels, ElementsAre('d', 'a'));
  EXPECT_THAT(read(bmp(3, 1, 1, std::string("\xA0___", 4), greys)).pixels,
              ElementsAre('d', 'a', 'd'));
}

TEST_F(ImageFile, BmpWithBitFields_ReadsInTheUsualOrder) {
  // As ImageMagick writes them: a longer header with the places of blue, green, red and alpha.
  const auto with_fields = [](std::uint32_t red, const std::string& pixel) {
    std::string fields;
    for (const std::uint32_t field : {red, 0xFF00U, 0xFFU, 0xFF000000U}) {
      fields += little_endian_bytes(field, 4);
    }
    std::string bytes = bmp(1, 1, 32, fields + pixel, "", 3);
    bytes.replace(10, 4, little_endian_bytes(70, 4));  // the pixel's place
    bytes.replace(14, 4, little_endian_bytes(56, 4));  // of the header, the fields among it
    return bytes;
  };
  EXPECT_THAT(read(with_fields(0xFF0000, "abc\xFF")).pixels, ElementsAre('c', 'b', 'a'));
  expect_refused(with_fields(0xFF0000, "abc\x7F"), {"is transparent"});
  expect_refused(with_fields(0x7F0000, "abc\xFF"), {"compression 3", "blue, green, red, alpha"});
}

TEST_F(ImageFile, OtherAndDamagedBmp_AreRefused) {
  const std::string colours = {'a', 'b', 'c', 0, 'd', 'e', 'f', 0};
  const std::string whole = bmp(2, 2, 8, std::string("\1\0__\0\1__", 8), colours);
  for (std::size_t size = 2; size < whole.size(); ++size) {
    expect_refused(whole.substr(0, size), {"the BMP image is cut off after"});
  }
  expect_refused(bmp(1, 1, 8, std::string("\2___", 4), colours),
                 {"uses colour 2 of a palette of 2", "0 to 1"});
  expect_refused(bmp(1, 1, 16, "ab__"), {"16 bits", "1, 4, 8, 24 or 32"});
  expect_refused(bmp(1, 1, 32, "abcd", "", 3), {"compression 3", "compression 0"});
  expect_refused(bmp(5000, 1, 24, "x"), {"1×5000 pixels", "1 to 4096"});
  expect_refused(bmp(0, 1, 24, "x"), {"1×0 pixels"});
  expect_refused(bmp(1, static_cast<int>(0x80000000U), 24, "x"), {"2147483648×1 pixels"});
}

TEST_F(ImageFile, BinaryPgmAndPpm_AreRead) {
  const Image grey = read(pnm("P5 3 # wide\n2 255", "abcdef"));
  EXPECT_TRUE((grey.shape == FeatureMapShape{1, 2, 3}));
  EXPECT_THAT(grey.pixels, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  const Image rgb = read(pnm("P6\n1\n2\n255", "abcdef"));
  EXPECT_TRUE((rgb.shape == FeatureMapShape{3, 2, 1}));
  EXPECT_THAT(rgb.pixels, ElementsAre('a', 'd', 'b', 'e', 'c', 'f'));
}

TEST_F(ImageFile, OtherAndDamagedPnm_AreRefused) {
  expect_refused(pnm("P5 3 2 255", "abcde"), {"cut off after 16 bytes of 17"});
  expect_refused(pnm("P5 3 2 15", "abcdef"), {"largest value is 15", "255"});
  expect_refused(pnm("P5 3 2 65535", "abcdefabcdef"), {"largest value is 65535"});
  expect_refused(pnm("P5 3 x 255", "a"), {"no number at byte 5"});
  expect_refused("P5 3 # never ends", {"no number at byte 17"});
  expect_refused("P5 1 1 255", {"does not end at byte 10"});
  expect_refused(pnm("P5 5000 1 255", "a"), {"1×5000 pixels"});
  expect_refused(pnm("P5 99999999999999999999 1 255", "a"), {"pixels"});
  expect_refused(pnm("P2 1 1 255", "1"), {"no image that can be read", "binary form"});
}

TEST_F(ImageFile, OtherFiles_AreNoImages) {
  expect_refused("", {"no image that can be read", "PNG, JPEG, BMP"});
  expect_refused("GIF89a", {"no image"});
  expect_refused("\x89PN", {"no image"});
  expect_error([&] { read_image(folder.path() / "none.png"); }, {"TW-FILE-001", {"none.png"}});
}

TEST_F(ImageFile, Names_TellImagesWhateverTheirCase) {
  for (const char* name : {"a.png", "a.PNG", "a.jpg", "b.JpEg", "a.bmp", "a.pgm", "a.ppm"}) {
    EXPECT_TRUE(has_image_name(name)) << name;
  }
  for (const char* name : {"png", "a.gif", "a.png.txt", "", "a."}) {
    EXPECT_FALSE(has_image_name(name)) << name;
  }
}

}  // namespace
}  // namespace togglewise::network
