// What the study compares: ways to predict the energy of a transition. All of them are energy
// tables in the end, so that all are asked the same questions by the same code.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/energy/energy_tables.h"
#include "sim/energy/table_fit.h"
#include "sim/network/traces.h"
#include "sim/study/study_samples.h"

namespace togglewise::study {

// Segments that a fit may use.
using UseSegment = std::function<bool(const energy::Segment&)>;

struct StudyModel {
  std::string name;
  std::string formula;
  bool is_grouping = true;  // false: what others use instead of tables per weight and group
  std::shared_ptr<const energy::TransitionGrouping> grouping;
  std::function<std::vector<energy::TablePart>(const UseSegment& use)> fit;
};

// A grouping of the registry, fitted as `calibrate` does. Throws TW-GROUP-001. `samples` is kept by
// reference, here and below.
StudyModel grouping_model(const std::string& name, const StudySamples& samples,
                          const energy::FitParams& params);

// The tables of a model fitted to `use`, ready to be looked up.
energy::EnergyTables fit_model(const StudyModel& model, int weight_bits, const UseSegment& use);

}  // namespace togglewise::study
