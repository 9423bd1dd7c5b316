// A Liberty table over input slew and output load (NLDM), for delays and energies.
#pragma once

#include <memory>
#include <vector>

namespace togglewise::tech {

// Axes may be empty: a table without slew axis does not depend on slew, and so on. Between its
// points a table is bi-linear; outside its axes the value at the edge holds. Characterised power
// tables are noisy enough at their edges that a linear continuation can turn negative.
class LookupTable {
 public:
  // A library's tables share their axes: there are far fewer of them than tables. nullptr: none.
  using Axis = std::shared_ptr<const std::vector<double>>;

  LookupTable() = default;
  // `values` is [slew][load], row-major; axes ascend strictly.
  LookupTable(std::vector<double> slew_ns, std::vector<double> load_ff, std::vector<double> values);
  static LookupTable with_axes(Axis slew_ns, Axis load_ff, std::vector<double> values);

  bool empty() const { return values_.empty(); }
  // 0 for an empty table.
  double at(double slew_ns, double load_ff) const;
  const std::vector<double>& slew_axis_ns() const;
  const std::vector<double>& load_axis_ff() const;
  // [slew][load], row-major.
  const std::vector<double>& values() const { return values_; }

  // at() of the result is the sum of both tables' at() everywhere; an empty table counts as 0.
  static LookupTable sum(const LookupTable& a, const LookupTable& b);

 private:
  Axis slew_ns_;
  Axis load_ff_;
  std::vector<double> values_;
};

}  // namespace togglewise::tech
