#include "sim/gate/mac_kernels_portable.inc"

namespace togglewise::gate {

const KernelSet* generic_kernels() {
  static const KernelSet kernels = make_kernels("generic");
  return &kernels;
}

}  // namespace togglewise::gate
