// togglewise: reads the command line and runs one command. Each command is a file of its own.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/version.h"
#include "sim/cli/commands.h"

namespace {

int fail(const std::string& text, int exit_status) {
  fmt::print(stderr, "togglewise: error: {}\n", text);
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace togglewise;
  try {
    if (cli::is_training_command(argc, argv)) return cli::run_training_program(argc, argv);

    CLI::App app{
        "Togglewise: what each layer of an int8 network costs on a weight-stationary "
        "systolic array, and how to make it cost less."};
    app.name("togglewise");
    app.set_version_flag("--version", std::string("togglewise ") + kVersion);
    app.require_subcommand(1);
    cli::add_training_commands(app);
    cli::add_quantize_command(app);
    cli::add_calibrate_command(app);
    cli::add_delays_command(app);
    cli::add_map_command(app);
    cli::add_simulate_command(app);
    cli::add_validate_command(app);
    cli::add_export_activity_command(app);
    cli::add_export_accelergy_command(app);
    cli::add_sweep_command(app);
    cli::add_study_command(app);
    cli::add_report_command(app);
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
      return app.exit(help);
    } catch (const CLI::CallForVersion& version) {
      return app.exit(version);
    } catch (const CLI::ParseError& error) {
      return fail(fmt::format("{}; run with --help for usage [TW-CLI-001]", error.what()), 2);
    }
    return 0;
  } catch (const Error& error) {
    return fail(error.what(), error.exit_status());
  } catch (const std::exception& error) {
    return fail(fmt::format("{} [TW-INTERNAL]", error.what()), 1);
  }
}
