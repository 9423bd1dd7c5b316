#include "sim/energy/table_fit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/base/parallel.h"
#include "sim/energy/table_shrinkage.h"

namespace togglewise::energy {

bool is_pair_part(const TransitionGrouping& grouping, std::size_t part) {
  return grouping.parts().size() > 1 && grouping.parts()[part]->partial_sum_groups() == 1;
}

namespace {

// Cells of every transition of a stream under one weight, for every part.
class StreamCells {
 public:
  StreamCells(const TransitionGrouping& grouping, const OperandStream& stream, int weight) {
    if (stream.cycles() < 2) return;
    const std::size_t count = stream.cycles() - 1;
    std::vector<std::int32_t> out(stream.partial_sum);
    for (std::size_t t = 0; t < out.size(); ++t) out[t] += weight * stream.activation[t];
    std::vector<std::uint16_t> in_code(count);
    std::vector<std::uint16_t> out_code(count);
    for (const auto& part : grouping.parts()) {
      part->in_codes(stream.partial_sum.data(), count, in_code.data());
      part->out_codes(out.data(), count, out_code.data());
      std::vector<std::uint32_t> cell(count);
      for (std::size_t t = 0; t < count; ++t) {
        const std::size_t activations =
            part->activation_group(stream.activation[t], stream.activation[t + 1]);
        cell[t] = static_cast<std::uint32_t>(activations * part->partial_sum_groups() + in_code[t] +
                                             out_code[t]);
      }
      cells_.push_back(std::move(cell));
    }
  }
  std::uint32_t cell(std::size_t part, std::size_t t) const { return cells_[part][t]; }

 private:
  std::vector<std::vector<std::uint32_t>> cells_;  // [part][transition]
};

// Transitions of one weight that a fit uses: real ones first, then covering ones.
struct Samples {
  std::vector<std::vector<std::uint32_t>> cell;  // [part][sample]
  std::vector<float> energy_fj;
  std::size_t real = 0;
};

void append(const StreamCells& cells, std::size_t parts, std::size_t t, float energy_fj,
            Samples& samples) {
  for (std::size_t p = 0; p < parts; ++p) samples.cell[p].push_back(cells.cell(p, t));
  samples.energy_fj.push_back(energy_fj);
}

struct CellSums {
  std::vector<double> sum_fj;
  std::vector<double> count;  // covering samples count for less than one
};

// One weight's fit.
class WeightFit {
 public:
  WeightFit(const TransitionGrouping& grouping, const Samples& samples, const FitParams& params)
      : grouping_(grouping), samples_(samples), params_(params) {
    for (const auto& part : grouping.parts()) {
      value_.emplace_back(part->cells(), 0.0);
      sums_.push_back({std::vector<double>(part->cells()), std::vector<double>(part->cells())});
    }
    const int iterations = grouping.parts().size() == 1 ? 1 : params.iterations;
    for (int i = 0; i < iterations; ++i) {
      for (std::size_t p = 0; p < value_.size(); ++p) update(p);
    }
  }

  const CellSums& sums(std::size_t part) const { return sums_[part]; }
  const std::vector<double>& values(std::size_t part) const { return value_[part]; }

  // Root mean square of what the parts leave of the real samples.
  double deviation_fj() const {
    double square = 0;
    for (std::size_t i = 0; i < samples_.real; ++i) {
      double rest = samples_.energy_fj[i];
      for (std::size_t p = 0; p < value_.size(); ++p) rest -= value_[p][samples_.cell[p][i]];
      square += rest * rest;
    }
    return samples_.real == 0 ? 0 : std::sqrt(square / static_cast<double>(samples_.real));
  }

 private:
  void update(std::size_t part) {
    CellSums& sums = sums_[part];
    std::fill(sums.sum_fj.begin(), sums.sum_fj.end(), 0.0);
    std::fill(sums.count.begin(), sums.count.end(), 0.0);
    const bool pairs = is_pair_part(grouping_, part);
    const double covering = pairs ? params_.covering_in_pair : params_.covering_elsewhere;
    double all = 0;
    for (std::size_t i = 0; i < samples_.energy_fj.size(); ++i) {
      double rest = samples_.energy_fj[i];
      for (std::size_t p = 0; p < value_.size(); ++p) {
        if (p != part) rest -= value_[p][samples_.cell[p][i]];
      }
      const double weight = i < samples_.real ? 1.0 : covering;
      sums.sum_fj[samples_.cell[part][i]] += weight * rest;
      sums.count[samples_.cell[part][i]] += weight;
      if (i < samples_.real) all += rest;
    }
    const double prior_count = pairs ? 0.0 : params_.prior_samples;
    const double unseen =
        pairs && samples_.real > 0 ? all / static_cast<double>(samples_.real) : 0.0;
    for (std::size_t k = 0; k < sums.count.size(); ++k) {
      const double count = sums.count[k] + prior_count;
      value_[part][k] = count > 0 ? sums.sum_fj[k] / count : unseen;
    }
  }

