// What RTL looks like from outside, before any synthesis: a fraction of a second of yosys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace togglewise::tech {

struct RtlPort {
  std::string name;
  std::string direction;  // input, output or inout
  int width = 0;
};

struct RtlModule {
  std::string name;
  std::string file;  // with the line on which the module begins; "" and 0 where yosys is silent
  int line = 0;
  std::vector<RtlPort> ports;
  std::vector<std::string> parameters;

  const RtlPort* port(const std::string& port_name) const;  // nullptr where there is none
  bool has_parameter(const std::string& parameter) const;
};

// All modules of these files, with the default values of their parameters.
// Throws TW-SYN-001 … TW-SYN-003.
std::vector<RtlModule> read_rtl_modules(const std::vector<std::filesystem::path>& rtl_files);

// The top module with these parameters, which it must have, and everything below it. Throws
// TW-SYN-002 (a module is missing, a parameter does not fit …) and TW-SYN-007 for what no MAC may
// contain: latches and three-state drivers.
RtlModule elaborate(const std::vector<std::filesystem::path>& rtl_files, const std::string& top,
                    const std::map<std::string, std::int64_t>& parameters);

}  // namespace togglewise::tech
