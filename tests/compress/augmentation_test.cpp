// Flips and padded crops of training images, against their definition pixel by pixel.
#include "compress/data/augmentation.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace togglewise::compress {
namespace {

using network::FeatureMapShape;
using Pixels = std::vector<std::uint8_t>;

Pixels random_pixels(const FeatureMapShape& shape, Random& random) {
  Pixels pixels(shape.size());
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  return pixels;
}

// The definition: each pixel of the result looked up in the padded image.
Pixels defined(const FeatureMapShape& shape, const Pixels& image, const ImageChange& change,
               const Pixels& padding_value) {
  Pixels out;
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) {
        const int row = y + change.down;
        const int column = (change.flip ? shape.width - 1 - x : x) + change.right;
        const bool inside = row >= 0 && row < shape.height && column >= 0 && column < shape.width;
        const int at = (c * shape.height + row) * shape.width + column;
        const std::uint8_t outside =
            padding_value.empty() ? std::uint8_t{0} : padding_value[static_cast<std::size_t>(c)];
        out.push_back(inside ? image[static_cast<std::size_t>(at)] : outside);
      }
    }
  }
  return out;
}

TEST(Augmentation, EveryChange_IsThatOfTheDefinition) {
  Random random(1);
  for (int run = 0; run < 2000; ++run) {
    const FeatureMapShape shape = {random.between(1, 3), random.between(1, 12),
                                   random.between(1, 40)};
    const Pixels image = random_pixels(shape, random);
    const ImageChange change = {random.below(2) == 0, random.between(-8, 8), random.between(-8, 8)};
    Pixels padding_value;
    if (random.below(2) == 0) {
      padding_value = random_pixels({shape.channels, 1, 1}, random);
    }
    Pixels out(shape.size() + 1, 77);
    apply_change(shape, image.data(), change, padding_value, out.data());
    EXPECT_EQ(out.back(), 77);
    out.pop_back();
    ASSERT_EQ(out, defined(shape, image, change, padding_value))
        << shape.height << "x" << shape.width << " down " << change.down << " right "
        << change.right << (change.flip ? " mirrored" : "");
  }
}

TEST(Augmentation, WithoutFlipAndPadding_ImagesStayAsTheyAre) {
  Random random(2);
  const FeatureMapShape shape = {3, 32, 32};
  const Pixels image = random_pixels(shape, random);
  for (std::size_t i = 0; i < 100; ++i) {
    Pixels out(shape.size());
    augment(shape, image.data(), {}, 1, 0, i, out.data());
    ASSERT_EQ(out, image);
  }
}

TEST(Augmentation, SameSeedEpochAndPosition_GiveTheSameImage) {
  Random random(3);
  const FeatureMapShape shape = {3, 32, 32};
  const Pixels image = random_pixels(shape, random);
  const AugmentationParams params = {true, 4, {}};
  const auto made = [&](std::uint64_t seed, int epoch) {
    std::vector<Pixels> images;
    for (std::size_t i = 0; i < 50; ++i) {
      images.emplace_back(shape.size());
      augment(shape, image.data(), params, seed, epoch, i, images.back().data());
    }
    return images;
  };
  EXPECT_EQ(made(7, 3), made(7, 3));
  EXPECT_NE(made(7, 3), made(7, 4));
  EXPECT_NE(made(7, 3), made(8, 3));
  EXPECT_NE(made(7, 3), made(3, 7));
}

// 162 changes with padding 4: each is as likely as any other, over positions of an epoch as over
// epochs of a position.
TEST(Augmentation, Draws_AreUniform) {
  const AugmentationParams params = {true, 4, {}};
  const int draws = 162 * 1000;
  for (const bool over_epochs : {false, true}) {
    std::map<std::tuple<bool, int, int>, int> counts;
    for (int i = 0; i < draws; ++i) {
      const ImageChange change = over_epochs
                                     ? draw_change(params, 5, i, 17)
                                     : draw_change(params, 5, 2, static_cast<std::size_t>(i));
      ++counts[{change.flip, change.down, change.right}];
    }
    ASSERT_EQ(counts.size(), 162U);
    // Mean 1000, deviation 32: six deviations either way.
    for (const auto& entry : counts) {
      EXPECT_GT(entry.second, 810);
      EXPECT_LT(entry.second, 1190);
    }
  }
}

TEST(Augmentation, FlipAndPadding_AreIndependentSwitches) {
  bool flipped = false;
  bool shifted = false;
  for (std::size_t i = 0; i < 100; ++i) {
    const ImageChange flip = draw_change({true, 0, {}}, 1, 0, i);
    flipped = flipped || flip.flip;
    EXPECT_EQ(flip.down, 0);
    EXPECT_EQ(flip.right, 0);
    const ImageChange crop = draw_change({false, 2, {}}, 1, 0, i);
    EXPECT_FALSE(crop.flip);
    EXPECT_LE(std::abs(crop.down), 2);
    EXPECT_LE(std::abs(crop.right), 2);
    shifted = shifted || crop.down != 0;
  }
  EXPECT_TRUE(flipped);
  EXPECT_TRUE(shifted);
}

}  // namespace
}  // namespace togglewise::compress