  const TransitionGrouping& grouping_;
  const Samples& samples_;
  const FitParams& params_;
  std::vector<std::vector<double>> value_;  // [part][cell]
  std::vector<CellSums> sums_;
};

Samples samples_of(const TransitionGrouping& grouping, const OperandPool& pool,
                   const OperandStream& covering, const MeasuredEnergies& measured, int weight,
                   const std::function<bool(const Segment&)>& use) {
  Samples samples;
  const std::size_t parts = grouping.parts().size();
  samples.cell.resize(parts);
  const std::vector<float>& pool_fj = measured.pool_fj[weight_index(weight)];
  const StreamCells pool_cells(grouping, pool.stream, weight);
  for (const Segment& segment : pool.segments) {
    const std::size_t end = segment.begin + segment.transitions;
    if (end > pool_fj.size()) break;  // this weight was measured on fewer
    if (!use(segment)) continue;
    for (std::size_t t = segment.begin; t < end; ++t)
      append(pool_cells, parts, t, pool_fj[t], samples);
  }
  samples.real = samples.energy_fj.size();
  if (parts == 1) return samples;
  const std::vector<float>& covering_fj = measured.covering_fj[weight_index(weight)];
  const StreamCells covering_cells(grouping, covering, weight);
  for (std::size_t t = 0; t < covering_fj.size(); ++t) {
    if (covering.counted[t] != 0) append(covering_cells, parts, t, covering_fj[t], samples);
  }
  return samples;
}

// R[w][k] = (sum + s·G[k]) / (count + s), G[k] the mean over all weights.
void shrink_toward_all_weights(std::size_t cells, const std::vector<CellSums>& sums,
                               double prior_samples, TablePart& part) {
  std::vector<double> mean(cells, 0.0);
  for (std::size_t k = 0; k < cells; ++k) {
    double sum = 0;
    double count = 0;
    for (const CellSums& weight : sums) {
      if (weight.count.empty()) continue;
      sum += weight.sum_fj[k];
      count += weight.count[k];
    }
    mean[k] = count > 0 ? sum / count : 0.0;
  }
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    if (sums[w].count.empty()) continue;
    for (std::size_t k = 0; k < cells; ++k) {
      part.energy_fj[w * cells + k] = static_cast<float>(
          (sums[w].sum_fj[k] + prior_samples * mean[k]) / (sums[w].count[k] + prior_samples));
    }
  }
}

void shrink_single_part(const TransitionGrouping& grouping, const std::vector<CellSums>& sums,
                        double prior_samples, TablePart& part) {
  const GroupingPart& only = *grouping.parts()[0];
  const std::size_t cells = only.cells();
  std::vector<double> sum_fj(kWeightValues * cells, 0.0);
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    std::copy(sums[w].sum_fj.begin(), sums[w].sum_fj.end(),
              sum_fj.begin() + static_cast<std::ptrdiff_t>(w * cells));
  }
  const std::vector<double> means = shrunk_means(only, sum_fj, part.samples, prior_samples);
  std::transform(means.begin(), means.end(), part.energy_fj.begin(),
                 [](double fj) { return static_cast<float>(fj); });
}

// Shrinking moves the entries by partial sums, all together by a few tenths of a percent: adds what
// each weight value's real samples have lost to all of its entries.
void restore_means(const TransitionGrouping& grouping,
                   const std::array<double, kWeightValues>& real_fj,
                   const std::array<double, kWeightValues>& real, std::vector<TablePart>& tables) {
  const std::size_t last = tables.size() - 1;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    if (real[w] == 0) continue;
    double predicted_fj = 0;
    for (std::size_t p = 0; p < tables.size(); ++p) {
      const std::size_t cells = grouping.parts()[p]->cells();
      for (std::size_t i = w * cells; i < (w + 1) * cells; ++i) {
        predicted_fj += tables[p].samples[i] * static_cast<double>(tables[p].energy_fj[i]);
      }
    }
    const double lost_fj = (real_fj[w] - predicted_fj) / real[w];
    const std::size_t cells = grouping.parts()[last]->cells();
    for (std::size_t i = w * cells; i < (w + 1) * cells; ++i) {
      tables[last].energy_fj[i] += static_cast<float>(lost_fj);
    }
  }
}

}  // namespace

