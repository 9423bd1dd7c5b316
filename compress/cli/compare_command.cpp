#include "compress/cli/compare_command.h"

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "compress/cli/compress_arguments.h"
#include "compress/cli/console.h"
#include "compress/run/compare_report.h"
#include "compress/run/compare_run.h"
#include "compress/select/make_method.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/nearest.h"
#include "sim/report/html_compare.h"

namespace togglewise::compress {

namespace {

void run(const CompressArguments& arguments, const std::vector<std::string>& methods) {
  for (std::size_t i = 0; i < methods.size(); ++i) {
    if (std::count(methods.begin(), methods.end(), methods[i]) > 1) {
      throw Error::input("TW-COMPRESS-015", "method '" + methods[i] + "' is named twice")
          .expected("every method once");
    }
    make_method(methods[i]);  // a wrong name is refused before anything is read
  }
  const CompressInputs inputs(arguments);
  Console console;
  const nlohmann::json compare =
      run_compare(inputs.options(), methods, inputs.hardware(), console.reporter());
  const std::filesystem::path& out = inputs.options().out;
  write_json(compare, out / "compare.json");
  write_file_atomically(out / "compare.csv", compare_csv(compare));
  write_file_atomically(out / "compare.html", report::compare_html(compare));
  fmt::print("{}", compare_table(compare));
  fmt::print(
      "saved: MAC dynamic energy of MACs that hold a weight, fidelity layer, against dense int8; "
      "drop: points of top-1 below the float network\n");
  fmt::print("compare.json, compare.csv and compare.html are in {}\n", out.string());
}

}  // namespace

void add_compare_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "compare", "methods of weight selection side by side: accuracy against energy");
  auto arguments = std::make_shared<CompressArguments>();
  auto methods = std::make_shared<std::vector<std::string>>(method_names());
  add_compress_options(*command, *arguments);
  command->add_option("--methods", *methods, "with commas, of " + list_names(method_names()))
      ->delimiter(',')
      ->capture_default_str();
  command->footer(
      "Every method has a folder of its own in --out. An interrupted comparison goes on where it "
      "was; finished methods are not run again.");
  command->callback([arguments, methods] { run(*arguments, *methods); });
}

}  // namespace togglewise::compress
