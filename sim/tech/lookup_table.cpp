#include "sim/tech/lookup_table.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
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

const std::vector<double>& points(const LookupTable::Axis& axis) {
  static const std::vector<double> none;
  return axis == nullptr ? none : *axis;
}

LookupTable::Axis shared(std::vector<double> axis) {
  if (axis.empty()) return nullptr;
  return std::make_shared<const std::vector<double>>(std::move(axis));
}

std::vector<double> merged(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

// An axis that is missing is one point anywhere.
const std::vector<double>& at_least_one(const std::vector<double>& axis) {
  static const std::vector<double> anywhere{0.0};
  return axis.empty() ? anywhere : axis;
}

}  // namespace

LookupTable::LookupTable(std::vector<double> slew_ns, std::vector<double> load_ff,
                         std::vector<double> values)
    : slew_ns_(shared(std::move(slew_ns))),
      load_ff_(shared(std::move(load_ff))),
      values_(std::move(values)) {}

LookupTable LookupTable::with_axes(Axis slew_ns, Axis load_ff, std::vector<double> values) {
  LookupTable table;
  table.slew_ns_ = std::move(slew_ns);
  table.load_ff_ = std::move(load_ff);
  table.values_ = std::move(values);
  return table;
}

const std::vector<double>& LookupTable::slew_axis_ns() const { return points(slew_ns_); }
const std::vector<double>& LookupTable::load_axis_ff() const { return points(load_ff_); }

double LookupTable::at(double slew_ns, double load_ff) const {
  if (values_.empty()) return 0.0;
  const Interval slew = locate(slew_axis_ns(), slew_ns);
  const Interval load = locate(load_axis_ff(), load_ff);
  const std::size_t columns = std::max<std::size_t>(1, load_axis_ff().size());
  const auto row = [&](std::size_t r) {
    const double low = values_[r * columns + load.lower];
    const double high = values_[r * columns + load.upper];
    return low + (high - low) * load.upper_weight;
  };
  const double low = row(slew.lower);
  return low + (row(slew.upper) - low) * slew.upper_weight;
}

LookupTable LookupTable::sum(const LookupTable& a, const LookupTable& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  LookupTable result = a;
  if (a.slew_axis_ns() == b.slew_axis_ns() && a.load_axis_ff() == b.load_axis_ff()) {
    for (std::size_t i = 0; i < result.values_.size(); ++i) result.values_[i] += b.values_[i];
    return result;
  }
  // Both are bi-linear between, and constant beyond, the points of the merged axes.
  result.slew_ns_ = shared(merged(a.slew_axis_ns(), b.slew_axis_ns()));
  result.load_ff_ = shared(merged(a.load_axis_ff(), b.load_axis_ff()));
  result.values_.clear();
  for (const double slew : at_least_one(result.slew_axis_ns())) {
    for (const double load : at_least_one(result.load_axis_ff())) {
      result.values_.push_back(a.at(slew, load) + b.at(slew, load));
    }
  }
  return result;
}

}  // namespace togglewise::tech
