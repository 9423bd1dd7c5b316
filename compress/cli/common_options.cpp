#include "compress/cli/common_options.h"

#include <CLI/CLI.hpp>

#include "sim/base/parallel.h"

namespace togglewise::compress {

int CommonOptions::thread_count() const { return threads > 0 ? threads : default_thread_count(); }

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_option("--workload", options.workload, "workload (YAML)")->required();
  command.add_option("--out", options.out, "folder for result files, made when missing")
      ->capture_default_str();
  command
      .add_option("--seed", options.seed, "seed of everything random; stands in every result file")
      ->capture_default_str();
  command
      .add_option("--threads", options.threads,
                  "threads; 0 = all processors. Results do not depend on it")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command.add_flag("--fresh", options.fresh,
                   "start over, whatever an interrupted run left in --out");
}

}  // namespace togglewise::compress
