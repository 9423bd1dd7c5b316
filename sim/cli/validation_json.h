// The result of `validate` as JSON and as text.
#pragma once

#include <optional>
#include <string>

#include "sim/cli/validation.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

struct ValidationRun {
  std::uint64_t seed = 0;
  const config::HardwareConfig* hardware = nullptr;
  report::ModelIdentity model;                    // the last network of the validation
  std::optional<report::ModelIdentity> baseline;  // the first one, where there are two
  std::string workload;
  std::string image_source;
  std::string style;
  double seconds = 0;
  std::vector<energy::EnergySource> sources;  // of the lines of the breakdown
};

report::Json validation_json(const ValidationRun& run, const Validation& validation);
std::string validation_text(const ValidationRun& run, const Validation& validation);

}  // namespace togglewise::cli
