#include "sim/accelergy/architecture.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/accelergy/reference_files.h"

namespace togglewise::accelergy {
namespace {

// Timeloop has no memory of unlimited size.
constexpr std::int64_t kUnlimitedBytes = std::int64_t{1} << 30;
constexpr int kAccumulatorBytes = 4;

std::string list_name(const char* name, int count) {
  return fmt::format("{}[0..{}]", name, count - 1);
}

// `indent` spaces in front of every line.
std::string component(int indent, const std::string& name, const char* component_class,
                      const std::vector<std::string>& attributes) {
  const std::string space(static_cast<std::size_t>(indent), ' ');
  std::string text = fmt::format("{0}- name: {1}\n{0}  class: {2}\n", space, name, component_class);
  if (!attributes.empty()) text += space + "  attributes:\n";
  for (const std::string& attribute : attributes) text += space + "    " + attribute + "\n";
  return text;
}

// One access is one word. Wires and address generators are no part of our energies: without these
// zeros Timeloop would add what its own tables say.
std::vector<std::string> storage(int bits) {
  return {fmt::format("datawidth: {}", bits),
          fmt::format("width: {}", bits),
          "block_size: 1",
          "wire-energy: 0.0",
          "router-energy: 0.0",
          "addr-gen-energy: 0.0"};
}

std::string sram(const char* name, const config::HardwareConfig::Memories::Sram& memory,
                 int bytes_per_word) {
  // Both halves hold different tiles: one tile has the words of one half.
  const std::int64_t bytes = memory.bytes > 0 ? memory.bytes / 2 : kUnlimitedBytes;
  std::vector<std::string> attributes = storage(8 * bytes_per_word);
  attributes.push_back(fmt::format("depth: {}{}", std::max<std::int64_t>(1, bytes / bytes_per_word),
                                   memory.bytes > 0 ? "  # of one half of the double buffer"
                                                    : "  # the configuration has no limit"));
  return component(8, name, "SRAM", attributes);
}

}  // namespace

ComponentNames::ComponentNames(const config::HardwareConfig& hardware) {
  const std::string array = "system.array.";
  const std::string pe =
      array + list_name("pe", hardware.array.rows * hardware.array.columns) + ".";
  dram = "system.DRAM";
  ifmap_sram = array + "ifmap_sram";
  filter_sram = array + "filter_sram";
  ofmap_sram = array + "ofmap_sram";
  accumulator = array + list_name("accumulator", hardware.array.columns);
  skew_registers = array + "skew_registers";
  deskew_registers = array + "deskew_registers";
  every_cycle = array + "every_cycle";
  weight_register = pe + "weight_register";
  mac = pe + "mac";
}

std::string architecture_yaml(const config::HardwareConfig& hardware,
                              const std::vector<std::string>& comment) {
  const auto& array = hardware.array;
  const std::string mesh = fmt::format("meshX: {}", array.columns);
  std::string text = yaml_comment(comment);
  text += fmt::format("architecture:\n  version: {}\n  subtree:\n  - name: system\n    local:\n",
                      kFormatVersion);
  text += component(4, "DRAM", "DRAM", storage(8));
  text += "    subtree:\n    - name: array\n      local:\n";
  text += sram("ifmap_sram", hardware.memories.ifmap_sram, 1);
  text += sram("filter_sram", hardware.memories.filter_sram, 1);
  text += sram("ofmap_sram", hardware.memories.ofmap_sram, kAccumulatorBytes);
  text += component(8, list_name("accumulator", array.columns), "togglewise_adder", {});
  text += component(8, "skew_registers", "togglewise_delay", {});
  text += component(8, "deskew_registers", "togglewise_delay", {});
  text += component(8, "every_cycle", "togglewise_cycle", {});
  text += fmt::format("      subtree:\n      - name: {}\n        local:\n",
                      list_name("pe", array.rows * array.columns));
  std::vector<std::string> weight = storage(array.weight_bits);
  weight.push_back("depth: 1");
  weight.push_back(mesh);
  text += component(10, "weight_register", "regfile", weight);
  text += component(
      10, "mac", "intmac",
      {fmt::format("datawidth: {}", std::max(array.weight_bits, array.activation_bits)), mesh});
  return text;
}

}  // namespace togglewise::accelergy
