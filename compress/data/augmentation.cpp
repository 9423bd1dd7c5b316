#include "compress/data/augmentation.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace togglewise::compress {
namespace {

// The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014): every input bit reaches every output bit. A seeded generator for each image
// would take longer than the rest of its augmentation.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
  return value ^ value >> 31;
}

// Uniform in [0, bound) from 16 random bits; the bias is below bound / 2^16.
int below(std::uint64_t bits, int bound) {
  return static_cast<int>((bits & 0xFFFF) * static_cast<std::uint64_t>(bound) >> 16);
}

// Row `from` moved left by `right` columns, the columns that come free filled.
void shift_row(const std::uint8_t* from, int width, int right, std::uint8_t filling,
               std::uint8_t* to) {
  if (width <= 0) return;
  const int kept = std::max(width - std::abs(right), 0);
  const int free_left = std::min(std::max(-right, 0), width);
  std::fill(to, to + free_left, filling);
  std::memcpy(to + free_left, from + (kept > 0 ? std::max(right, 0) : 0),
              static_cast<std::size_t>(kept));
  std::fill(to + free_left + kept, to + width, filling);
}

}  // namespace

ImageChange draw_change(const AugmentationParams& params, std::uint64_t seed, int epoch,
                        std::size_t position) {
  const std::uint64_t bits = mixed(mixed(mixed(seed) + static_cast<std::uint64_t>(epoch)) +
                                   static_cast<std::uint64_t>(position));
  const int places = 2 * params.crop_padding + 1;
  ImageChange change;
  change.flip = params.flip && (bits & 1) != 0;
  change.down = below(bits >> 16, places) - params.crop_padding;
  change.right = below(bits >> 32, places) - params.crop_padding;
  return change;
}

void apply_change(const network::FeatureMapShape& shape, const std::uint8_t* image,
                  const ImageChange& change, const std::vector<std::uint8_t>& padding_value,
                  std::uint8_t* out) {
  const auto width = static_cast<std::size_t>(shape.width);
  for (int channel = 0; channel < shape.channels; ++channel) {
    const std::uint8_t filling =
        padding_value.empty() ? std::uint8_t{0} : padding_value[static_cast<std::size_t>(channel)];
    for (int row = 0; row < shape.height; ++row, out += width) {
      const int from = row + change.down;
      if (from < 0 || from >= shape.height) {
        std::memset(out, filling, width);
        continue;
      }
      shift_row(image + static_cast<std::size_t>(from) * width, shape.width, change.right, filling,
                out);
      if (change.flip) std::reverse(out, out + width);
    }
    image += static_cast<std::size_t>(shape.height) * width;
  }
}

void augment(const network::FeatureMapShape& shape, const std::uint8_t* image,
             const AugmentationParams& params, std::uint64_t seed, int epoch, std::size_t position,
             std::uint8_t* out) {
  apply_change(shape, image, draw_change(params, seed, epoch, position), params.padding_value, out);
}

}  // namespace togglewise::compress
