// The inner loops of the bit-parallel engine, once for each instruction set. This header and the
// files that include it stay free of other headers with inline code: they are compiled with
// instruction sets that the machine may not have, and such code must not leak into the program.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace togglewise::gate {

enum class OperationKind : uint8_t {
  load_activation,  // input plane `plane` → slot `target`
  load_partial_sum,
  table,      // slots a, b, c → slot `target`
  store_sum,  // slot a → output plane `plane`
  store_inverted_sum,
  store_constant  // `table` is 0x00 or 0xFF
};

struct KernelOperation {
  OperationKind kind = OperationKind::table;
  uint8_t table = 0;  // bit (c·4 + b·2 + a)
  uint16_t plane = 0;
  uint16_t target = 0;
  uint16_t a = 0;
  uint16_t b = 0;
  uint16_t c = 0;
  int16_t counter = -1;  // −1: an intermediate signal that is no net
};

// One pass of a program over `words` 64-bit words of time.
struct KernelContext {
  uint64_t* slots;                    // [slot][words of a step], 64-byte aligned
  const uint64_t* const* activation;  // per bit: the words of this step
  const uint64_t* const* partial_sum;
  uint64_t* const* sum;
  uint64_t* counters;       // toggles, added to
  uint64_t* last_words;     // per counter: the word before this step
  bool first;               // no cycle before this step: its first cycle never toggles
  const double* energy_fj;  // per counter, `spread` only
  double* transition_fj;    // per cycle of this step, `spread` only
};

// Runs `count` operations of the same kind and table, one after the other.
using KernelFunction = void (*)(const KernelContext&, const KernelOperation*, int count);

// Steps of 32 words for long streams, of 8 words for what is left.
constexpr int kLongStepWords = 32;
constexpr int kShortStepWords = 8;

struct KernelSet {
  const char* name;
  // By table; `count` adds toggles to the counter, `plain` does not, `spread` adds the energy of
  // each toggle to its cycle. Loads and stores follow the same pattern.
  struct Step {
    KernelFunction count[256];
    KernelFunction plain[256];
    KernelFunction count_load_activation;
    KernelFunction count_load_partial_sum;
    KernelFunction store;
    KernelFunction store_inverted;
    KernelFunction store_constant;
  };
  Step long_step;
  Step short_step;
  Step spread_step;  // short; its `count` entries spread
};

// nullptr where the machine or the build lacks the instruction set.
const KernelSet* generic_kernels();
const KernelSet* avx2_kernels();
const KernelSet* avx512_kernels();

}  // namespace togglewise::gate
