// hw_configs/*.yaml → typed struct. Example: hw_configs/ws64x64_osu018.yaml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace togglewise::config {

struct HardwareConfig {
  std::filesystem::path file;  // where it was read from; "" when built in code
  std::string text_hash;  // hash_bytes of the YAML text: tables are bound to it through `table_key`
  std::string name;

  struct Array {
    int rows = 64;            // 1..256
    int columns = 64;         // 1..256
    int weight_bits = 8;      // 4..8
    int activation_bits = 8;  // 4..8
    // Derived (weight_bits + activation_bits + ceil(log2 rows)) unless given; a narrower one than
    // derived is an error (TW-CFG-008), a wider one up to 32 is allowed.
    int partial_sum_bits = 22;
    // Whether a tile's weights are loaded while the one before still streams (rtl/README.md).
    bool double_buffered_weights = false;
  } array;

  // What stands between the array and its operands. Without the section `memories` everything is
  // there when it is needed: no stalls, no capacities, no memory energy.
  struct Memories {
    bool given = false;
    struct Dram {
      double bytes_per_cycle = 16;  // > 0, at most 3 decimals count; one channel, reads and writes
      int latency_cycles = 100;     // from a read's last byte served to its arrival, >= 0
      double read_pj_per_byte = 0;  // >= 0; 0: not given
      double write_pj_per_byte = 0;
    } dram;
    struct Sram {
      std::int64_t bytes = 0;   // both halves of the double buffer together; 0: unlimited
      int bytes_per_cycle = 0;  // of the port to the array; 0: whatever the array takes
      double read_pj_per_byte = 0;
      double write_pj_per_byte = 0;
    } ifmap_sram, filter_sram, ofmap_sram;
  } memories;

  double clock_period_ps = 8000;

  // The MAC that is synthesized: SystemVerilog files relative to the YAML file, and the top module.
  struct Mac {
    std::vector<std::filesystem::path> rtl;
    std::string top = "mac";
  } mac;

  struct Technology {
    std::filesystem::path liberty;
    std::string liberty_package;  // Debian package that provides it, for the hint when it is
                                  // missing; may be ""
    double input_slew_ns = 0.1;
    double wire_capacitance_ff_per_fanout = 4.0;
  } technology;

  struct Energy {
    std::string grouping = "operands-zero-in-out";  // name of a transition grouping (sim/energy)
    std::string timing = "zero";  // of the gate engine: zero or inertial (glitches too)
    double quantum_ps = 0;        // of inertial timing; 0: chosen from the library
  } energy;
};

// Reads and checks a YAML file. Every misspelled, missing, mistyped or out-of-range key gets an
// Error with file, line, column, what was expected and the nearest valid key.
HardwareConfig read_hardware_config(const std::filesystem::path& file);

// The same, with other values at some keys (points of a sweep). Errors in those are placed where
// the override was written.
struct YamlText;
struct YamlOverride;
HardwareConfig read_hardware_config(const YamlText& text,
                                    const std::vector<YamlOverride>& overrides);

// weight_bits + activation_bits + ceil(log2(rows)): the width that no column's sum can overflow,
// not even rows · (−2^(weight_bits−1)) · (−2^(activation_bits−1)).
int derived_partial_sum_bits(const HardwareConfig::Array& array);

// Throws TW-CFG-010 when the MAC's RTL or the Liberty file is not there (with the package to
// install as a hint). Not part of reading: commands that only simulate do not need these files.
void require_technology_files(const HardwareConfig& config);

}  // namespace togglewise::config