std::vector<TablePart> fit_parts(const TransitionGrouping& grouping, const OperandPool& pool,
                                 const OperandStream& covering, const MeasuredEnergies& measured,
                                 const FitParams& params,
                                 const std::function<bool(const Segment&)>& use) {
  const std::size_t parts = grouping.parts().size();
  std::vector<TablePart> tables(parts);
  for (std::size_t p = 0; p < parts; ++p) {
    const std::size_t size = kWeightValues * grouping.parts()[p]->cells();
    tables[p].energy_fj.assign(size, 0.0F);
    tables[p].samples.assign(size, 0);
  }
  std::vector<std::vector<CellSums>> sums(parts, std::vector<CellSums>(kWeightValues));
  std::array<double, kWeightValues> real{};
  std::array<double, kWeightValues> real_fj{};
  parallel_for(kWeightValues, params.threads, [&](std::size_t w) {
    if (measured.pool_fj[w].empty()) return;
    const int weight = static_cast<int>(w) - 128;
    const Samples samples = samples_of(grouping, pool, covering, measured, weight, use);
    real[w] = static_cast<double>(samples.real);
    for (std::size_t i = 0; i < samples.real; ++i) real_fj[w] += samples.energy_fj[i];
    const WeightFit fit(grouping, samples, params);
    for (std::size_t p = 0; p < parts; ++p) {
      const std::size_t cells = grouping.parts()[p]->cells();
      for (std::size_t i = 0; i < samples.real; ++i) {
        ++tables[p].samples[w * cells + samples.cell[p][i]];
      }
      tables[p].deviation_fj[w] = fit.deviation_fj();
      if (is_pair_part(grouping, p)) {
        std::transform(fit.values(p).begin(), fit.values(p).end(),
                       tables[p].energy_fj.begin() + static_cast<std::ptrdiff_t>(w * cells),
                       [](double fj) { return static_cast<float>(fj); });
      } else {
        sums[p][w] = fit.sums(p);
      }
    }
  });
  for (std::size_t p = 0; p < parts; ++p) {
    if (is_pair_part(grouping, p)) continue;
    if (parts == 1) {
      shrink_single_part(grouping, sums[p], params.prior_samples, tables[p]);
    } else {
      shrink_toward_all_weights(grouping.parts()[p]->cells(), sums[p], params.prior_samples,
                                tables[p]);
    }
  }
  if (parts > 1) restore_means(grouping, real_fj, real, tables);
  return tables;
}

double share_in_precise_cells(const TransitionGrouping& grouping, const OperandPool& pool,
                              const OperandStream& covering, const MeasuredEnergies& measured,
                              int weight, const FitParams& params, double limit_fj) {
  const Samples samples =
      samples_of(grouping, pool, covering, measured, weight, [](const Segment&) { return true; });
  if (samples.real == 0) return 0;
  const double deviation_fj = WeightFit(grouping, samples, params).deviation_fj();
  std::vector<bool> precise(samples.real, true);
  for (std::size_t p = 0; p < grouping.parts().size(); ++p) {
    const std::vector<std::uint32_t>& cell = samples.cell[p];
    const std::size_t used = is_pair_part(grouping, p) ? cell.size() : samples.real;
    std::vector<double> count(grouping.parts()[p]->cells(), 0.0);
    for (std::size_t i = 0; i < used; ++i) {
      count[cell[i]] += i < samples.real ? 1.0 : params.covering_in_pair;
    }
    for (std::size_t i = 0; i < samples.real; ++i) {
      if (deviation_fj > limit_fj * std::sqrt(count[cell[i]])) precise[i] = false;
    }
  }
  const auto good = std::count(precise.begin(), precise.end(), true);
  return static_cast<double>(good) / static_cast<double>(samples.real);
}

}  // namespace togglewise::energy
