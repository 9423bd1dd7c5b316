// `togglewise compare`: methods of weight selection under the same options, one after the other.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/run/compress_run.h"

namespace togglewise::compress {

// Runs each of `methods` into its own folder in `options.out` and returns compare_json() of their
// results; `options.method` is not looked at. A method that an earlier run finished with the same
// input is not run again, unless `options.fresh`; one under way goes on. Throws TW-COMPRESS-004 for
// a method that is none, before anything is run.
nlohmann::json run_compare(const CompressOptions& options, const std::vector<std::string>& methods,
                           const HardwareModel& hardware, const Reporter& reporter);

}  // namespace togglewise::compress
