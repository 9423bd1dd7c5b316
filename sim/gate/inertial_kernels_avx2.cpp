// Compiled with -mavx2 where the compiler has it.
#include "sim/gate/inertial_kernels.h"

#if defined(__AVX2__)

namespace togglewise::gate {
namespace {
constexpr int kVectorBytes = 32;
}
}  // namespace togglewise::gate

#include "sim/gate/inertial_kernels_portable.inc"

namespace togglewise::gate {

const InertialKernelSet* avx2_inertial_kernels() {
  if (!__builtin_cpu_supports("avx2")) return nullptr;
  static const InertialKernelSet kernels = make_kernels("avx2");
  return &kernels;
}

}  // namespace togglewise::gate

#else

namespace togglewise::gate {
const InertialKernelSet* avx2_inertial_kernels() { return nullptr; }
}  // namespace togglewise::gate

#endif
