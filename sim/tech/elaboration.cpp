#include "sim/tech/elaboration.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/tech/yosys.h"

namespace togglewise::tech {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// "file:line.column-line.column", several of them behind one another with '|'.
void set_place(const std::string& source, std::string& file, int& line) {
  const std::string first = source.substr(0, source.find('|'));
  const std::size_t colon = first.rfind(':');
  if (colon == std::string::npos) return;
  file = first.substr(0, colon);
  line = std::atoi(first.c_str() + colon + 1);
}

std::string source_of(const Json& object) {
  const Json& attributes = object.at("attributes");
  return attributes.contains("src") ? attributes.at("src").get<std::string>() : "";
}

RtlModule module_of(const std::string& name, const Json& json) {
  RtlModule module;
  module.name = name;
  set_place(source_of(json), module.file, module.line);
  for (const auto& [port, description] : json.at("ports").items()) {
    module.ports.push_back({port, description.at("direction").get<std::string>(),
                            static_cast<int>(description.at("bits").size())});
  }
  if (json.contains("parameter_default_values")) {
    for (const auto& [parameter, value] : json.at("parameter_default_values").items()) {
      module.parameters.push_back(parameter);
    }
  }
  return module;
}

Json run(const std::string& script, const std::string& top,
         const std::vector<fs::path>& rtl_files) {
  if (rtl_files.empty()) {
    throw Error::input("TW-SYN-003", "no RTL files were given").expected("at least one file");
  }
  for (const fs::path& file : rtl_files) read_file(file);  // TW-FILE-001
  yosys_version();                                         // TW-SYN-001
  const TemporaryDirectory folder;
  const CommandResult result = run_yosys(
      read_rtl_command(rtl_files) + "\n" + script + "write_json modules.json\n", folder.path());
  if (result.exit_status != 0) throw yosys_error(result, top, rtl_files);
  return Json::parse(read_file(folder.path() / "modules.json")).at("modules");
}

// What `proc` and `tribuf` make of RTL that has no place in a synchronous circuit.
void require_synchronous(const Json& module, const std::string& top) {
  for (const auto& [name, cell] : module.at("cells").items()) {
    const auto type = cell.at("type").get<std::string>();
    const bool latch = type == "$dlatch" || type == "$adlatch" || type == "$dlatchsr";
    const bool three_state = type == "$tribuf";
    if (!latch && !three_state) continue;
    std::string file;
    int line = 0;
    set_place(source_of(cell), file, line);
    throw Error::input("TW-SYN-007", fmt::format("module '{}' contains a {}", top,
                                                 latch ? "latch" : "three-state driver"))
        .at(file, line)
        .expected("combinational logic and registers on the rising clock edge")
        .hint(latch ? "give the signal a value in every branch" : "select with a multiplexer");
  }
}

}  // namespace

const RtlPort* RtlModule::port(const std::string& port_name) const {
  for (const RtlPort& candidate : ports) {
    if (candidate.name == port_name) return &candidate;
  }
  return nullptr;
}

bool RtlModule::has_parameter(const std::string& parameter) const {
  return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
}

std::vector<RtlModule> read_rtl_modules(const std::vector<fs::path>& rtl_files) {
  std::vector<RtlModule> modules;
  const Json json = run("proc\n", "", rtl_files);
  for (const auto& [name, module] : json.items()) {
    modules.push_back(module_of(name, module));
  }
  return modules;
}

RtlModule elaborate(const std::vector<fs::path>& rtl_files, const std::string& top,
                    const std::map<std::string, std::int64_t>& parameters) {
  std::string script = fmt::format("hierarchy -check -top {}", top);
  for (const auto& [name, value] : parameters) {
    script += fmt::format(" -chparam {} {}", name, value);
  }
  // opt_clean removes latches of temporary variables that nobody reads.
  script += "\nproc\nflatten\ntribuf\nopt_clean\n";
  const Json modules = run(script, top, rtl_files);
  // After flattening only the top module is left; yosys keeps its name.
  const Json& module = modules.at(top);
  require_synchronous(module, top);
  return module_of(top, module);
}

}  // namespace togglewise::tech
