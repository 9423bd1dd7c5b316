// The inner loops of the bit-parallel engines, once for each instruction set. This header and the
// files that include it stay free of other headers with inline code: they are compiled with
// instruction sets that the machine may not have, and such code must not leak into the program.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace togglewise::gate {

constexpr int kBlockWords = 8;   // a block: 512 bits, 64-bit words in memory
constexpr int kChunkBlocks = 6;  // most blocks of one pass; a slot has room for as many
constexpr int kSlotWords = kBlockWords * kChunkBlocks;

enum class OperationKind : uint8_t {
  load,   // input plane `plane` → slot `target`
  table,  // slots a, b, c → slot `target`
  store,  // slot a → output plane `plane`
  store_inverted,
  store_constant  // `table` is 0x00 or 0xFF
};

struct KernelOperation {
  OperationKind kind = OperationKind::table;
  uint8_t table = 0;  // bit (c·4 + b·2 + a)
  uint16_t plane = 0;
  int32_t counter = -1;  // −1: an intermediate signal that is no net
  uint32_t target = 0;   // first words of slots: multiples of kSlotWords
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t c = 0;
};

// One pass of a program over a chunk of blocks.
struct KernelContext {
  uint64_t* slots;                // [slot][kSlotWords], 64-byte aligned
  const uint64_t* const* inputs;  // per plane: the chunk's blocks
  uint64_t* const* outputs;
  // [counter][kBlockWords], 64-byte aligned; what is summed up per word is up to the pass.
  uint64_t* sums;
  const double* energy_fj;  // per counter, `spread` only
  double* change_fj;        // [512], `spread` only
};

// Runs `count` operations of the same kind and table, one after the other; their counters are
// consecutive numbers.
using KernelFunction = void (*)(const KernelContext&, const KernelOperation*, int count);

// What one kind of operation does in each kind of pass; by the number of blocks.
struct KernelVariants {
  // Interleaved time: adds the falling edges among the chunk's cycles to `sums`, or sets them.
  KernelFunction set_falls[kChunkBlocks + 1];
  KernelFunction add_falls[kChunkBlocks + 1];
  // Two blocks, before and after 512 changes: adds the changes to `sums`; adds the energy of each
  // change to `change_fj`.
  KernelFunction add_changes;
  KernelFunction spread;
};

struct KernelSet {
  const char* name;
  // counters[i] += 2 · sum over the words of sums[i]: a bit that ends as it began has risen as
  // often as it has fallen.
  void (*add_twice)(const uint64_t* sums, int count, uint64_t* counters);
  KernelVariants counted[256];  // by table; only canonical ones (canonical_table)
  KernelVariants plain[256];    // the same without counting
  KernelVariants counted_load;
  KernelVariants plain_load;
  KernelVariants store;
  KernelVariants store_inverted;
  KernelVariants store_constant;
};

// The table with its inputs permuted: input i of the result is input order[i] of `table`.
constexpr int permuted_table(int table, int first, int second, int third) {
  int result = 0;
  for (int row = 0; row < 8; ++row) {
    const int source =
        ((row & 1) << first) | (((row >> 1) & 1) << second) | (((row >> 2) & 1) << third);
    result |= ((table >> source) & 1) << row;
  }
  return result;
}

constexpr bool uses_third(int table) { return (table >> 4) != (table & 0xF); }

// Programs hold tables in a form that is 0 where all inputs are 0; a table of two inputs does not
// look at c; and inputs are in the order that gives the smallest number.
constexpr bool canonical_table(int table) {
  if (table == 0 || table % 2 != 0 || table > permuted_table(table, 1, 0, 2)) return false;
  if (!uses_third(table)) return true;
  return table <= permuted_table(table, 0, 2, 1) && table <= permuted_table(table, 1, 2, 0) &&
         table <= permuted_table(table, 2, 0, 1) && table <= permuted_table(table, 2, 1, 0);
}

// nullptr where the machine or the build lacks the instruction set.
const KernelSet* generic_kernels();
const KernelSet* avx2_kernels();
const KernelSet* avx512_kernels();

}  // namespace togglewise::gate
