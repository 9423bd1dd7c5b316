// From energies of single transitions to tables: the least-squares sum of one entry per part.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/energy/energy_tables.h"
#include "sim/energy/operand_pool.h"

namespace togglewise::energy {

// What the gates said: energies of all cycles' transitions (also those that are not counted), per
// weight value. A weight may have been measured on the first cycles of a stream only.
struct MeasuredEnergies {
  std::array<std::vector<float>, kWeightValues> pool_fj;      // [transition of the pool's stream]
  std::array<std::vector<float>, kWeightValues> covering_fj;  // [… of the covering stream]
};

struct FitParams {
  int threads = 1;
  // A cell with n samples is moved toward its prior as if the prior were this many samples.
  double prior_samples = 2;
  // What a covering sample counts beside a real one: in its pair of activations, and elsewhere.
  double covering_in_pair = 1;
  double covering_elsewhere = 0.1;
  int iterations = 4;
};

// Parts of the tables fitted to the segments that `use` accepts. Of several parts, each in turn
// takes the mean of what the others leave (backfitting). Sparse cells of the pairs of activations
// are filled by the covering stream; those of other parts move toward the same cell's mean over all
// weights: of a grouping with one part scaled by how dear this weight is.
std::vector<TablePart> fit_parts(const TransitionGrouping& grouping, const OperandPool& pool,
                                 const OperandStream& covering, const MeasuredEnergies& measured,
                                 const FitParams& params,
                                 const std::function<bool(const Segment&)>& use);

}  // namespace togglewise::energy
