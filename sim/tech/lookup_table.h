// A Liberty table over input slew and output load (NLDM), for delays and energies.
#pragma once

#include <vector>

namespace togglewise::tech {

// Axes may be empty: a table without slew axis does not depend on slew, and so on. Between its
// points a table is bi-linear; outside its axes the value at the edge holds. Characterised power
// tables are noisy enough at their edges that a linear continuation can turn negative.
class LookupTable {
 public:
  LookupTable() = default;
  // `values` is [slew][load], row-major; axes ascend strictly.
  LookupTable(std::vector<double> slew_ns, std::vector<double> load_ff, std::vector<double> values);

  bool empty() const { return values_.empty(); }
  // 0 for an empty table.
  double at(double slew_ns, double load_ff) const;
  const std::vector<double>& slew_axis_ns() const { return slew_ns_; }
  const std::vector<double>& load_axis_ff() const { return load_ff_; }

 private:
  std::vector<double> slew_ns_;
  std::vector<double> load_ff_;
  std::vector<double> values_;
};

}  // namespace togglewise::tech
