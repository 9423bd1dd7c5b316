// What all models are fitted to: operands of the network and their gate-level energies. Measured
// once; by far the most of a study's time.
#pragma once

#include <cstdint>

#include "sim/base/progress.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/operand_pool.h"
#include "sim/energy/table_fit.h"
#include "sim/network/traces.h"

namespace togglewise::study {

struct StudySamples {
  energy::OperandWidths widths;
  energy::OperandPool pool;
  energy::OperandStream covering;
  energy::MeasuredEnergies measured;
};

struct SampleParams {
  std::uint64_t transitions_per_weight = 65536;
  std::size_t segment_transitions = 16;
  int covering_visits = 2;
  // Whether tables will be asked for activations below zero, though `traces` may have none.
  bool negative_activations = false;
  std::uint64_t seed = 1;
  int threads = 1;
};

StudySamples measure_samples(const energy::MacHardware& hardware, const network::Traces& traces,
                             const SampleParams& params, const ProgressFunction& progress);

// The two partial sums and activations of the transition that begins in cycle t, for a PE that
// holds `weight`.
energy::Transition transition_at(const energy::OperandStream& stream, std::size_t t, int weight);

}  // namespace togglewise::study
