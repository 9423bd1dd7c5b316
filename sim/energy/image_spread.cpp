#include "sim/energy/image_spread.h"

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "sim/energy/student_t.h"

namespace togglewise::energy {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// a − factor · b of every batch.
std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b,
                               double factor = 1) {
  if (a.size() != b.size()) throw std::invalid_argument("paired intervals need the same batches");
  std::vector<double> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] - factor * b[i];
  return result;
}

void add(std::vector<double>& to, const std::vector<double>& from) {
  if (to.empty()) to.assign(from.size(), 0.0);
  if (to.size() != from.size()) throw std::invalid_argument("layers have different batches");
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

ImageEnergies& ImageEnergies::operator+=(const ImageEnergies& other) {
  add(mac_dynamic_fj, other.mac_dynamic_fj);
  add(dynamic_fj, other.dynamic_fj);
  return *this;
}

// Of normal observations, the standard deviation of some is independent of the mean of all: Student
// t also where fewer are known than were measured.
std::optional<double> half_width_of_mean(const std::vector<double>& observed, int count) {
  if (observed.size() < 2) return std::nullopt;
  const double mean = mean_of(observed);
  double squares = 0;
  for (const double value : observed) squares += (value - mean) * (value - mean);
  const auto freedom = static_cast<int>(observed.size()) - 1;
  return student_t_quantile(kConfidence, freedom) * std::sqrt(squares / freedom / count);
}

// By linearization: the ratio's error is that of the mean of after − ratio · before, over the mean
// of before.
std::optional<double> half_width_of_ratio(const std::vector<double>& before,
                                          const std::vector<double>& after, int count) {
  if (before.size() < 2) return std::nullopt;
  const double scale = mean_of(before);
  if (scale == 0) return std::nullopt;
  const auto width = half_width_of_mean(difference(after, before, mean_of(after) / scale), count);
  return *width / std::abs(scale);
}

std::optional<HalfWidths> half_widths(const ImageEnergies& energies, int batches) {
  const auto mac = half_width_of_mean(energies.mac_dynamic_fj, batches);
  const auto dynamic = half_width_of_mean(energies.dynamic_fj, batches);
  if (!mac || !dynamic) return std::nullopt;
  return HalfWidths{*mac, *dynamic};
}

std::optional<HalfWidths> half_widths_of_difference(const ImageEnergies& before,
                                                    const ImageEnergies& after, int batches) {
  return half_widths({difference(after.mac_dynamic_fj, before.mac_dynamic_fj),
                      difference(after.dynamic_fj, before.dynamic_fj)},
                     batches);
}

}  // namespace togglewise::energy
