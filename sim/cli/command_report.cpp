#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/report/html_report.h"

namespace togglewise::cli {

void add_report_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "report", "all results of a folder as one HTML file that opens offline (--out: default DIR)");
  const auto directory = std::make_shared<std::filesystem::path>();
  const auto options = std::make_shared<CommonOptions>();
  command->add_option("DIR", *directory, "folder with result files of the other commands")
      ->required();
  // A report has nothing random and one thread is enough; the options are there as everywhere.
  add_common_options(*command, *options);
  command->callback([directory, options, command] {
    const bool elsewhere = command->count("--out") > 0;
    if (elsewhere) require_writable_directory(options->out);
    const report::HtmlReport result =
        report::write_html_report(*directory, elsewhere ? options->out : *directory);
    for (const std::string& sentence : result.absent) fmt::print("note: {}\n", sentence);
    for (const std::string& file : result.ignored) {
      fmt::print("note: {} is not a result of Togglewise and was ignored\n", file);
    }
    if (!result.summary.empty()) fmt::print("{}\n", result.summary);
    fmt::print("Report of {} result files: {}\n", result.results.size(),
               std::filesystem::absolute(result.file).lexically_normal().string());
  });
}

}  // namespace togglewise::cli
