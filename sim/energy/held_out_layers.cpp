#include "sim/energy/held_out_layers.h"

#include <array>

#include "sim/base/parallel.h"

namespace togglewise::energy {
namespace {

// Sums over samples of one layer at one weight value.
struct Comparison {
  double measured_fj = 0;
  double predicted_fj = 0;
  double square = 0;
  double rest_square = 0;
  double count = 0;

  Comparison& operator+=(const Comparison& o) {
    measured_fj += o.measured_fj;
    predicted_fj += o.predicted_fj;
    square += o.square;
    rest_square += o.rest_square;
    count += o.count;
    return *this;
  }
};

// 1 − (variance that the prediction leaves) / variance.
double r_squared(const Comparison& all) {
  const double variance = all.square - all.measured_fj * all.measured_fj / all.count;
  return variance > 0 ? 1 - all.rest_square / variance : 0;
}

Transition transition_at(const OperandStream& stream, std::size_t t, int weight) {
  const int a0 = stream.activation[t];
  const int a1 = stream.activation[t + 1];
  const std::int32_t p0 = stream.partial_sum[t];
  const std::int32_t p1 = stream.partial_sum[t + 1];
  return {a0, a1, p0, p1, p0 + weight * a0, p1 + weight * a1};
}

}  // namespace

HeldOutResult measure_held_out(const TransitionGrouping& grouping, const OperandPool& pool,
                               const OperandStream& covering, const MeasuredEnergies& measured,
                               const FitParams& params, const network::Traces& traces) {
  HeldOutResult result;
  const std::size_t layers = traces.layers.size();
  if (layers < 2) return result;
  std::vector<std::array<Comparison, kWeightValues>> compared(layers);
  for (std::size_t half = 0; half < 2; ++half) {
    const auto is_fitted = [&](const Segment& segment) { return segment.layer % 2 == half; };
    EnergyTables tables;
    tables.grouping = std::shared_ptr<const TransitionGrouping>(&grouping, [](const auto*) {});
    tables.parts = fit_parts(grouping, pool, covering, measured, params, is_fitted);
    parallel_for(kWeightValues, params.threads, [&](std::size_t w) {
      const std::vector<float>& energy = measured.pool_fj[w];
      const int weight = static_cast<int>(w) - 128;
      for (const Segment& segment : pool.segments) {
        const std::size_t end = segment.begin + segment.transitions;
        if (end > energy.size()) break;
        if (is_fitted(segment)) continue;
        Comparison& sum = compared[segment.layer][w];
        for (std::size_t t = segment.begin; t < end; ++t) {
          const double exact = energy[t];
          const double predicted =
              tables.transition_fj(weight, transition_at(pool.stream, t, weight));
          sum += {exact, predicted, exact * exact, (exact - predicted) * (exact - predicted), 1};
        }
      }
    });
  }
  Comparison all;
  for (std::size_t l = 0; l < layers; ++l) {
    std::array<double, kWeightValues> weights{};
    for (const std::int8_t weight : traces.layers[l].layer.weights) ++weights[weight_index(weight)];
    double exact = 0;
    double predicted = 0;
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      const Comparison& sum = compared[l][w];
      all += sum;
      if (sum.count == 0) continue;
      exact += weights[w] * sum.measured_fj / sum.count;
      predicted += weights[w] * sum.predicted_fj / sum.count;
    }
    if (exact > 0) result.layers.push_back({traces.layers[l].layer.name, predicted / exact - 1});
  }
  result.r_squared = r_squared(all);
  return result;
}

}  // namespace togglewise::energy
