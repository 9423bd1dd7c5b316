#include "sim/tech/synthesis.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/tech/liberty_source.h"
#include "sim/tech/rtl_includes.h"
#include "sim/tech/yosys.h"

namespace togglewise::tech {
namespace {

namespace fs = std::filesystem;

// The names of inputs and outputs are the only things that differ between two runs of one script.
std::string script_text(const SynthesisRequest& request, const std::string& read_rtl,
                        const std::string& liberty) {
  std::string parameters;
  for (const auto& [name, value] : request.parameters) {
    parameters += fmt::format(" -chparam {} {}", name, value);
  }
  // keep_hierarchy until after abc keeps the cells of u_multiplier and u_adder apart. Names are
  // enumerated before flattening: private names would be numbered differently by each writer.
  return fmt::format(
      "read_liberty -lib -ignore_miss_func \"{liberty}\"\n"
      "{rtl}\n"
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
      fmt::arg("rtl", read_rtl), fmt::arg("top", request.top), fmt::arg("parameters", parameters),
      fmt::arg("liberty", liberty),
      fmt::arg("delay", static_cast<long long>(request.clock_period_ps)));
}

// What went wrong, in the words of this tool where it is one of the known ways.
Error synthesis_failed(const CommandResult& run, const SynthesisRequest& request) {
  // What dfflegalize says when dfflibmap found no register for a flip-flop of the RTL.
  const std::size_t found = run.output.find("cannot be legalized");
  if (found != std::string::npos) {
    const std::size_t begin = run.output.rfind("ERROR: ", found);
    const std::size_t end = run.output.find('\n', found);
    const std::size_t from = begin == std::string::npos ? found : begin + 7;
    return Error::input("TW-SYN-005",
                        fmt::format("the library has no cell for a flip-flop of '{}': {}",
                                    request.top, run.output.substr(from, end - from)))
        .at(request.liberty_file.string())
        .expected("a rising-edge D flip-flop without enable (an ff group) in the library");
  }
  return yosys_error(run, request.top, request.rtl_files);
}

// `synth` ends with a check of gates, bit by bit: what that calls a loop is one. Its first check is
// of words, and the one behind abc does not look through library cells. A loop through several
// modules is left to the netlist's reader (TW-NET-004).
void require_no_loop(const fs::path& log_file, const SynthesisRequest& request) {
  const std::string log = read_file(log_file);
  const std::size_t gates = log.find("Executing ABC pass");
  if (gates == std::string::npos) return;
  const std::size_t loop = log.find("found logic loop in module", gates);
  if (loop == std::string::npos) return;
  // "    wire \\sum [3]": a name of the RTL, where a net on the loop has one.
  const std::size_t next = log.find("found logic loop in module", loop + 1);
  const std::size_t wire = log.find("wire \\", loop);
  std::string name;
  if (wire < next && wire != std::string::npos) {
    name = log.substr(wire + 6, log.find('\n', wire) - wire - 6);
    name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
  }
  throw Error::input("TW-SYN-007", fmt::format("module '{}' contains a combinational loop{}",
                                               request.top, name.empty() ? "" : " through " + name))
      .at(request.rtl_files.front().string())
      .expected("combinational logic and registers on the rising clock edge");
}

// yosys and abc want plain text: a gzip'd library is unpacked into the working folder.
fs::path plain_liberty(const fs::path& file, const fs::path& work) {
  char magic[2] = {};
  std::ifstream(file, std::ios::binary).read(magic, 2);
  if (magic[0] != '\x1f' || magic[1] != '\x8b') return fs::absolute(file);
  LibertySource source(file);
  const fs::path plain = work / "library.lib";
  std::ofstream out(plain, std::ios::binary);
  std::vector<char> piece(std::size_t{1} << 20);
  while (const std::size_t size = source.read(piece.data(), piece.size())) {
    out.write(piece.data(), static_cast<std::streamsize>(size));
  }
  out.close();
  if (!out) {
    throw Error::run("TW-SYN-004", "cannot unpack the library")
        .at(plain.string())
        .expected("a cache folder with room for it");
  }
  return plain;
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

namespace {

struct CacheEntry {
  fs::path cache;
  std::string key;
  fs::path folder() const { return cache / key; }
};

CacheEntry cache_entry(const SynthesisRequest& request) {
  if (request.rtl_files.empty()) {
    throw Error::input("TW-SYN-003", "no RTL files were given").expected("at least one file");
  }
  // Relative names and copies of the same files elsewhere give the same key.
  CacheEntry entry;
  std::string identity = script_text(request, "read_verilog -sv <rtl>", "<liberty>");
  for (const fs::path& file : request.rtl_files) {
    identity += fmt::format("\n{}\n", hash_bytes(read_file(file)));
  }
  for (const fs::path& file : included_files(request.rtl_files)) {
    identity += fmt::format("include {}\n", hash_bytes(read_file(file)));
  }
  identity += hash_bytes(read_file(request.liberty_file));
  identity += yosys_version();
  entry.key = hash_bytes(identity);
  entry.cache = request.cache_folder.empty() ? default_cache_folder() : request.cache_folder;
  return entry;
}

}  // namespace

std::optional<SynthesisResult> find_synthesized(const SynthesisRequest& request) {
  const CacheEntry entry = cache_entry(request);
  if (!complete(entry.folder())) return std::nullopt;
  return result_in(entry.folder(), entry.key, true);
}

SynthesisResult synthesize(const SynthesisRequest& request) {
  const CacheEntry entry = cache_entry(request);
  const fs::path folder = entry.folder();
  if (complete(folder)) return result_in(folder, entry.key, true);
  require_writable_directory(entry.cache);

  // yosys works in a folder of its own that takes its final name when everything in it is there.
  // Several processes, and several threads of one, may be at the same netlist.
  std::string pattern = (entry.cache / fmt::format("{}.XXXXXX", entry.key)).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Error::run("TW-SYN-004", fmt::format("cannot make a folder: {}", std::strerror(errno)))
        .at(entry.cache.string())
        .expected("a cache folder that can be written");
  }
  const fs::path work = fs::absolute(pattern);
  struct Cleanup {
    const fs::path& folder;
    ~Cleanup() {
      std::error_code ignored;
      fs::remove_all(folder, ignored);
    }
  } cleanup{work};
  const fs::path liberty = plain_liberty(request.liberty_file, work);
  const CommandResult run =
      run_yosys(script_text(request, read_rtl_command(request.rtl_files), liberty.string()), work);
  std::error_code problem;
  fs::remove(work / "library.lib", problem);
  if (run.exit_status != 0 || !complete(work)) throw synthesis_failed(run, request);
  require_no_loop(work / "yosys.log", request);

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
  return result_in(folder, entry.key, false);
}

}  // namespace togglewise::tech
