// Images are worked on in chunks of fixed size: bounded memory, and a unit of work for threads that
// does not depend on their number.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

constexpr int kImagesPerChunk = 16;

struct ImageChunk {
  int first = 0;
  int count = 0;
};

inline std::vector<ImageChunk> image_chunks(int images) {
  std::vector<ImageChunk> chunks;
  for (int first = 0; first < images; first += kImagesPerChunk) {
    chunks.push_back({first, std::min(kImagesPerChunk, images - first)});
  }
  return chunks;
}

inline array::LayerActivations lower_chunk(const network::TracedLayer& layer,
                                           const ImageChunk& chunk) {
  return array::lower_activations(
      layer.layer,
      layer.ifmaps.data() + static_cast<std::size_t>(chunk.first) * layer.layer.input.size(),
      chunk.count, 1);
}

}  // namespace togglewise::energy
