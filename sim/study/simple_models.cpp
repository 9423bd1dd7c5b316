#include "sim/study/simple_models.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include "sim/energy/grouping_parts.h"

namespace togglewise::study {
namespace {

using energy::kWeightValues;
using energy::OperandWidths;

// All activations alike.
struct OneGroup {
  explicit OneGroup(const OperandWidths&) {}
  std::size_t groups() const { return 1; }
  std::size_t operator()(int, int) const { return 0; }
};
using OneCell = energy::GroupingPartOf<OneGroup, energy::NoCode>;
using ZeroFlagCells = energy::GroupingPartOf<energy::ZeroFlags, energy::NoCode>;
using DistanceCells = energy::GroupingPartOf<energy::ActivationDistance, energy::Distance>;

using Features = std::array<double, 2>;  // a model of one coefficient leaves the second 0

struct LinearForm {
  const char* name;
  const char* formula;
  energy::TransitionGrouping::Parts (*parts)(const OperandWidths& widths);
  Features (*features)(int weight, std::size_t cell, const OperandWidths& widths);
};

Features of_mac(int, std::size_t, const OperandWidths&) { return {1, 0}; }
Features of_non_zero_mac(int weight, std::size_t cell, const OperandWidths&) {
  const bool activation_is_zero = (cell & 1U) != 0;  // energy::ZeroFlags
  return {1, weight != 0 && !activation_is_zero ? 1.0 : 0.0};
}
Features of_popcount(int weight, std::size_t, const OperandWidths&) {
  return {1, static_cast<double>(__builtin_popcount(static_cast<std::uint8_t>(weight)))};
}
Features of_magnitude(int weight, std::size_t, const OperandWidths&) {
  return {1, static_cast<double>(std::abs(weight))};
}
Features of_distances(int, std::size_t cell, const OperandWidths& widths) {
  const auto codes = static_cast<std::size_t>(widths.partial_sum_bits) + 1;
  return {static_cast<double>(cell / codes), static_cast<double>(cell % codes)};
}

const std::array<LinearForm, 5>& linear_forms() {
  static const std::array<LinearForm, 5> forms{{
      {"mac-count", "a", energy::parts_of<OneCell>, of_mac},
      {"non-zero-macs", "a + b [w!=0, a1!=0]", energy::parts_of<ZeroFlagCells>, of_non_zero_mac},
      {"weight-popcount", "a + b popcount(w)", energy::parts_of<OneCell>, of_popcount},
      {"weight-magnitude", "a + b |w|", energy::parts_of<OneCell>, of_magnitude},
      {"hamming-distance", "a HD(a0, a1) + b HD(in0, in1)", energy::parts_of<DistanceCells>,
       of_distances},
  }};
  return forms;
}

// [layer][weight]: transitions of the layer's PEs that hold this weight, per image.
std::vector<std::array<double, kWeightValues>> occurrences(const network::Traces& traces) {
  std::vector<std::array<double, kWeightValues>> counts(traces.layers.size());
  for (std::size_t l = 0; l < counts.size(); ++l) {
    const network::GemmLayer& layer = traces.layers[l].layer;
    const double transitions = layer.gemm().output_pixels + 1.0 / traces.batch_size;
    for (const std::int8_t weight : layer.weights) {
      counts[l][energy::weight_index(weight)] += transitions;
    }
  }
  return counts;
}

// Normal equations of two coefficients.
struct LeastSquares {
  double xx = 0, xy = 0, yy = 0, xe = 0, ye = 0;

