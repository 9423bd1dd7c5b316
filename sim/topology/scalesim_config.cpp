#include "sim/topology/scalesim_config.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/nearest.h"

namespace togglewise::topology {
namespace {

constexpr int largest_array = 256;
constexpr int largest_sram_kb = 1 << 20;
constexpr int largest_bandwidth = 1 << 20;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// section and key in lower case → value and line.
class IniFile {
 public:
  struct Value {
    std::string text;
    int line = 0;
  };

  explicit IniFile(const std::filesystem::path& file) : file_(file), text_(read_file(file)) {
    std::string_view rest = text_;
    if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
    int line = 0;
    while (!rest.empty()) {
      ++line;
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      read_line(trimmed(rest.substr(0, end)), line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  Error error_at(int line, const std::string& id, const std::string& message) const {
    return Error::input(id, message).at(file_.string(), line);
  }
  const std::string& text() const { return text_; }

  const Value* find(const std::string& section, const std::string& key) const {
    const auto found = values_.find({lower(section), lower(key)});
    return found == values_.end() ? nullptr : &found->second;
  }

  const Value& require(const std::string& section, const std::string& key) const {
    if (const Value* value = find(section, key)) return *value;
    std::vector<std::string> keys;
    for (const auto& [name, value] : values_) {
      if (name.first == lower(section)) keys.push_back(name.second);
    }
    const std::string near = nearest_name(lower(key), keys);
    throw Error::input("TW-SCALESIM-002", fmt::format("[{}] has no key '{}'", section, key))
        .at(file_.string())
        .expected(fmt::format("a line '{}: VALUE' in [{}]", key, section))
        .hint(near.empty() ? "" : fmt::format("is '{}' it, misspelled?", near));
  }

  int require_integer(const std::string& section, const std::string& key, int low, int high) const {
    return integer(require(section, key), key, low, high);
  }

  int integer(const Value& value, const std::string& key, int low, int high) const {
    int number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, status] = std::from_chars(value.text.data(), end, number);
    if (status != std::errc() || stop != end || number < low || number > high) {
      throw error_at(value.line, "TW-SCALESIM-003", fmt::format("'{}' is '{}'", key, value.text))
          .expected(fmt::format("a whole number from {} to {}", low, high));
    }
    return number;
  }

 private:
  void read_line(std::string_view line, int number) {
    if (line.empty() || line.front() == '#' || line.front() == ';') return;
    if (line.front() == '[' && line.back() == ']') {
      section_ = lower(line.substr(1, line.size() - 2));
      return;
    }
    const std::size_t separator = line.find_first_of(":=");
    if (separator == std::string_view::npos || separator == 0 || section_.empty()) {
      throw error_at(number, "TW-SCALESIM-001",
                     section_.empty() ? "a line stands before the first [section]"
                                      : "the line is neither a [section] nor 'key: value'")
          .expected("a SCALE-Sim configuration");
    }
    const std::string key = lower(trimmed(line.substr(0, separator)));
    const Value value{std::string(trimmed(line.substr(separator + 1))), number};
    if (!values_.emplace(std::pair(section_, key), value).second) {
      throw error_at(number, "TW-SCALESIM-001",
                     fmt::format("'{}' is given twice in [{}]", key, section_))
          .expected("every key once");
    }
  }

  std::filesystem::path file_;
  std::string text_;
  std::string section_;
  std::map<std::pair<std::string, std::string>, Value> values_;
};

constexpr const char* architecture = "architecture_presets";

void read_bandwidth(const IniFile& ini, ScaleSimConfig& config) {
  const IniFile::Value& mode = ini.require("run_presets", "InterfaceBandwidth");
  const std::string name = lower(mode.text);
  if (name != "user" && name != "calc") {
    throw ini
        .error_at(mode.line, "TW-SCALESIM-003",
                  fmt::format("'InterfaceBandwidth' is '{}'", mode.text))
        .expected("USER or CALC");
  }
  config.user_bandwidth = name == "user";
  if (!config.user_bandwidth) return;
  // A list has a value for each memory bank; SCALE-Sim takes the first.
  IniFile::Value value = ini.require(architecture, "Bandwidth");
  value.text = std::string(trimmed(value.text.substr(0, value.text.find(','))));
  config.bandwidth_words_per_cycle = ini.integer(value, "Bandwidth", 1, largest_bandwidth);
}

// Features that would change the cycles and are not modelled.
void refuse_unsupported(const IniFile& ini) {
  const IniFile::Value& dataflow = ini.require(architecture, "Dataflow");
  if (lower(dataflow.text) != "ws") {
    throw ini
        .error_at(dataflow.line, "TW-SCALESIM-004",
                  fmt::format("the dataflow is '{}'", dataflow.text))
        .expected("ws")
        .hint("Togglewise models weight-stationary arrays only");
  }
  const std::pair<const char*, const char*> switches[] = {{"sparsity", "SparsitySupport"},
                                                          {"layout", "IfmapCustomLayout"},
                                                          {"layout", "FilterCustomLayout"},
                                                          {"run_presets", "UseRamulatorTrace"}};
  for (const auto& [section, key] : switches) {
    const IniFile::Value* value = ini.find(section, key);
    if (value == nullptr || lower(value->text) != "true") continue;
    throw ini.error_at(value->line, "TW-SCALESIM-004", fmt::format("'{}' is switched on", key))
        .expected(fmt::format("{}: false", key))
        .hint("this feature of SCALE-Sim v3 is not modelled");
  }
}

}  // namespace

ScaleSimConfig read_scalesim_config(const std::filesystem::path& file) {
  const IniFile ini(file);
  ScaleSimConfig config;
  config.file = file;
  config.text_hash = hash_bytes(ini.text());
  config.run_name = ini.require("general", "run_name").text;
  config.array_height = ini.require_integer(architecture, "ArrayHeight", 1, largest_array);
  config.array_width = ini.require_integer(architecture, "ArrayWidth", 1, largest_array);
  config.ifmap_sram_kb = ini.require_integer(architecture, "IfmapSramSzkB", 1, largest_sram_kb);
  config.filter_sram_kb = ini.require_integer(architecture, "FilterSramSzkB", 1, largest_sram_kb);
  config.ofmap_sram_kb = ini.require_integer(architecture, "OfmapSramSzkB", 1, largest_sram_kb);
  refuse_unsupported(ini);
  read_bandwidth(ini, config);
  return config;
}

config::HardwareConfig to_hardware_config(const ScaleSimConfig& scalesim) {
  config::HardwareConfig hardware;
  hardware.file = scalesim.file;
  hardware.text_hash = scalesim.text_hash;
  hardware.name = scalesim.run_name;
  hardware.array.rows = scalesim.array_height;
  hardware.array.columns = scalesim.array_width;
  hardware.array.partial_sum_bits = config::derived_partial_sum_bits(hardware.array);
  if (scalesim.user_bandwidth) {
    config::HardwareConfig::Memories& memories = hardware.memories;
    memories.given = true;
    memories.dram.bytes_per_cycle = scalesim.bandwidth_words_per_cycle;
    memories.dram.latency_cycles = 1;  // of SCALE-Sim's read port
    memories.ifmap_sram.bytes = std::int64_t{1024} * scalesim.ifmap_sram_kb;
    memories.filter_sram.bytes = std::int64_t{1024} * scalesim.filter_sram_kb;
    memories.ofmap_sram.bytes = std::int64_t{1024} * scalesim.ofmap_sram_kb;
  }
  return hardware;
}

ScaleSimConfig to_scalesim_config(const config::HardwareConfig& hardware) {
  ScaleSimConfig scalesim;
  scalesim.file = hardware.file;
  scalesim.text_hash = hardware.text_hash;
  scalesim.run_name = hardware.name;
  scalesim.array_height = hardware.array.rows;
  scalesim.array_width = hardware.array.columns;
  const auto kb = [](std::int64_t bytes, int otherwise) {
    return bytes < 1024 ? otherwise
                        : static_cast<int>(std::min<std::int64_t>(bytes / 1024, largest_sram_kb));
  };
  scalesim.ifmap_sram_kb = kb(hardware.memories.ifmap_sram.bytes, scalesim.ifmap_sram_kb);
  scalesim.filter_sram_kb = kb(hardware.memories.filter_sram.bytes, scalesim.filter_sram_kb);
  scalesim.ofmap_sram_kb = kb(hardware.memories.ofmap_sram.bytes, scalesim.ofmap_sram_kb);
  return scalesim;
}

}  // namespace togglewise::topology
