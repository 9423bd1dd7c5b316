// The MAC's circuit as a straight line of operations on waveforms: which points in time each one
// computes, where it reads its inputs there, and where its waveform lies in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/gate/inertial_kernels.h"
#include "sim/gate/inertial_network.h"

namespace togglewise::gate {

struct InertialInput {
  InertialNode::Kind kind = InertialNode::Kind::activation;
  int bit = 0;
  // Two values at its target: of the cycle before and of this one. There is nothing to evaluate.
  InertialOperation operation;
};

struct InertialSum {
  bool constant = false;  // then its value is `inverted`
  bool inverted = false;
  std::uint32_t final_offset = 0;
};

struct InertialProgram {
  std::vector<InertialInput> inputs;
  std::vector<InertialOperation> operations;
  std::vector<std::uint32_t> offsets;  // what the operations read
  std::vector<InertialSum> sums;       // per bit of partial_sum_out
  std::size_t values = 0;              // places for values
  std::size_t scratch_values = 0;      // of the kernels' scratch
  int counters = 0;
  std::vector<std::int16_t> counter_of_net;  // per net of the netlist; −1: it never toggles

  // For statistics: points in time at which tables are evaluated, values that filters compute.
  std::size_t table_points() const;
  std::size_t filter_points() const;
};

InertialProgram build_inertial_program(const InertialNetwork& network);

}  // namespace togglewise::gate
