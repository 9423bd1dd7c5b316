#include "sim/config/hardware_config.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/config/voltage_section.h"
#include "sim/config/yaml_reader.h"

namespace togglewise::config {
namespace fs = std::filesystem;
namespace {

constexpr int widest_partial_sum_bits = 32;
constexpr RealRange energies_pj{0, 1e6};

void require_file(const fs::path& file, const HardwareConfig& config, const std::string& key,
                  const std::string& package) {
  std::error_code error;
  if (fs::is_regular_file(file, error)) return;
  throw Error::input("TW-CFG-010",
                     fmt::format("'{}' names a file that is not there: {}", key, file.string()))
      .at(config.file.string())
      .expected("a readable file")
      .hint(package.empty() ? "relative paths are relative to the configuration file"
                            : fmt::format("apt-get install {}", package));
}

// Sizes are read as plain integers: no SRAM has 2 GiB.
struct SramSection {
  int bytes = 0;
  YamlSection section;

  explicit SramSection(HardwareConfig::Memories::Sram& sram) {
    section.integer("bytes", bytes, {0, std::numeric_limits<int>::max()}, Presence::required)
        .integer("bytes_per_cycle", sram.bytes_per_cycle, {0, 1'000'000}, Presence::optional)
        .real("read_pj_per_byte", sram.read_pj_per_byte, energies_pj, Presence::optional)
        .real("write_pj_per_byte", sram.write_pj_per_byte, energies_pj, Presence::optional);
  }
};

// The section `memories`; there is one when its required keys have been read.
class MemoriesSection {
 public:
  explicit MemoriesSection(HardwareConfig::Memories& memories)
      : memories_(memories),
        ifmap_(memories.ifmap_sram),
        filter_(memories.filter_sram),
        ofmap_(memories.ofmap_sram) {
    YamlSection dram;
    dram.real("bytes_per_cycle", bytes_per_cycle_, {0.001, 1e6}, Presence::required)
        .integer("latency_cycles", memories.dram.latency_cycles, {0, 1'000'000}, Presence::required)
        .real("read_pj_per_byte", memories.dram.read_pj_per_byte, energies_pj, Presence::optional)
        .real("write_pj_per_byte", memories.dram.write_pj_per_byte, energies_pj,
              Presence::optional);
    section.section("dram", dram, Presence::required)
        .section("ifmap_sram", ifmap_.section, Presence::required)
        .section("filter_sram", filter_.section, Presence::required)
        .section("ofmap_sram", ofmap_.section, Presence::required);
  }

  void finish() {
    if (bytes_per_cycle_ == 0) return;
    memories_.given = true;
    memories_.dram.bytes_per_cycle = bytes_per_cycle_;
    memories_.ifmap_sram.bytes = ifmap_.bytes;
    memories_.filter_sram.bytes = filter_.bytes;
    memories_.ofmap_sram.bytes = ofmap_.bytes;
  }

  YamlSection section;

 private:
  HardwareConfig::Memories& memories_;
  double bytes_per_cycle_ = 0;
  SramSection ifmap_, filter_, ofmap_;
};

// The section `gating`: switches, all off.
class GatingSection {
 public:
  explicit GatingSection(HardwareConfig::Gating& gating)
      : switches_{{"idle_columns", &gating.idle_columns, "false"},
                  {"idle_rows", &gating.idle_rows, "false"},
                  {"zero_weight", &gating.zero_weight, "false"},
                  {"zero_activation", &gating.zero_activation, "false"},
                  {"unchanged_partial_sum", &gating.unchanged_partial_sum, "false"},
                  {"weight_registers", &gating.weight_registers, "false"}} {
    for (Switch& one : switches_) {
      section.choice(one.key, one.text, {"true", "false"}, Presence::optional);
    }
  }
  void finish() {
    for (const Switch& one : switches_) *one.value = one.text == "true";
  }

  YamlSection section;

 private:
  struct Switch {
    std::string key;
    bool* value;
    std::string text;
  };
  std::vector<Switch> switches_;
};

using Permissions = HardwareConfig::MappingPermissions;
const std::vector<std::pair<std::string, bool Permissions::*>>& permission_members() {
  static const std::vector<std::pair<std::string, bool Permissions::*>> members{
      {"column_sign", &Permissions::column_sign},
      {"row_order", &Permissions::row_order},
      {"unused_rows_on_top", &Permissions::unused_rows_on_top},
      {"pixel_generator", &Permissions::pixel_generator},
      {"pixel_table", &Permissions::pixel_table},
      {"column_order", &Permissions::column_order},
      {"tile_order", &Permissions::tile_order},
      {"partial_sum_offset", &Permissions::partial_sum_offset}};
  return members;
}

// `make_error` places the error: (id, message) → Error.
template <typename MakeError>
Permissions permissions_of(const std::vector<std::string>& names, const MakeError& make_error) {
  const auto& members = permission_members();
  Permissions permissions;
  for (const auto& member : members) permissions.*member.second = false;
  for (const std::string& name : names) {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const auto& member) { return member.first == name; });
    if (found == members.end()) {
      const std::vector<std::string> all = mapping_permission_names();
      const std::string near = nearest_name(name, all);
      throw make_error("TW-CFG-012", fmt::format("there is no mapping '{}'", name))
          .expected(list_names(all))
          .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
    }
    permissions.*found->second = true;
  }
  return permissions;
}

}  // namespace

