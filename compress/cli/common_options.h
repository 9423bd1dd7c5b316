// The options that both commands have, named and meant as those of `togglewise`'s other commands.
#pragma once

#include <cstdint>
#include <filesystem>

#include <CLI/App.hpp>

namespace togglewise::compress {

struct CommonOptions {
  std::filesystem::path workload;
  std::filesystem::path out = "togglewise-out";
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all processors
  bool fresh = false;

  int thread_count() const;
};

// `options` must outlive the parsing of `command`.
void add_common_options(CLI::App& command, CommonOptions& options);

}  // namespace togglewise::compress
