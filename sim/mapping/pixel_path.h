// Orders of a layer's output pixels in which neighbours in the stream are cheap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/mapping/pixel_distance.h"
#include "sim/network/layer_mapping.h"

namespace togglewise::mapping {

// What a stream of these pixels costs, from the zero vector and back to it.
double path_length(const PixelDistances& distances, const std::vector<std::uint32_t>& path);

// Orders that counters make without a table: raster, serpentine, and blocks of 2, 4, 8 and 16
// lines and columns; each once, named by the simplest.
std::vector<network::PixelOrder> generator_orders(int height, int width);
// The shortest of them; the first of equals.
network::PixelOrder best_generator(const PixelDistances& distances);

// From the zero vector to the nearest pixel and so on; the lowest number of equals. Windowed
// distances: where all near pixels have been visited, the next one in raster order.
std::vector<std::uint32_t> greedy_path(const PixelDistances& distances);

struct PathImprovementParams {
  std::size_t neighbours = 8;  // of a pixel, the nearest ones, that it is tried to be placed beside
  // After the path cannot be improved by reversing a part or moving up to three pixels, so many
  // times its pixels' number small parts change places at random, and what that makes longer is
  // taken back.
  double kicks_per_pixel = 5;
  std::uint64_t seed = 1;
};

struct PathStats {
  double start_length = 0;
  double local_length = 0;  // before the kicks
  double length = 0;
};

// Never longer than `path`.
std::vector<std::uint32_t> improved_path(const PixelDistances& distances,
                                         const std::vector<std::uint32_t>& path,
                                         const PathImprovementParams& params,
                                         PathStats* stats = nullptr);

// The shortest path found: the better one of greedy and the best generator, improved.
network::PixelOrder table_order(const PixelDistances& distances,
                                const PathImprovementParams& params = {},
                                PathStats* stats = nullptr);

}  // namespace togglewise::mapping
