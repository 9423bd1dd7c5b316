#include "sim/study/sample_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/parallel.h"
#include "sim/study/rank_correlation.h"

namespace togglewise::study {
namespace {

// 1 − (variance that the prediction leaves) / variance.
double r_squared(const SampleSums& all) {
  const double variance = all.measured_square - all.measured_fj * all.measured_fj / all.count;
  return variance > 0 ? 1 - all.rest_square / variance : 0;
}

double relative_error(const SampleSums& sums) {
  return std::abs(sums.predicted_fj / sums.measured_fj - 1);
}

int highest_weight(int weight_bits) { return (1 << (weight_bits - 1)) - 1; }

WeightCurve curve_of(const WeightSums& sums, int weight_bits) {
  WeightCurve curve;
  const int highest = highest_weight(weight_bits);
  for (int v = -highest; v <= highest; ++v) {
    const SampleSums& at = sums[energy::weight_index(v)];
    if (at.count == 0 || at.measured_fj == 0) continue;
    curve.weight.push_back(v);
    curve.measured_fj.push_back(at.measured_fj / at.count);
    curve.predicted_fj.push_back(at.predicted_fj / at.count);
  }
  return curve;
}

}  // namespace

SampleSums& SampleSums::operator+=(const SampleSums& o) {
  measured_fj += o.measured_fj;
  predicted_fj += o.predicted_fj;
  measured_square += o.measured_square;
  rest_square += o.rest_square;
  count += o.count;
  return *this;
}

void compare_samples(const StudySamples& samples, const energy::EnergyTables& tables,
                     const std::vector<bool>& is_compared, int threads,
                     std::vector<WeightSums>& sums_of_layer) {
  parallel_for(energy::kWeightValues, threads, [&](std::size_t w) {
    const std::vector<float>& energy = samples.measured.pool_fj[w];
    const int weight = static_cast<int>(w) - 128;
    for (const energy::Segment& segment : samples.pool.segments) {
      const std::size_t end = segment.begin + segment.transitions;
      if (end > energy.size()) break;  // this weight was measured on fewer
      if (!is_compared[segment.layer]) continue;
      SampleSums& sums = sums_of_layer[segment.layer][w];
      for (std::size_t t = segment.begin; t < end; ++t) {
        const double exact = energy[t];
        const double predicted =
            tables.transition_fj(weight, transition_at(samples.pool.stream, t, weight));
        sums += {exact, predicted, exact * exact, (exact - predicted) * (exact - predicted), 1};
      }
    }
  });
}

std::vector<WeightCurve> weight_curves(const network::Traces& traces,
                                       const std::vector<WeightSums>& sums_of_layer,
                                       int weight_bits) {
  std::vector<WeightCurve> curves;
  for (std::size_t l = 0; l < sums_of_layer.size(); ++l) {
    curves.push_back(curve_of(sums_of_layer[l], weight_bits));
    curves.back().layer = traces.layers[l].layer.name;
  }
  return curves;
}

SampleErrors sample_errors(const std::vector<WeightSums>& sums_of_layer, int weight_bits) {
  SampleErrors errors;
  SampleSums all;
  WeightSums of_weight{};
  for (const WeightSums& layer : sums_of_layer) {
    for (std::size_t w = 0; w < layer.size(); ++w) {
      all += layer[w];
      of_weight[w] += layer[w];
    }
  }
  errors.r_squared = r_squared(all);
  double weights = 0;
  for (const SampleSums& sums : of_weight) {
    if (sums.measured_fj == 0) continue;
    const double error = relative_error(sums);
    errors.weight_mean += error;
    errors.weight_max = std::max(errors.weight_max, error);
    ++weights;
  }
  errors.weight_mean /= weights;

  double pairs = 0;
  double layers = 0;
  errors.rank_min = std::numeric_limits<double>::infinity();
  for (const WeightSums& layer : sums_of_layer) {
    for (const SampleSums& sums : layer) {
      if (sums.measured_fj == 0) continue;
      const double error = relative_error(sums);
      errors.layer_weight_mean += error;
      errors.layer_weight_max = std::max(errors.layer_weight_max, error);
      ++pairs;
    }
    const WeightCurve curve = curve_of(layer, weight_bits);
    if (curve.weight.empty()) continue;
    const double rank = rank_correlation(curve.measured_fj, curve.predicted_fj);
    // std::min would drop "not a number".
    errors.rank_min = std::isnan(rank) ? rank : std::min(rank, errors.rank_min);
    errors.rank_mean += rank;
    ++layers;
  }
  errors.layer_weight_mean /= pairs;
  errors.rank_mean /= layers;
  if (std::isnan(errors.rank_mean)) errors.rank_min = errors.rank_mean;
  return errors;
}

}  // namespace togglewise::study
