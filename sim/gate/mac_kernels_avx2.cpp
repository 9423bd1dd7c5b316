// Compiled with -mavx2 -mpopcnt where the compiler has them.
#include "sim/gate/mac_kernels_portable.inc"

namespace togglewise::gate {

const KernelSet* avx2_kernels() {
#if defined(__AVX2__) && defined(__POPCNT__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("popcnt")) return nullptr;
  static const KernelSet kernels = make_kernels("avx2");
  return &kernels;
#else
  return nullptr;
#endif
}

}  // namespace togglewise::gate
