#include "sim/energy/table_shrinkage.h"

#include "sim/energy/energy_tables.h"

namespace togglewise::energy {
namespace {

struct Mean {
  double sum = 0;
  double count = 0;

  void add(double s, double n) {
    sum += s;
    count += n;
  }
  double value_or(double otherwise) const { return count > 0 ? sum / count : otherwise; }
};

}  // namespace

std::vector<double> shrunk_means(const GroupingPart& part, const std::vector<double>& sum_fj,
                                 const std::vector<std::int32_t>& count, double prior_strength) {
  const std::size_t cells = part.cells();
  const std::size_t width = part.partial_sum_groups();
  Mean global;
  std::vector<Mean> cell(cells);
  std::vector<Mean> activation(part.activation_groups());
  std::vector<Mean> partial_sum(width);
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    for (std::size_t k = 0; k < cells; ++k) {
      const double s = sum_fj[w * cells + k];
      const auto n = static_cast<double>(count[w * cells + k]);
      cell[k].add(s, n);
      activation[k / width].add(s, n);
      partial_sum[k % width].add(s, n);
      global.add(s, n);
    }
  }
  const double mean = global.value_or(0);
  std::vector<double> pooled(cells);
  for (std::size_t k = 0; k < cells; ++k) {
    const double product = mean > 0 ? activation[k / width].value_or(mean) *
                                          partial_sum[k % width].value_or(mean) / mean
                                    : 0;
    pooled[k] = cell[k].value_or(product);
  }

  std::vector<double> energy(kWeightValues * cells, 0);
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    double measured = 0;
    double predicted = 0;
    for (std::size_t k = 0; k < cells; ++k) {
      measured += sum_fj[w * cells + k];
      predicted += static_cast<double>(count[w * cells + k]) * pooled[k];
    }
    if (predicted <= 0 || measured <= 0) continue;  // a value that the weight's bits cannot hold
    const double ratio = measured / predicted;
    for (std::size_t k = 0; k < cells; ++k) {
      const std::size_t i = w * cells + k;
      energy[i] = (sum_fj[i] + prior_strength * ratio * pooled[k]) /
                  (static_cast<double>(count[i]) + prior_strength);
    }
  }
  return energy;
}

}  // namespace togglewise::energy