  void add(double weight, const Features& f, double energy_fj) {
    xx += weight * f[0] * f[0];
    xy += weight * f[0] * f[1];
    yy += weight * f[1] * f[1];
    xe += weight * f[0] * energy_fj;
    ye += weight * f[1] * energy_fj;
  }
  Features solution() const {
    const double determinant = xx * yy - xy * xy;
    if (determinant <= 1e-12 * xx * yy) return {xx > 0 ? xe / xx : 0, 0};
    return {(xe * yy - ye * xy) / determinant, (ye * xx - xe * xy) / determinant};
  }
};

// Calls visit(layer, weight index, transition's cycle, energy) for every sample of segments in use.
template <typename Visit>
void for_each_sample(const StudySamples& samples, const UseSegment& use, const Visit& visit) {
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    const std::vector<float>& energy = samples.measured.pool_fj[w];
    for (const energy::Segment& segment : samples.pool.segments) {
      const std::size_t end = segment.begin + segment.transitions;
      if (end > energy.size()) break;  // this weight was measured on fewer
      if (!use(segment)) continue;
      for (std::size_t t = segment.begin; t < end; ++t) visit(segment.layer, w, t, energy[t]);
    }
  }
}

energy::TablePart empty_part(std::size_t cells) {
  energy::TablePart part;
  part.energy_fj.assign(kWeightValues * cells, 0.0F);
  part.samples.assign(kWeightValues * cells, 0);
  return part;
}

int weight_of(std::size_t index) { return static_cast<int>(index) - 128; }

std::vector<energy::TablePart> fit_linear(const LinearForm& form,
                                          const energy::TransitionGrouping& grouping,
                                          const StudySamples& samples,
                                          const network::Traces& traces, const UseSegment& use) {
  const energy::GroupingPart& cells = *grouping.parts()[0];
  energy::TablePart part = empty_part(cells.cells());
  std::vector<std::array<double, kWeightValues>> drawn(traces.layers.size());
  for_each_sample(samples, use,
                  [&](std::size_t l, std::size_t w, std::size_t, float) { ++drawn[l][w]; });
  const auto occurring = occurrences(traces);
  LeastSquares fit;
  for_each_sample(samples, use, [&](std::size_t l, std::size_t w, std::size_t t, float fj) {
    const std::size_t cell = cells.cell(transition_at(samples.pool.stream, t, weight_of(w)));
    ++part.samples[w * cells.cells() + cell];
    if (occurring[l][w] == 0) return;
    fit.add(occurring[l][w] / drawn[l][w], form.features(weight_of(w), cell, samples.widths), fj);
  });
  const Features coefficient = fit.solution();
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    for (std::size_t cell = 0; cell < cells.cells(); ++cell) {
      const Features f = form.features(weight_of(w), cell, samples.widths);
      part.energy_fj[w * cells.cells() + cell] =
          static_cast<float>(coefficient[0] * f[0] + coefficient[1] * f[1]);
    }
  }
  return {part};
}

std::vector<energy::TablePart> fit_weight_means(const StudySamples& samples,
                                                const UseSegment& use) {
  energy::TablePart part = empty_part(1);
  std::array<double, kWeightValues> sum{};
  for_each_sample(samples, use, [&](std::size_t, std::size_t w, std::size_t, float fj) {
    sum[w] += fj;
    ++part.samples[w];
  });
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    if (part.samples[w] > 0) part.energy_fj[w] = static_cast<float>(sum[w] / part.samples[w]);
  }
  return {part};
}

StudyModel model_of(const char* name, const char* formula, const OperandWidths& widths,
                    energy::TransitionGrouping::Parts parts) {
  StudyModel model;
  model.name = name;
  model.formula = formula;
  model.is_grouping = false;
  model.grouping =
      std::make_shared<energy::TransitionGrouping>(name, formula, widths, std::move(parts));
  return model;
}

}  // namespace

std::vector<StudyModel> simple_models(const StudySamples& samples, const network::Traces& traces) {
  std::vector<StudyModel> models;
  for (const LinearForm& form : linear_forms()) {
    StudyModel model =
        model_of(form.name, form.formula, samples.widths, form.parts(samples.widths));
    model.fit = [&form, &samples, &traces, grouping = model.grouping](const UseSegment& use) {
      return fit_linear(form, *grouping, samples, traces, use);
    };
    models.push_back(std::move(model));
  }
  StudyModel means = model_of("weight-mean", "E(w), the same in all layers", samples.widths,
                              energy::parts_of<OneCell>(samples.widths));
  means.fit = [&samples](const UseSegment& use) { return fit_weight_means(samples, use); };
  models.push_back(std::move(means));
  return models;
}

}  // namespace togglewise::study
