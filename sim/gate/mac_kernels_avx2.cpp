// Compiled with -mavx2 where the compiler has it.
#include "sim/gate/mac_kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>

namespace togglewise::gate {
namespace {

using Vector = unsigned long long __attribute__((vector_size(32), may_alias));

inline Vector words_before(Vector before, Vector vector) {
  return __builtin_shufflevector(before, vector, 3, 4, 5, 6);
}

// By nibbles, looked up (Muła's method).
inline Vector byte_populations(Vector x) {
  const __m256i of_nibble = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1,
                                             1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(0x0F);
  const auto bits = (__m256i)x;
  const __m256i even = _mm256_shuffle_epi8(of_nibble, _mm256_and_si256(bits, low));
  const __m256i odd =
      _mm256_shuffle_epi8(of_nibble, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low));
  return (Vector)_mm256_add_epi8(even, odd);
}
inline Vector sum_of_bytes(Vector bytes) {
  return (Vector)_mm256_sad_epu8((__m256i)bytes, _mm256_setzero_si256());
}

}  // namespace
}  // namespace togglewise::gate

#include "sim/gate/mac_kernels_vectors.inc"

namespace togglewise::gate {

const KernelSet* avx2_kernels() {
  if (!__builtin_cpu_supports("avx2")) return nullptr;
  static const KernelSet kernels = make_kernels("avx2");
  return &kernels;
}

}  // namespace togglewise::gate

#else

namespace togglewise::gate {
const KernelSet* avx2_kernels() { return nullptr; }
}  // namespace togglewise::gate

#endif
