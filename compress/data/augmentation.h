// Images as training sees them: mirrored, and shifted by a few pixels. What is done to an image
// depends on the seed, the epoch and its position in the epoch alone, so that it is the same on any
// number of threads, and a resumed run needs no generator state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/shape.h"

namespace togglewise::compress {

struct AugmentationParams {
  bool flip = false;     // left and right, with probability one half
  int crop_padding = 0;  // pixels added on every side before a part of the old size is cut out
  // Value of the added pixels in each channel; empty: 0.
  std::vector<std::uint8_t> padding_value;

  bool any() const { return flip || crop_padding > 0; }
};

// What is done to one image.
struct ImageChange {
  bool flip = false;
  int down = 0;   // rows by which the part cut out begins below the image's first one
  int right = 0;  // columns likewise; both from −crop_padding to crop_padding
};

ImageChange draw_change(const AugmentationParams& params, std::uint64_t seed, int epoch,
                        std::size_t position);

// `image` (channel-major) changed, to `out`: cut out as `change` says, then mirrored. `out` must
// not overlap `image`. `padding_value` has one value a channel, or none (0).
void apply_change(const network::FeatureMapShape& shape, const std::uint8_t* image,
                  const ImageChange& change, const std::vector<std::uint8_t>& padding_value,
                  std::uint8_t* out);

// Both in one.
void augment(const network::FeatureMapShape& shape, const std::uint8_t* image,
             const AugmentationParams& params, std::uint64_t seed, int epoch, std::size_t position,
             std::uint8_t* out);

}  // namespace togglewise::compress
