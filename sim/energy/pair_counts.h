// How often each pair of consecutive activations occurs in a row of a tile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace togglewise::energy {

constexpr std::size_t kActivationPairs = 65536;
inline std::size_t activation_pair(int a0, int a1) {
  return static_cast<std::size_t>((a0 + 128) * 256 + a1 + 128);
}

// The pairs that occur, in order. Vectors are longer than `size`: kernels read whole vectors.
struct PairCounts {
  std::size_t size = 0;
  std::vector<std::uint32_t> pair;  // activation_pair
  std::vector<std::uint32_t> count;
};

class PairCounter {
 public:
  // Of a[t], a[t+1] for t in [0, transitions), fewer than 2^31 of them.
  PairCounts count(const std::int8_t* a, std::size_t transitions);

 private:
  std::vector<std::uint32_t> dense_;  // zero between calls
};

}  // namespace togglewise::energy
