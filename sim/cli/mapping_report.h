// What `map` says of a search: per layer and per trick, as JSON, CSV and console text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/energy/network_energy.h"
#include "sim/mapping/mapping_file.h"
#include "sim/mapping/mapping_search.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

// Natural and mapped on images that the search has not seen, fidelity gate.
struct MappingTest {
  std::string image_source;
  energy::NetworkEnergy natural, mapped;
};

struct MappingRun {
  const config::HardwareConfig* hardware = nullptr;
  report::ModelIdentity model;
  std::string workload;  // name; "" when there is none
  const mapping::NetworkMapping* mapping = nullptr;
  std::string mapping_file, mapping_hash;
  std::string tables_name;  // file and hash
  const mapping::SearchParams* params = nullptr;
  const mapping::SearchResult* result = nullptr;
  std::optional<MappingTest> test;
  double seconds = 0;
  double search_seconds = 0;
};

// What a trick saved on the judging images where it was kept; tricks are measured one on top of the
// other, so that a network's savings add up.
struct TrickSum {
  std::string trick;
  int tried = 0;  // layers
  int kept = 0;
  double mac_dynamic_fj = 0;
  double dynamic_fj = 0;
  double total_fj = 0;
};
// In the order in which they were tried; what is left of the difference between natural and mapped
// is "subtracting_accumulators": what these cost layers without negated columns.
std::vector<TrickSum> trick_sums(const mapping::SearchResult& result);

report::Json map_json(const MappingRun& run);
std::string map_csv(const MappingRun& run);  // one line per layer and a last one named "total"
std::string map_text(const MappingRun& run);

}  // namespace togglewise::cli
