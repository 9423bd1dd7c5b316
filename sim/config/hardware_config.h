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

  // What the array switches off where it is not needed (rtl/README.md). All of it needs
  // single-buffered weights (TW-CFG-011).
  struct Gating {
    bool idle_columns = false;           // columns without a weight of the layer stand still
    bool idle_rows = false;              // rows without one too, as far as no sum passes them
    bool zero_weight = false;            // a weight of zero keeps activations from its multiplier
    bool zero_activation = false;        // registers do not take zeros: a flag travels instead
    bool unchanged_partial_sum = false;  // registers whose value stays are not clocked
    bool weight_registers = false;       // clocked only while weights are loaded

    bool any() const {
      return idle_columns || idle_rows || zero_weight || zero_activation || unchanged_partial_sum ||
             weight_registers;
    }
    friend bool operator==(const Gating& a, const Gating& b) {
      return a.idle_columns == b.idle_columns && a.idle_rows == b.idle_rows &&
             a.zero_weight == b.zero_weight && a.zero_activation == b.zero_activation &&
             a.unchanged_partial_sum == b.unchanged_partial_sum &&
             a.weight_registers == b.weight_registers;
    }
  } gating;

  // What the hardware lets a mapping do (sim/network/layer_mapping.h); without the key
  // `mapping.allow` everything.
  struct MappingPermissions {
    bool column_sign = true;         // accumulators that subtract
    bool row_order = true;           // any reduction index in any row of its tile
    bool unused_rows_on_top = true;  // a tile at the array's bottom
    bool pixel_generator = true;     // serpentine and tiled pixel orders: counters
    bool pixel_table = true;         // any pixel order: a table of addresses
    bool column_order = true;        // any output channel in any column
    bool tile_order = true;          // reduction tiles backwards
    bool partial_sum_offset = true;  // a constant that enters every column at the top
  } mapping;

  // How delays depend on the supply voltage, which a Liberty file does not say: the user's
  // assumption. Without the section `voltage` no voltage but the library's is spoken of.
  struct Voltage {
    bool given = false;
    double nominal_v = 0;  // of the Liberty file: delays and energies are those at this one
    double minimum_v = 0;  // no lower one is proposed
    // Alpha-power law, delay ∝ V / (V − threshold)^alpha; 0 where points are given instead.
    double threshold_v = 0;
    double alpha = 0;  // 1 to 2
    struct Point {
      double supply_v = 0;
      double factor = 0;  // delay, in any unit
    };
    std::vector<Point> delay_factor;  // ascending voltages, descending factors; or empty
  } voltage;

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

// Names of MappingPermissions, as `mapping.allow` lists them.
std::vector<std::string> mapping_permission_names();
// Nothing but what is named. Throws TW-CFG-012 for a name that is none.
HardwareConfig::MappingPermissions mapping_permissions(const std::vector<std::string>& names);

// Throws TW-CFG-010 when the MAC's RTL or the Liberty file is not there (with the package to
// install as a hint). Not part of reading: commands that only simulate do not need these files.
void require_technology_files(const HardwareConfig& config);

}  // namespace togglewise::config
