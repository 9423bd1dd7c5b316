// A layer's energy on gated hardware, from its energy without gating.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/energy/energy_breakdown.h"
#include "sim/energy/gating_hardware.h"
#include "sim/energy/gating_measurement.h"
#include "sim/gate/component_energies.h"

namespace togglewise::energy {

// The clock line of a gated array by domain, femtojoules.
struct GatedClock {
  double activation_fj = 0;
  double partial_sum_fj = 0;
  double weight_fj = 0;
  double flags_fj = 0;  // of PEs, skew, deskew and ports
  double gates_fj = 0;  // clock gates
  double skew_fj = 0;
  double deskew_fj = 0;
  double accumulator_fj = 0;

  double total_fj() const {
    return activation_fj + partial_sum_fj + weight_fj + flags_fj + gates_fj + skew_fj + deskew_fj +
           accumulator_fj;
  }
  // (name, femtojoules) in the order of reports; the names are JSON keys.
  std::vector<std::pair<std::string, double>> lines() const;
  GatedClock& operator+=(const GatedClock& other);
  friend GatedClock operator*(GatedClock clock, double factor);
};

// What some of the MACs spend without gating, sum over all images.
struct PartsOfMacs {
  gate::ComponentEnergies zero_weight;        // PEs of the layer with a weight of 0
  gate::ComponentEnergies zero_weight_quiet;  // the same if no activation reached them
  double first_idle_column_fj = 0;            // PEs right beside the used columns
};

// One layer's run, of so many images.
struct GatedRun {
  const GatingTally& tally;
  std::size_t set = 0;  // of the tally's
  PartsOfMacs macs;
  double weight_change_fj = 0;  // of the activation stages when weights change, all images
  int images = 1;
  double cycles_per_image = 0;  // stalls included
};

// Changes the lines of `per_image`, which is without gating, to those of `set`; gives the clock
// line by domain. Cycles in which the array stalls count like the mean of its others.
GatedClock apply_gating(const GatingHardware& set, int stage, const GatedRun& run, int pes,
                        EnergyBreakdown& per_image);

}  // namespace togglewise::energy
