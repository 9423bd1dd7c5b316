// togglewise-compress: training and compression, the part of Togglewise that needs libtorch.
// `togglewise train`, `togglewise compress` and `togglewise compare` start it.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "compress/cli/compare_command.h"
#include "compress/cli/compress_command.h"
#include "compress/cli/train_command.h"
#include "sim/base/error.h"
#include "sim/base/version.h"

int main(int argc, char** argv) {
  CLI::App app("Training and compression of networks for systolic arrays", "togglewise-compress");
  app.set_version_flag("--version", togglewise::kVersion);
  app.require_subcommand(1);
  togglewise::compress::add_train_command(app);
  togglewise::compress::add_compress_command(app);
  togglewise::compress::add_compare_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const togglewise::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return error.exit_status();
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return 0;
}
