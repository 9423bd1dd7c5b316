#include "sim/tech/yosys.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include "sim/base/files.h"

namespace togglewise::tech {
namespace {

namespace fs = std::filesystem;

// "text", "file:line: text" or "input:0: text" (a line of the script, of no use to anybody).
struct Complaint {
  std::string file;
  int line = 0;
  std::string message;
};

Complaint find_complaint(const std::string& output) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t found = line.find("ERROR: ");
    if (found == std::string::npos) continue;
    Complaint result{"", 0, line.substr(found + 7)};
    const std::size_t colon = line.rfind(':', found == 0 ? 0 : found - 3);
    if (found > 2 && colon != std::string::npos && colon > 0 && colon < found) {
      const int number = std::atoi(line.c_str() + colon + 1);
      if (number > 0) {
        result.file = line.substr(0, colon);
        result.line = number;
      }
    }
    return result;
  }
  return {};
}

// What the user can do about the complaints that own RTL meets most often.
std::string hint_for(const std::string& message) {
  const auto says = [&](const char* text) { return message.find(text) != std::string::npos; };
  if (says("is not part of the design")) {
    return "list the file with that module among the RTL files, too";
  }
  if (says("Can't open include file")) {
    return "an included file is looked for beside the file that includes it";
  }
  if (says("syntax error")) {
    return "yosys reads synthesizable SystemVerilog without classes, packed arrays of more than "
           "one dimension and ports that are arrays";
  }
  return "";
}

}  // namespace

std::string yosys_version() {
  if (find_program("yosys").empty()) {
    throw Error::run("TW-SYN-001", "yosys is not installed, but the MAC has to be synthesized")
        .expected("yosys (0.23 or newer) on the PATH")
        .hint("apt-get install yosys");
  }
  return run_command({"yosys", "-V"}, ".").output;
}

std::string read_rtl_command(const std::vector<fs::path>& rtl_files) {
  std::string command = "read_verilog -sv ";
  for (const fs::path& file : rtl_files) {
    command += fmt::format("\"{}\" ", fs::absolute(file).string());
  }
  return command;
}

CommandResult run_yosys(const std::string& script, const fs::path& folder) {
  write_file_atomically(folder / "synthesis.ys", script);
  return run_command({"yosys", "-q", "-l", "yosys.log", "synthesis.ys"}, folder);
}

Error yosys_error(const CommandResult& run, const std::string& top,
                  const std::vector<fs::path>& rtl_files) {
  const std::string what = top.empty() ? "the RTL" : fmt::format("'{}'", top);
  Complaint complaint = find_complaint(run.output);
  if (complaint.message.empty()) {
    return Error::run("TW-SYN-002",
                      fmt::format("yosys failed on {} without a message (exit status {})", what,
                                  run.exit_status));
  }
  if (complaint.file.empty()) complaint.file = rtl_files.front().string();
  // yosys marks names of the source with a backslash.
  complaint.message.erase(std::remove(complaint.message.begin(), complaint.message.end(), '\\'),
                          complaint.message.end());
  Error error = Error::input("TW-SYN-002", fmt::format("yosys cannot {} {}: {}",
                                                       top.empty() ? "read" : "synthesize", what,
                                                       complaint.message))
                    .at(complaint.file, complaint.line)
                    .expected("RTL that yosys can map to the cell library");
  const std::string hint = hint_for(complaint.message);
  return hint.empty() ? error : std::move(error).hint(hint);
}

}  // namespace togglewise::tech
