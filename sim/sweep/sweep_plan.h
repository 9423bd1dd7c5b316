// The points of a sweep, by number: what each runs and on which hardware.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/sweep/sweep_file.h"

namespace togglewise::sweep {

struct SweepPoint {
  RunSetup run;
  config::HardwareConfig hardware;
  std::vector<std::string> values;  // of SweepPlan::fields()
};

class SweepPlan {
 public:
  // Reads the base and checks every point, so that nothing is run when one of them is wrong. Throws
  // TW-CFG-… at the value in the sweep file that the configuration does not allow.
  SweepPlan(SweepFile file, int threads);

  std::uint64_t size() const { return points_.size(); }
  const SweepFile& file() const { return file_; }
  const config::HardwareConfig& base() const { return base_; }
  const std::vector<std::string>& fields() const { return fields_; }

  // The fields of the sweep in the order of the file; the last one varies fastest. Where rows or
  // bits are swept and `array.partial_sum_bits` is not, the latter follows from them: what the base
  // says of it was meant for the base's rows.
  const SweepPoint& point(std::uint64_t number) const { return points_[number]; }

 private:
  void read_points(int threads);
  SweepPoint read_point(std::uint64_t number) const;

  SweepFile file_;
  config::YamlText base_text_;
  config::HardwareConfig base_;
  std::vector<std::string> fields_;
  std::vector<SweepPoint> points_;
  bool derive_partial_sum_bits_ = false;
};

// "16×32, clock_period_ps 8000": the array, and the swept fields that are not in it.
std::string point_label(const SweepPlan& plan, const SweepPoint& point);
// "16×32, 8000", and what its parts are: "rows×columns, clock_period_ps".
std::string short_point_label(const SweepPlan& plan, const SweepPoint& point);
std::string label_fields(const SweepPlan& plan);

}  // namespace togglewise::sweep
