// Runs another program (yosys, chromium, our own second program).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace togglewise {

struct CommandResult {
  int exit_status = 0;  // 128 + signal when a signal ended it
  std::string output;   // standard output and standard error, interleaved
};

// The absolute path of `program` on PATH, or "" when there is none.
std::string find_program(const std::string& program);

// Runs arguments[0] with the rest as its arguments, without a shell, in `working_directory`.
// Throws TW-CMD-001 when the program cannot be started.
CommandResult run_command(const std::vector<std::string>& arguments,
                          const std::filesystem::path& working_directory);

}  // namespace togglewise
