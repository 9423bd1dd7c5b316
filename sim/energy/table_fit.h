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
  double prior_samples = 0.2;
  // What a covering sample counts beside a real one: in its pair of activations, and elsewhere.
  double covering_in_pair = 1;
  double covering_elsewhere = 0.02;
  int iterations = 3;
};

// Whether a part says what a pair of activations costs, beside parts that know of partial sums: the
// covering stream fills such a part.
bool is_pair_part(const TransitionGrouping& grouping, std::size_t part);

// Parts of the tables fitted to the segments that `use` accepts. Of several parts, each in turn
// takes the mean of what the others leave (backfitting). Sparse cells of the pairs of activations
// are filled by the covering stream; those of other parts move toward the same cell's mean over all
// weights: of a grouping with one part scaled by how dear this weight is.
std::vector<TablePart> fit_parts(const TransitionGrouping& grouping, const OperandPool& pool,
                                 const OperandStream& covering, const MeasuredEnergies& measured,
                                 const FitParams& params,
                                 const std::function<bool(const Segment&)>& use);

// Share of one weight's real transitions that lie in well-known cells: in each part the standard
// error of their cell's energy, the spread inside cells over the root of its samples, is at most
// `limit_fj`.
double share_in_precise_cells(const TransitionGrouping& grouping, const OperandPool& pool,
                              const OperandStream& covering, const MeasuredEnergies& measured,
                              int weight, const FitParams& params, double limit_fj);

}  // namespace togglewise::energy
