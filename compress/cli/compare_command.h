// `togglewise-compress compare`.
#pragma once

#include <CLI/App.hpp>

namespace togglewise::compress {

// Adds the subcommand; parsing runs it. `app` must outlive the call of parse().
void add_compare_command(CLI::App& app);

}  // namespace togglewise::compress
