// For any machine: the compiler makes of the vectors what it has.
#include "sim/gate/mac_kernels.h"

namespace togglewise::gate {
namespace {

using Vector = unsigned long long __attribute__((vector_size(16), may_alias));

inline Vector words_before(Vector before, Vector vector) {
  return __builtin_shufflevector(before, vector, 1, 2);
}

constexpr Vector all(uint64_t word) { return Vector{word, word}; }

inline Vector byte_populations(Vector x) {
  x -= (x >> 1) & all(0x5555555555555555ULL);
  x = (x & all(0x3333333333333333ULL)) + ((x >> 2) & all(0x3333333333333333ULL));
  return (x + (x >> 4)) & all(0x0F0F0F0F0F0F0F0FULL);
}
inline Vector sum_of_bytes(Vector bytes) {
  bytes = (bytes & all(0x00FF00FF00FF00FFULL)) + ((bytes >> 8) & all(0x00FF00FF00FF00FFULL));
  bytes += bytes >> 16;
  return (bytes + (bytes >> 32)) & all(0xFFFFULL);
}

}  // namespace
}  // namespace togglewise::gate

#include "sim/gate/mac_kernels_vectors.inc"

namespace togglewise::gate {

const KernelSet* generic_kernels() {
  static const KernelSet kernels = make_kernels("generic");
  return &kernels;
}

}  // namespace togglewise::gate
