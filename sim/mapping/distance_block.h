// The inner loop of distances between output pixels.
#pragma once

#include <cstddef>
#include <vector>

namespace togglewise::mapping {

struct CodedLayer;

// Distances are summed up for so many columns of their matrix at once.
constexpr std::size_t kBlockNodes = 32;

// to[m − begin][j] = Σ over images and rows of the cost between nodes m and begin + j, for m in
// [begin, nodes) and j in [0, kBlockNodes). `begin` is a multiple of kBlockNodes.
std::vector<float> distance_block(const CodedLayer& layer, std::size_t begin);

// The same, as the definition reads; sums are taken in the same order.
std::vector<float> distance_block_reference(const CodedLayer& layer, std::size_t begin);

}  // namespace togglewise::mapping