std::vector<std::string> mapping_permission_names() {
  std::vector<std::string> names;
  for (const auto& member : permission_members()) names.push_back(member.first);
  return names;
}

Permissions mapping_permissions(const std::vector<std::string>& names) {
  return permissions_of(names, [](const std::string& id, const std::string& message) {
    return Error::input(id, message);
  });
}

int derived_partial_sum_bits(const HardwareConfig::Array& array) {
  int log2_rows = 0;
  while ((1 << log2_rows) < array.rows) ++log2_rows;
  return array.weight_bits + array.activation_bits + log2_rows;
}

HardwareConfig read_hardware_config(const fs::path& file) {
  return read_hardware_config(YamlText(file), {});
}

HardwareConfig read_hardware_config(const YamlText& text,
                                    const std::vector<YamlOverride>& overrides) {
  HardwareConfig config;
  config.file = text.file;
  std::optional<int> partial_sum_bits;
  std::string double_buffered = "false";

  YamlSection array;
  array.integer("rows", config.array.rows, {1, 256}, Presence::required)
      .integer("columns", config.array.columns, {1, 256}, Presence::required)
      .integer("weight_bits", config.array.weight_bits, {4, 8}, Presence::optional)
      .integer("activation_bits", config.array.activation_bits, {4, 8}, Presence::optional)
      .integer("partial_sum_bits", partial_sum_bits, {1, widest_partial_sum_bits})
      .choice("double_buffered_weights", double_buffered, {"true", "false"}, Presence::optional);
  MemoriesSection memories(config.memories);
  YamlSection mac;
  mac.paths("rtl", config.mac.rtl, {1, 100}, Presence::required)
      .text("top", config.mac.top, Presence::required);
  YamlSection technology;
  technology.path("liberty", config.technology.liberty, Presence::required)
      .text("liberty_package", config.technology.liberty_package, Presence::optional)
      .real("input_slew_ns", config.technology.input_slew_ns, {0, 100, false, true},
            Presence::optional)
      .real("wire_capacitance_ff_per_fanout", config.technology.wire_capacitance_ff_per_fanout,
            {0, 1000}, Presence::optional);
  YamlSection energy;
  energy.text("grouping", config.energy.grouping, Presence::optional)
      .choice("timing", config.energy.timing, {"zero", "inertial"}, Presence::optional)
      .real("quantum_ps", config.energy.quantum_ps, {0, 10000}, Presence::optional);
  GatingSection gating(config.gating);
  VoltageSection voltage(config.voltage);
  std::vector<std::string> allow = mapping_permission_names();
  YamlSection mapping;
  mapping.texts("allow", allow, {0, allow.size()}, Presence::optional);
  YamlSection root;
  root.text("name", config.name, Presence::required)
      .section("array", array, Presence::required)
      .real("clock_period_ps", config.clock_period_ps, {0, 1e9, false, true}, Presence::required)
      .section("mac", mac, Presence::required)
      .section("technology", technology, Presence::required)
      .section("memories", memories.section, Presence::optional)
      .section("gating", gating.section, Presence::optional)
      .section("mapping", mapping, Presence::optional)
      .section("voltage", voltage.section, Presence::optional)
      .section("energy", energy, Presence::optional);

  const YamlDocument document(text, root, overrides);
  config.text_hash = document.text_hash();
  config.array.double_buffered_weights = double_buffered == "true";
  memories.finish();
  gating.finish();
  voltage.finish(document);
  if (config.gating.any() && config.array.double_buffered_weights) {
    throw document
        .error_at("array.double_buffered_weights", "TW-CFG-011",
                  "gating is not offered with double-buffered weights")
        .expected("array.double_buffered_weights: false, or no section 'gating'");
  }
  config.mapping = permissions_of(allow, [&](const std::string& id, const std::string& message) {
    return document.error_at("mapping.allow", id, message);
  });

  const int derived = derived_partial_sum_bits(config.array);
  config.array.partial_sum_bits = partial_sum_bits.value_or(derived);
  if (config.array.partial_sum_bits < derived) {
    throw document
        .error_at("array.partial_sum_bits", "TW-CFG-008",
                  fmt::format("'array.partial_sum_bits' is {}, but sums of {} products of {} × {} "
                              "bits need {} bits and would overflow",
                              config.array.partial_sum_bits, config.array.rows,
                              config.array.weight_bits, config.array.activation_bits, derived))
        .expected(fmt::format("{} to {}, or leave the key out", derived, widest_partial_sum_bits))
        .hint("an overflow policy (saturate, wrap) is not offered");
  }
  return config;
}

void require_technology_files(const HardwareConfig& config) {
  for (const fs::path& file : config.mac.rtl) require_file(file, config, "mac.rtl", "");
  require_file(config.technology.liberty, config, "technology.liberty",
               config.technology.liberty_package);
}

}  // namespace togglewise::config
