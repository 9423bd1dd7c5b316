// Images are worked on in chunks of whole batches: bounded memory, and a unit of work for threads
// that does not depend on their number.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

constexpr int kImagesPerChunk = 16;

// Throws TW-ENERGY-003 when the last batch would be smaller than the others.
void require_whole_batches(int images, int batch_size);

struct ImageChunk {
  int first = 0;
  int count = 0;
};

// `images` must be a multiple of `batch_size` (require_whole_batches).
inline std::vector<ImageChunk> image_chunks(int images, int batch_size) {
  const int step = std::max(1, kImagesPerChunk / batch_size) * batch_size;
  std::vector<ImageChunk> chunks;
  for (int first = 0; first < images; first += step) {
    chunks.push_back({first, std::min(step, images - first)});
  }
  return chunks;
}

inline array::LayerActivations lower_chunk(const network::TracedLayer& layer,
                                           const ImageChunk& chunk, int batch_size) {
  return array::lower_activations(
      layer.layer,
      layer.ifmaps.data() + static_cast<std::size_t>(chunk.first) * layer.layer.input.size(),
      chunk.count, batch_size);
}

}  // namespace togglewise::energy
