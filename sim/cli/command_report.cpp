#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/report/html_report.h"

namespace togglewise::cli {

void add_report_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("report", "all results of a folder as one HTML file that opens offline");
  const auto directory = std::make_shared<std::filesystem::path>();
  command->add_option("DIR", *directory, "folder with result files of the other commands")
      ->required();
  command->callback([directory] {
    const report::HtmlReport result = report::write_html_report(*directory);
    for (const std::string& sentence : result.absent) fmt::print("note: {}\n", sentence);
    for (const std::string& file : result.ignored) {
      fmt::print("note: {} is not a result of Togglewise and was ignored\n", file);
    }
    fmt::print("{} result files → {}\n", result.results.size(), result.file.string());
  });
}

}  // namespace togglewise::cli
