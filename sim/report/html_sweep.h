// The page of a sweep: energy against cycles with the Pareto front, utilization and energy per
// array and layer. Where no energies were computed: cycles against the size of the array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/result_json.h"

namespace togglewise::report {

// Per image, nanojoules.
struct SweepEnergy {
  double mac_dynamic_nj = 0;
  double dynamic_nj = 0;
  double total_nj = 0;     // dynamic, clock and leakage
  double memories_nj = 0;  // SRAMs and DRAM, where the configuration gives their energies

  double all_nj() const { return total_nj + memories_nj; }
};

// A layer, or the whole network.
struct SweepMeasure {
  double cycles_per_image = 0;
  double utilization = 0;
  double stall_fraction = 0;
  std::optional<SweepEnergy> energy;
};

struct SweepPagePoint {
  std::string label;        // "16×32, clock_period_ps 8000"
  std::string short_label;  // "16×32, 8000", for charts; SweepPage::label_fields says what is what
  std::size_t group = 0;    // index into SweepPage::groups
  int rows = 0;
  int columns = 0;
  int partial_sum_bits = 0;
  double clock_period_ps = 0;
  std::vector<std::string> values;  // of SweepPage::fields
  std::string not_possible;         // why there are no results; "" when there are
  SweepMeasure total;
  double mapping_efficiency = 0;
  std::vector<SweepMeasure> layers;
  bool on_front = false;

  double processing_elements() const { return static_cast<double>(rows) * columns; }
  double time_us_per_image() const { return total.cycles_per_image * clock_period_ps * 1e-6; }
};

// Points that can be compared: the same workload, images and fidelity.
struct SweepGroup {
  std::string name;
  std::string fidelity;
  std::string operand_source;  // "" when only shapes were needed
  bool synthetic = false;
  std::vector<std::string> layers;
};

struct SweepPage {
  std::string name;
  std::string sweep_file;
  Json hardware;  // hardware_json() of the base
  std::uint64_t seed = 0;
  std::vector<std::string> fields;  // that were swept
  std::string label_fields;         // "rows×columns, clock_period_ps"
  std::vector<SweepGroup> groups;
  std::vector<SweepPagePoint> points;
};

// Marks, in each group, the points that no other one beats in both: time and energy, or without
// energies time and processing elements. Of equal points each is marked.
void mark_pareto_fronts(SweepPage& page);

// The whole self-contained file.
std::string sweep_html(const SweepPage& page);

// Best points of each group, for the console.
std::string sweep_text(const SweepPage& page);

}  // namespace togglewise::report
