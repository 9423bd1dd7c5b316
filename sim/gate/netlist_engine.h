// The zero-delay engine for small circuits that are no MAC, an accumulator for example.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/gate/bit_planes.h"
#include "sim/gate/plane_program.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::gate {

// Whether every output comes from a register.
enum class Outputs { registered, any };

// Counts toggles of every net of a circuit with one register, or with Outputs::any at most one, on
// every path from an input to an output, over planes of all its inputs. As in MacEngine, nets
// behind a register count at the transition of the inputs that causes theirs. Immutable after
// construction.
class NetlistEngine {
 public:
  // `inputs`: all input ports but the clock, in the order in which `run` takes their planes. Throws
  // std::invalid_argument for a circuit that is not one register deep or has other inputs.
  NetlistEngine(const tech::Netlist& netlist, const tech::NetlistEnergy& energy,
                const std::vector<std::string>& inputs, const std::string& output,
                InstructionSet instructions = InstructionSet::best,
                Outputs outputs = Outputs::registered);

  // Toggles per counter; what the counters mean is the engine's business. Integers: tallies may be
  // added up in any order.
  using Tally = std::vector<std::uint64_t>;
  Tally make_tally() const { return Tally(counter_fj_.size(), 0); }

  // Planes in interleaved order, all of the same cycles; an input wider than the planes given for
  // it is an error. Writes what the output's register holds after each cycle, and adds the toggles
  // of the transitions to `tally`.
  void run(const std::vector<const BitPlanes*>& inputs, BitPlanes& output, Tally& tally) const;

  double energy_fj(const Tally& tally) const;  // dynamic: no clock, no leakage
  std::uint64_t net_toggles(const Tally& tally, tech::NetIndex net) const;

 private:
  std::vector<int> input_bits_;  // per port
  int output_bits_ = 0;
  PlaneProgram program_;
  std::vector<double> counter_fj_;
};

}  // namespace togglewise::gate
