#include "sim/study/study_model.h"

namespace togglewise::study {

StudyModel grouping_model(const std::string& name, const StudySamples& samples,
                          const energy::FitParams& params) {
  StudyModel model;
  model.grouping = energy::make_grouping(name, samples.widths);
  model.name = name;
  model.formula = model.grouping->formula();
  model.fit = [grouping = model.grouping, &samples, params](const UseSegment& use) {
    return energy::fit_parts(*grouping, samples.pool, samples.covering, samples.measured, params,
                             use);
  };
  return model;
}

energy::EnergyTables fit_model(const StudyModel& model, int weight_bits, const UseSegment& use) {
  energy::EnergyTables tables;
  tables.weight_bits = weight_bits;
  tables.grouping = model.grouping;
  tables.parts = model.fit(use);
  return tables;
}

}  // namespace togglewise::study
