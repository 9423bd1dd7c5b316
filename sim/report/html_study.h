// The page of `study grouping`: how far groupings, and what others use, are from the gates.
#pragma once

#include <string>
#include <vector>

#include "sim/report/result_json.h"

namespace togglewise::report {

struct StudyPage {
  Json study;  // study.json
  // E_l(w) on layers that the tables were not fitted to.
  struct Layer {
    std::string name;
    std::vector<int> weights;
    std::vector<double> measured_fj;                // by the gates, [weight]
    std::vector<std::vector<double>> predicted_fj;  // [model of the study][weight]
  };
  std::vector<Layer> weight_energies;
};

// The whole self-contained file.
std::string study_html(const StudyPage& page);

}  // namespace togglewise::report
