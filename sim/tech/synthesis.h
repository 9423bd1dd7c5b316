// RTL → netlist of library cells, by yosys; results are kept in a cache folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace togglewise::tech {

struct SynthesisRequest {
  std::vector<std::filesystem::path> rtl_files;  // SystemVerilog as yosys 0.23 reads it
  std::string top = "mac";
  std::map<std::string, std::int64_t> parameters;  // of the top module
  std::filesystem::path liberty_file;
  // Delay target handed to abc. It trades area for speed only; nothing checks that it is met.
  double clock_period_ps = 8000.0;
  std::filesystem::path cache_folder;  // "" = default_cache_folder()
};

struct SynthesisResult {
  std::filesystem::path json_file;     // for Netlist::read
  std::filesystem::path verilog_file;  // the same netlist, same names
  std::filesystem::path log_file;
  std::string key;  // hash of everything that decides the result
  bool from_cache = false;
};

// ${XDG_CACHE_HOME:-$HOME/.cache}/togglewise/netlists, or the temporary folder where neither is
// set.
std::filesystem::path default_cache_folder();

// Submodules are synthesized apart and flattened last, so a cell of instance u_multiplier is named
// "u_multiplier.c<number>". Throws TW-SYN-001 … TW-SYN-006, TW-FILE-001 (a file is missing).
SynthesisResult synthesize(const SynthesisRequest& request);

// What `synthesize` would give without running yosys; nothing where the cache lacks it.
std::optional<SynthesisResult> find_synthesized(const SynthesisRequest& request);

}  // namespace togglewise::tech
