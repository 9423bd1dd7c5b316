// How this folder talks to yosys, and what it makes of yosys' complaints.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/base/command.h"
#include "sim/base/error.h"

namespace togglewise::tech {

// As `yosys -V` gives it. Throws TW-SYN-001 where yosys is not installed.
std::string yosys_version();

// read_verilog with these files.
std::string read_rtl_command(const std::vector<std::filesystem::path>& rtl_files);

// Writes `script` as synthesis.ys into `folder` and runs it there. The log is yosys.log.
CommandResult run_yosys(const std::string& script, const std::filesystem::path& folder);

// TW-SYN-002 with the file and line that yosys names. `top` ("" where files are only read) and
// `rtl_files` say what was tried.
Error yosys_error(const CommandResult& run, const std::string& top,
                  const std::vector<std::filesystem::path>& rtl_files);

}  // namespace togglewise::tech
