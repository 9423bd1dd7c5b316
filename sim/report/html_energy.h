// Sections of the report on energy per layer and component, and on cycles.
#pragma once

#include <string>

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

// One network measured, or two: before and after compression. Pointers lead into ResultFiles.
struct EnergyComparison {
  std::string file;  // where it was read from; "" when no result has energies
  std::string fidelity;
  std::string timing;  // of the gate engine
  double images = 0;
  const Json* before =
      nullptr;  // {"layers": […], "total": {…}}; null when there is one network only
  const Json* after = nullptr;     // the compressed network, or the only one
  const Json* interval = nullptr;  // what the intervals are over; null in results without
  const Json* sources = nullptr;   // [{"line", "kind", "source"}]
};

// Order of the fidelities from fast (0) to certain; −1 for any other model.
int certainty(const std::string& fidelity);

double nanojoules(const Json& json, const std::string& path);  // of a value in femtojoules

// From a validate.json that measured both networks; without one, the most certain result.
EnergyComparison energy_comparison(const ResultFiles& results);

void add_energy_section(Page& page, const ResultFiles& results);
void add_cycles_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
