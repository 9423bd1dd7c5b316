// A program made ready to run over planes of bits on one instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/gate/bit_planes.h"
#include "sim/gate/instruction_set.h"
#include "sim/gate/mac_kernels.h"
#include "sim/gate/weight_program.h"

namespace togglewise::gate {

// One that the machine lacks falls back to the next lower one.
const KernelSet* choose_kernels(InstructionSet wanted);

// The planes that a program reads, in the order of its inputs. All are interleaved and of the same
// cycles.
class InputPlanes {
 public:
  // Adds the bits of `planes` behind those already there.
  InputPlanes& add(const BitPlanes& planes);

  std::size_t cycles() const { return cycles_; }
  std::size_t chunks() const { return chunks_; }
  std::size_t chunk_blocks() const { return chunk_blocks_; }
  bool end_as_they_begin() const { return ends_as_it_begins_; }
  const std::vector<const std::uint64_t*>& words() const { return words_; }

 private:
  std::vector<const std::uint64_t*> words_;  // per plane
  std::size_t cycles_ = 0;
  std::size_t chunks_ = 0;
  std::size_t chunk_blocks_ = 0;
  bool ends_as_it_begins_ = true;
};

class PlaneProgram {
 public:
  PlaneProgram(WeightProgram program, const KernelSet& kernels);

  const WeightProgram& program() const { return program_; }

  // Writes the outputs of every cycle to `outputs`, which have the shape of the inputs and are none
  // of them, and adds each signal's toggles to `counters`.
  void count(const InputPlanes& inputs, BitPlanes& outputs, std::uint64_t* counters) const;

  // Of 512 changes: plane i is a block before and a block after them. Adds each signal's changes to
  // `counters`; adds the energy of every change to `change_fj[512]`.
  void count_changes(const InputPlanes& changes, std::uint64_t* counters) const;
  void spread_changes(const InputPlanes& changes, const double* energy_fj, double* change_fj) const;

 private:
  // Consecutive operations of one kernel.
  struct Run {
    int first = 0;
    int count = 0;
    const KernelVariants* kernel = nullptr;
  };

  void run(KernelFunction KernelVariants::*function, const KernelContext& context) const;
  class Workspace;
  void count_falls(std::vector<const std::uint64_t*> inputs, std::vector<std::uint64_t*> outputs,
                   std::size_t chunks, std::size_t chunk_blocks, Workspace& workspace) const;
  void count_ends(const InputPlanes& inputs, std::uint64_t* counters) const;

  WeightProgram program_;
  const KernelSet& kernels_;
  std::vector<Run> runs_;
};

}  // namespace togglewise::gate
