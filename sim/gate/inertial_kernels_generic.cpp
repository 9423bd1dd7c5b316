// For any x86-64, which has vectors of 128 bits.
#include "sim/gate/inertial_kernels.h"

namespace togglewise::gate {
namespace {
constexpr int kVectorBytes = 16;
}
}  // namespace togglewise::gate

#include "sim/gate/inertial_kernels_portable.inc"

namespace togglewise::gate {

const InertialKernelSet* generic_inertial_kernels() {
  static const InertialKernelSet kernels = make_kernels("generic");
  return &kernels;
}

}  // namespace togglewise::gate
