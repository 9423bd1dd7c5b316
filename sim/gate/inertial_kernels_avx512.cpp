// Compiled with -mavx512f and the population count where the compiler has them: one instruction
// evaluates 512 cycles of any three-input cell.
#include "sim/gate/inertial_kernels.h"

#if defined(__AVX512F__) && defined(__AVX512VPOPCNTDQ__)
#include <immintrin.h>

namespace togglewise::gate {
namespace {

struct Isa {
  typedef uint64_t Vector __attribute__((vector_size(64), may_alias));

  template <int Table>
  static Vector lut3(Vector a, Vector b, Vector c) {
    return reinterpret_cast<Vector>(_mm512_ternarylogic_epi64(reinterpret_cast<__m512i>(c),
                                                              reinterpret_cast<__m512i>(b),
                                                              reinterpret_cast<__m512i>(a), Table));
  }
  template <int Table>
  static Vector lut2(Vector a, Vector b) {
    return lut3<Table | Table << 4>(a, b, b);
  }
  static Vector select(Vector a, Vector b, Vector y) { return lut3<0xE8>(a, b, y); }

  static void add_where(Vector mask, double x, double* sums) {
    const __m512d term = _mm512_set1_pd(x);
    for (int i = 0; i < 8; ++i) {
      uint64_t word = mask[i];
      if (word == 0) continue;
      for (int j = 0; j < 8; ++j, word >>= 8) {
        double* eight = sums + 64 * i + 8 * j;
        _mm512_storeu_pd(eight,
                         _mm512_mask_add_pd(_mm512_loadu_pd(eight), static_cast<__mmask8>(word),
                                            _mm512_loadu_pd(eight), term));
      }
    }
  }

  class Counter {
   public:
    void add(Vector bits) {
      sum_ += reinterpret_cast<Vector>(_mm512_popcnt_epi64(reinterpret_cast<__m512i>(bits)));
    }
    uint64_t total() const {
      return static_cast<uint64_t>(_mm512_reduce_add_epi64(reinterpret_cast<__m512i>(sum_)));
    }

   private:
    Vector sum_ = {};
  };
};

}  // namespace
}  // namespace togglewise::gate

#include "sim/gate/inertial_kernels.inc"

namespace togglewise::gate {

const InertialKernelSet* avx512_inertial_kernels() {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vpopcntdq")) {
    return nullptr;
  }
  static const InertialKernelSet kernels = make_kernels("avx512");
  return &kernels;
}

}  // namespace togglewise::gate

#else

namespace togglewise::gate {
const InertialKernelSet* avx512_inertial_kernels() { return nullptr; }
}  // namespace togglewise::gate

#endif
