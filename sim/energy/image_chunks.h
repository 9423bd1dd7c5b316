// Images are worked on in chunks of whole batches: bounded memory, and a unit of work for threads.
// Results do not depend on how images are cut.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

constexpr int kImagesPerChunk = 16;
// Of a layer: enough cycles to fill the gate engine's blocks, few enough for the second-level
// cache; and at most so many bytes of activations, one batch excepted.
constexpr std::size_t kCyclesPerChunk = 32768;
constexpr std::size_t kBytesPerChunk = std::size_t{32} << 20;

// Throws TW-ENERGY-003 when the last batch would be smaller than the others.
void require_whole_batches(int images, int batch_size);

struct ImageChunk {
  int first = 0;
  int count = 0;
};

// `images` must be a multiple of `batch_size` (require_whole_batches).
inline std::vector<ImageChunk> chunks_of(int images, int step) {
  std::vector<ImageChunk> chunks;
  for (int first = 0; first < images; first += step) {
    chunks.push_back({first, std::min(step, images - first)});
  }
  return chunks;
}
inline std::vector<ImageChunk> image_chunks(int images, int batch_size) {
  return chunks_of(images, std::max(1, kImagesPerChunk / batch_size) * batch_size);
}
inline std::vector<ImageChunk> image_chunks(const network::GemmLayer& layer, int images,
                                            int batch_size) {
  const network::GemmShape gemm = layer.gemm();
  const std::size_t cycles =
      static_cast<std::size_t>(gemm.output_pixels) * static_cast<std::size_t>(batch_size) + 1;
  const std::size_t bytes =
      cycles * static_cast<std::size_t>(gemm.groups) * static_cast<std::size_t>(gemm.reduction);
  const std::size_t batches = std::min(kCyclesPerChunk / cycles, kBytesPerChunk / bytes);
  const auto most = static_cast<std::size_t>(images / batch_size + 1);
  return chunks_of(images,
                   static_cast<int>(std::clamp<std::size_t>(batches, 1, most)) * batch_size);
}

inline array::LayerActivations lower_chunk(const network::TracedLayer& layer,
                                           const ImageChunk& chunk, int batch_size) {
  return array::lower_activations(
      layer.layer,
      layer.ifmaps.data() + static_cast<std::size_t>(chunk.first) * layer.layer.input.size(),
      chunk.count, batch_size, layer.mapping.pixel_order);
}

}  // namespace togglewise::energy
