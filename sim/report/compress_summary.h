// What compress.json says, typed: the report's view of a compression run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/report/result_files.h"

namespace togglewise::report {

struct CompressSummary {
  struct Layer {
    std::string name;
    std::vector<double> histogram_before;  // weights of each value −128..127; {} when not known
    std::vector<double> histogram_after;
    std::vector<int> permitted;   // {}: every value
    std::vector<double> cost_fj;  // E_l(v) of each value −128..127, dense network
    double energy_before_fj = 0;  // per image, MAC dynamic, fidelity layer
    double energy_after_fj = 0;
  };
  struct Trial {
    std::string label;
    double strength = 0;           // of the method; ours: the multiplier μ
    double holdout_accuracy = 0;   // fraction
    double drop_bound_points = 0;  // drop and its margin: what is held against the limit
    double energy_fj = 0;          // per image, MAC dynamic, fidelity layer
    bool accepted = false;
    bool chosen = false;
  };
  struct Accuracy {
    std::string images;          // "holdout" or "test"
    double in_real_numbers = 0;  // fractions
    double before = 0, after = 0;
    double count = 0;  // images
    double drop_standard_error_points = 0;
  };

  std::string file;
  std::vector<Layer> layers;
  std::vector<Trial> trials;
  std::vector<Accuracy> accuracies;
  double max_accuracy_drop_points = 0;
  double margin_standard_errors = 0;  // added to a trial's drop before it meets the limit
  std::string method;
  bool limit_in_test_set = false;  // else training images held out of training

  // Of the gates, on images of the final figure; not a number where they were not asked.
  struct Gates {
    std::string timing;
    double images = 0;
    double before_fj = 0, after_fj = 0;  // MAC dynamic, per image
    double reduction_percent = 0, half_width_percent = 0;
    double total_reduction_percent = 0;
  } gates;

  const Accuracy* accuracy_on(const std::string& images) const;  // null when not known
};

// From the first compress.json; nothing when there is none.
std::optional<CompressSummary> compress_summary(const ResultFiles& results);

}  // namespace togglewise::report
