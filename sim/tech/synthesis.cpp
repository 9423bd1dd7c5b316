#include "sim/tech/synthesis.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/command.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"

namespace togglewise::tech {
namespace {

namespace fs = std::filesystem;

// The names of inputs and outputs are the only things that differ between two runs of one script.
std::string script_text(const SynthesisRequest& request, const std::string& rtl_arguments,
                        const std::string& liberty) {
  std::string parameters;
  for (const auto& [name, value] : request.parameters) {
    parameters += fmt::format(" -chparam {} {}", name, value);
  }
  // keep_hierarchy until after abc keeps the cells of u_multiplier and u_adder apart. Names are
  // enumerated before flattening: private names would be numbered differently by each writer.
  return fmt::format(
      "read_liberty -lib -ignore_miss_func \"{liberty}\"\n"
      "read_verilog -sv {rtl}\n"
      "hierarchy -check -top {top}{parameters}\n"
      "setattr -mod -set keep_hierarchy 1 *\n"
      "synth -top {top}\n"
      "dfflibmap -liberty \"{liberty}\"\n"
      "abc -liberty \"{liberty}\" -D {delay}\n"
      "setundef -zero\n"
      "opt_clean -purge\n"
      "setattr -mod -unset src *\n"
      "setattr -unset src *\n"
      "rename -enumerate -pattern c% c:*\n"
      "rename -enumerate -pattern n% w:*\n"
      "setattr -mod -unset keep_hierarchy *\n"
      "flatten\n"
      "opt_clean -purge\n"
      "check -mapped -assert\n"
      "write_json netlist.json\n"
      "write_verilog -noattr netlist.v\n",
      fmt::arg("rtl", rtl_arguments), fmt::arg("top", request.top),
      fmt::arg("parameters", parameters), fmt::arg("liberty", liberty),
      fmt::arg("delay", static_cast<long long>(request.clock_period_ps)));
}

std::string yosys_version() {
  if (find_program("yosys").empty()) {
    throw Error::run("TW-SYN-001", "yosys is not installed, but the MAC has to be synthesized")
        .expected("yosys (0.23 or newer) on the PATH")
        .hint("apt-get install yosys");
  }
  return run_command({"yosys", "-V"}, ".").output;
}

// yosys writes "ERROR: text" or "file:line: ERROR: text".
Error synthesis_failed(const std::string& log, const SynthesisRequest& request) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t found = line.find("ERROR: ");
    if (found == std::string::npos) continue;
    const std::string message = line.substr(found + 7);
    // What dfflegalize says when dfflibmap found no register for a flip-flop of the RTL.
    if (message.find("cannot be legalized") != std::string::npos) {
      return Error::input("TW-SYN-005",
                          fmt::format("the library has no cell for a flip-flop of '{}': {}",
                                      request.top, message))
          .at(request.liberty_file.string())
          .expected("a rising-edge D flip-flop without enable (an ff group) in the library");
    }
    std::string file = request.rtl_files.front().string();
    int line_number = 0;
    const std::string place = line.substr(0, found);
    const std::size_t colon = place.find(':');
    if (colon != std::string::npos && colon > 0) {
      file = place.substr(0, colon);
      line_number = std::atoi(place.c_str() + colon + 1);
    }
    return Error::input("TW-SYN-002",
                        fmt::format("yosys cannot synthesize '{}': {}", request.top, message))
        .at(file, line_number)
        .expected("RTL that yosys can map to the cell library");
  }
  return Error::run("TW-SYN-002",
                    fmt::format("yosys failed on '{}' without a message", request.top));
}

bool complete(const fs::path& folder) {
  return fs::exists(folder / "netlist.json") && fs::exists(folder / "netlist.v") &&
         fs::exists(folder / "yosys.log");
}

SynthesisResult result_in(const fs::path& folder, const std::string& key, bool from_cache) {
  return {folder / "netlist.json", folder / "netlist.v", folder / "yosys.log", key, from_cache};
}

}  // namespace

fs::path default_cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) {
    return fs::path(cache) / "togglewise" / "netlists";
  }
  if (const std::string home = variable("HOME"); !home.empty()) {
    return fs::path(home) / ".cache" / "togglewise" / "netlists";
  }
  return fs::temp_directory_path() / "togglewise-netlists";
}

SynthesisResult synthesize(const SynthesisRequest& request) {
  if (request.rtl_files.empty()) {
    throw Error::input("TW-SYN-003", "no RTL files were given").expected("at least one file");
  }
  // Relative names and copies of the same files elsewhere give the same key.
  std::string identity = script_text(request, "<rtl>", "<liberty>");
  std::string rtl_arguments;
  for (const fs::path& file : request.rtl_files) {
    identity += fmt::format("\n{}\n", hash_bytes(read_file(file)));
    rtl_arguments += fmt::format("\"{}\" ", fs::absolute(file).string());
  }
  identity += hash_bytes(read_file(request.liberty_file));
  identity += yosys_version();
  const std::string key = hash_bytes(identity);

  const fs::path cache =
      request.cache_folder.empty() ? default_cache_folder() : request.cache_folder;
  const fs::path folder = cache / key;
  if (complete(folder)) return result_in(folder, key, true);
  require_writable_directory(cache);

  // yosys works in a folder of its own that takes its final name when everything in it is there.
  // Several processes, and several threads of one, may be at the same netlist.
  std::string pattern = (cache / fmt::format("{}.XXXXXX", key)).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Error::run("TW-SYN-004", fmt::format("cannot make a folder: {}", std::strerror(errno)))
        .at(cache.string())
        .expected("a cache folder that can be written");
  }
  const fs::path work = pattern;
  struct Cleanup {
    const fs::path& folder;
    ~Cleanup() {
      std::error_code ignored;
      fs::remove_all(folder, ignored);
    }
  } cleanup{work};
  write_file_atomically(
      work / "synthesis.ys",
      script_text(request, rtl_arguments, fs::absolute(request.liberty_file).string()));
  const CommandResult run = run_command({"yosys", "-q", "-l", "yosys.log", "synthesis.ys"}, work);
  if (run.exit_status != 0) throw synthesis_failed(run.output, request);
  if (!complete(work)) throw synthesis_failed(run.output, request);

  std::error_code problem;
  fs::rename(work, folder, problem);
  if (problem && fs::is_directory(folder) && !complete(folder)) {
    // Somebody has deleted part of an earlier result.
    fs::remove_all(folder, problem);
    fs::rename(work, folder, problem);
  }
  // Somebody else may have put the same result there in the meantime.
  if (problem && !complete(folder)) {
    throw Error::run("TW-SYN-004", fmt::format("cannot keep the netlist: {}", problem.message()))
        .at(folder.string())
        .expected("a cache folder that can be written");
  }
  return result_in(folder, key, false);
}

}  // namespace togglewise::tech
