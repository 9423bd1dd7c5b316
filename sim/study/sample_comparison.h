// What held-out samples say of tables: transitions one by one, and their mean per weight value.
#pragma once

#include <array>
#include <vector>

#include "sim/energy/energy_tables.h"
#include "sim/network/traces.h"
#include "sim/study/study_samples.h"

namespace togglewise::study {

// Sums over the samples of one layer at one weight value.
struct SampleSums {
  double measured_fj = 0;
  double predicted_fj = 0;
  double measured_square = 0;
  double rest_square = 0;
  double count = 0;

  SampleSums& operator+=(const SampleSums& other);
};

using WeightSums = std::array<SampleSums, energy::kWeightValues>;

// Predictions for the samples of the layers that `is_compared`; other layers' sums are left alone.
void compare_samples(const StudySamples& samples, const energy::EnergyTables& tables,
                     const std::vector<bool>& is_compared, int threads,
                     std::vector<WeightSums>& sums_of_layer);

// One layer's E_l(w) in femtojoules, for the values that occur symmetrically: −127 to 127 of 8
// bits.
struct WeightCurve {
  std::string layer;
  std::vector<int> weight;
  std::vector<double> measured_fj;
  std::vector<double> predicted_fj;
};

struct SampleErrors {
  double r_squared = 0;  // per transition
  // |predicted / measured − 1| of E(w) over all layers: over the weight values.
  double weight_mean = 0;
  double weight_max = 0;
  // The same of E_l(w): over the weight values of every layer.
  double layer_weight_mean = 0;
  double layer_weight_max = 0;
  // Spearman's rank correlation of E_l(w) over the weight values; not a number for models that
  // give all of them the same energy.
  double rank_min = 0;
  double rank_mean = 0;
};

std::vector<WeightCurve> weight_curves(const network::Traces& traces,
                                       const std::vector<WeightSums>& sums_of_layer,
                                       int weight_bits);
SampleErrors sample_errors(const std::vector<WeightSums>& sums_of_layer, int weight_bits);

}  // namespace togglewise::study
