// The inner loops of the glitch-aware engine, once for each instruction set. This header and the
// files that include it stay free of other headers with inline code: they are compiled with
// instruction sets that the machine may not have, and such code must not leak into the program.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace togglewise::gate {

// A value is one net at one point in time in up to 1024 clock cycles, 64 cycles a word. A waveform
// is a run of values: the settled one of the cycle before, then one for every point in time at
// which the net may change.
constexpr int kLongStepWords = 16;
constexpr int kShortStepWords = 8;
constexpr int kValueBytes = 8 * kLongStepWords;  // in short steps the second half is not used

// One node of the circuit: g at `points` points in time, then the filter. Windows are those of
// InertialNode.
struct InertialOperation {
  uint8_t table = 0;  // bit (c·4 + b·2 + a), of `fanins` inputs
  uint8_t fanins = 1;
  bool filtered = false;
  int16_t counter = -1;  // −1: nobody counts its toggles; filtered nodes are always counted
  int32_t rise = 1;
  int32_t fall = 1;
  uint32_t first_offset = 0;  // into `offsets`: (points + 1) · fanins byte offsets into `values`
  uint32_t target = 0;        // byte offset of the node's waveform
  int32_t points = 0;
  // The waveform's values 1 … `changes` are the filter's state after g's points `first_change` and
  // following; without a filter they are g.
  int32_t first_change = 1;
  int32_t changes = 0;
};

struct InertialContext {
  unsigned char* values;   // 64-byte aligned
  unsigned char* scratch;  // g and windows over it: three times `scratch_values`
  size_t scratch_values;
  const uint32_t* offsets;
  uint64_t* counters;       // toggles, added to; `spread` does not
  const double* energy_fj;  // per counter, `spread` only
  double* transition_fj;    // per cycle of this step, `spread` only
};

using InertialKernel = void (*)(const InertialContext&, const InertialOperation&);

// Windows up to this have kernels of their own.
constexpr int kMostUnrolledWindow = 9;

struct InertialKernelSet {
  const char* name;
  struct Step {
    InertialKernel copy;        // g of one fan-in
    InertialKernel table2[16];  // by table; entries that no program holds are null
    InertialKernel table3[256];
    InertialKernel count;  // toggles of an unfiltered node
    InertialKernel filter[kMostUnrolledWindow + 1][kMostUnrolledWindow + 1];  // by rise, fall
    InertialKernel wide_filter;                                               // any windows
  };
  Step long_step;
  Step short_step;
  Step spread_step;  // short; adds the energy of each toggle to its cycle
};

// nullptr where the machine or the build lacks the instruction set.
const InertialKernelSet* generic_inertial_kernels();
const InertialKernelSet* avx2_inertial_kernels();
const InertialKernelSet* avx512_inertial_kernels();

}  // namespace togglewise::gate
