// Compiled with -mavx512f and the bit-algorithm extensions where the compiler has them: one
// instruction evaluates 512 cycles of any three-input cell.
#include "sim/gate/mac_kernels.h"

#if defined(__AVX512F__) && defined(__AVX512VPOPCNTDQ__) && defined(__AVX512VBMI2__)
#include <immintrin.h>

namespace togglewise::gate {
namespace {

using Block = __m512i;

inline Block load(const uint64_t* words) { return _mm512_load_si512(words); }
inline void store(uint64_t* words, const Block& block) { _mm512_store_si512(words, block); }

template <int Table>
inline Block lut(const Block& a, const Block& b, const Block& c) {
  return _mm512_ternarylogic_epi64(c, b, a, Table);
}

inline Block falls(const Block& before, const Block& after) {
  return _mm512_andnot_si512(after, before);
}
// (before & ~between) | (between & ~after)
inline Block falls(const Block& before, const Block& between, const Block& after) {
  return _mm512_ternarylogic_epi64(before, between, after, 0x74);
}

inline Block shifted(const Block& last, const Block& first) {
  const Block rotated = _mm512_shldi_epi64(last, _mm512_alignr_epi64(last, last, 7), 1);
  const Block bit0 = _mm512_zextsi128_si512(_mm_cvtsi64_si128(1));
  return _mm512_ternarylogic_epi64(bit0, first, rotated, 0xCA);  // bit0 ? first : rotated
}

class Population {
 public:
  void add(const Block& block) { sum_ = _mm512_add_epi64(sum_, _mm512_popcnt_epi64(block)); }
  void set(uint64_t* sums) const { store(sums, sum_); }
  void add_to(uint64_t* sums) const { store(sums, _mm512_add_epi64(sum_, load(sums))); }

 private:
  Block sum_ = _mm512_setzero_si512();
};

// The sums of eight blocks' words: halves of neighbouring blocks are interleaved and added until
// one block holds them all.
inline Block word_sums(const uint64_t* sums) {
  Block pairs[4];
  for (int i = 0; i < 4; ++i, sums += 2 * kBlockWords) {
    const Block even = load(sums);
    const Block odd = load(sums + kBlockWords);
    pairs[i] = _mm512_add_epi64(_mm512_unpacklo_epi64(even, odd), _mm512_unpackhi_epi64(even, odd));
  }
  const auto halved = [](Block a, Block b) {
    return _mm512_add_epi64(_mm512_shuffle_i64x2(a, b, 0x88), _mm512_shuffle_i64x2(a, b, 0xDD));
  };
  return halved(halved(pairs[0], pairs[1]), halved(pairs[2], pairs[3]));
}

void add_twice(const uint64_t* sums, int count, uint64_t* counters) {
  for (; count >= 8; count -= 8, sums += 8 * kBlockWords, counters += 8) {
    const Block twice = _mm512_slli_epi64(word_sums(sums), 1);
    _mm512_storeu_si512(counters, _mm512_add_epi64(twice, _mm512_loadu_si512(counters)));
  }
  for (; count > 0; --count, sums += kBlockWords, ++counters) {
    *counters += 2 * static_cast<uint64_t>(_mm512_reduce_add_epi64(load(sums)));
  }
}

// Eight changes a byte of the mask.
inline void spread(const Block& changed, double energy_fj, double* change_fj) {
  const __m512d energy = _mm512_set1_pd(energy_fj);
  alignas(64) uint8_t masks[64];
  _mm512_store_si512(masks, changed);
  for (ptrdiff_t i = 0; i < 64; ++i) {
    const __m512d sum = _mm512_loadu_pd(change_fj + 8 * i);
    _mm512_storeu_pd(change_fj + 8 * i, _mm512_mask_add_pd(sum, masks[i], sum, energy));
  }
}

}  // namespace
}  // namespace togglewise::gate

#include "sim/gate/mac_kernels_body.inc"

namespace togglewise::gate {

const KernelSet* avx512_kernels() {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vpopcntdq") ||
      !__builtin_cpu_supports("avx512vbmi2")) {
    return nullptr;
  }
  static const KernelSet kernels = make_kernels("avx512");
  return &kernels;
}

}  // namespace togglewise::gate

#else

namespace togglewise::gate {
const KernelSet* avx512_kernels() { return nullptr; }
}  // namespace togglewise::gate

#endif
