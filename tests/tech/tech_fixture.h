// Files and synthesized circuits that the tests of sim/tech and sim/gate share.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/tech/netlist.h"
#include "sim/tech/synthesis.h"

namespace togglewise::tech {

inline std::filesystem::path osu018_file() {
  return "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
}
inline std::filesystem::path data_file(const std::string& name) {
  return std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "tests/tech/data" / name;
}
inline std::filesystem::path rtl_file(const std::string& name) {
  return std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "rtl" / name;
}

// Netlists are kept in the build folder, so that every test program synthesizes at most once.
inline SynthesisRequest request(const std::vector<std::filesystem::path>& files,
                                const std::string& top,
                                std::map<std::string, std::int64_t> parameters = {}) {
  SynthesisRequest result;
  result.rtl_files = files;
  result.top = top;
  result.parameters = std::move(parameters);
  result.liberty_file = osu018_file();
  result.cache_folder = std::filesystem::path(TOGGLEWISE_BINARY_DIR) / "test_netlists";
  return result;
}
inline SynthesisRequest mac_request(int partial_sum_bits = 22) {
  return request({rtl_file("mac.sv"), rtl_file("multiplier.sv"), rtl_file("adder.sv")}, "mac",
                 {{"PARTIAL_SUM_BITS", partial_sum_bits}});
}
// The array's MAC with a Booth multiplier; `top` says which operand is recoded.
inline SynthesisRequest booth_request(const std::string& top = "mac_booth", int weight_bits = 8,
                                      int activation_bits = 8) {
  return request({rtl_file(top + ".sv"), rtl_file("booth_multiplier.sv"), rtl_file("adder.sv")},
                 top,
                 {{"WEIGHT_BITS", weight_bits},
                  {"ACTIVATION_BITS", activation_bits},
                  {"PARTIAL_SUM_BITS", weight_bits + activation_bits + 6}});
}
// A MAC in several files with other names than ours, which includes a file.
inline SynthesisRequest own_mac_request() {
  return request({data_file("own_mac.sv"), data_file("own_array.sv")}, "dot_product_cell",
                 {{"WEIGHT_BITS", 8}, {"ACTIVATION_BITS", 8}, {"PARTIAL_SUM_BITS", 22}});
}
inline Netlist synthesized(const SynthesisRequest& what) {
  return Netlist::read(synthesize(what).json_file, CellLibrary::read(what.liberty_file));
}

// The error that `action` throws; fails the test where it throws none.
template <typename Action>
Error error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error::run("", "");
}

}  // namespace togglewise::tech
