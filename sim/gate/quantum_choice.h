// How coarse may time be? The quantum of the glitch-aware engine, chosen by measured convergence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/tech/delays.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::gate {

// The stream is like a layer behind a ReLU: half of the activations are zero, the rest fall off
// exponentially (mean 20, at most 127); partial sums wander (an autoregressive walk, a few
// thousand wide).
struct QuantumChoiceParams {
  // Largest relative difference to the energies at half and at a quarter of the quantum. Delays are
  // means over rise, fall and pins to begin with, so that a finer quantum soon refines nothing.
  double tolerance = 0.01;
  std::size_t transitions = 512;  // per weight; whole blocks of 512
  std::uint64_t seed = 1;
  // Denser around zero, as trained weights are.
  std::vector<int> weights{-101, -63, -43, -30, -21, -13, -7, -2, 1, 4, 9, 16, 25, 36, 52, 88};
  // Quanta are 100 ps times powers of two; the first is the largest that is not above the median
  // delay from an input to an output. So many are tried at most.
  int most_trials = 9;
};

struct QuantumTrial {
  double quantum_ps = 0.0;
  double transition_fj = 0.0;  // mean dynamic energy of a transition
};

struct QuantumChoice {
  double quantum_ps = 0.0;
  double transition_fj = 0.0;        // at this quantum
  double half_transition_fj = 0.0;   // at half of it
  double relative_difference = 0.0;  // of the first to the second, with its sign
  bool converged = false;  // false: nothing tried was within the tolerance, the finest is taken
  double median_delay_ps = 0.0;
  std::vector<QuantumTrial> trials;  // coarsest first, all that were measured
};

// The largest quantum within the tolerance. Takes tenths of a second.
QuantumChoice choose_quantum(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                             const tech::NetlistDelays& delays,
                             const QuantumChoiceParams& params = {});

}  // namespace togglewise::gate
