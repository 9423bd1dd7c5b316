#include "sim/tech/lookup_table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace togglewise::tech {
namespace {

// The two neighbours of x on an axis and the weight of the upper one.
struct Interval {
  std::size_t lower = 0;
  std::size_t upper = 0;
  double upper_weight = 0.0;
};

Interval locate(const std::vector<double>& axis, double x) {
  if (axis.size() < 2 || x <= axis.front()) return {};
  if (x >= axis.back()) return {axis.size() - 1, axis.size() - 1, 0.0};
  const auto upper = std::upper_bound(axis.begin(), axis.end(), x);
  const auto index = static_cast<std::size_t>(upper - axis.begin());
  return {index - 1, index, (x - axis[index - 1]) / (axis[index] - axis[index - 1])};
}

}  // namespace

LookupTable::LookupTable(std::vector<double> slew_ns, std::vector<double> load_ff,
                         std::vector<double> values)
    : slew_ns_(std::move(slew_ns)), load_ff_(std::move(load_ff)), values_(std::move(values)) {}

double LookupTable::at(double slew_ns, double load_ff) const {
  if (values_.empty()) return 0.0;
  const Interval slew = locate(slew_ns_, slew_ns);
  const Interval load = locate(load_ff_, load_ff);
  const std::size_t columns = std::max<std::size_t>(1, load_ff_.size());
  const auto row = [&](std::size_t r) {
    const double low = values_[r * columns + load.lower];
    const double high = values_[r * columns + load.upper];
    return low + (high - low) * load.upper_weight;
  };
  const double low = row(slew.lower);
  return low + (row(slew.upper) - low) * slew.upper_weight;
}

}  // namespace togglewise::tech
