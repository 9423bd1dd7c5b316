#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/energy/weight_delays_json.h"

namespace togglewise::energy {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kExpected = "a file that 'togglewise delays' wrote (delays.json)";

Error not_delays(const std::string& what, const std::string& file) {
  return Error::input("TW-DELAY-001", what).at(file).expected(kExpected);
}

Json parse(const std::string& text, const std::string& file) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto end =
        text.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(error.byte, text.size()));
    throw Error::input("TW-DELAY-001", "these are no whole delays: not JSON")
        .at(file, 1 + static_cast<int>(std::count(text.begin(), end, '\n')))
        .expected(kExpected);
  }
}

// Members of one object, by name.
class Reader {
 public:
  Reader(const Json& object, const std::string& file) : object_(object), file_(file) {}

  const Json& member(const std::string& key) const {
    if (!object_.is_object() || !object_.contains(key)) {
      throw not_delays(fmt::format("'{}' is missing", key), file_);
    }
    return object_.at(key);
  }
  std::string text(const std::string& key) const {
    if (!member(key).is_string()) throw not_delays(fmt::format("'{}' is no text", key), file_);
    return member(key).get<std::string>();
  }
  double number(const std::string& key) const {
    if (!member(key).is_number()) throw not_delays(fmt::format("'{}' is no number", key), file_);
    return member(key).get<double>();
  }
  std::uint64_t count(const std::string& key) const {
    if (!member(key).is_number_unsigned()) {
      throw not_delays(fmt::format("'{}' is no whole number from 0 on", key), file_);
    }
    return member(key).get<std::uint64_t>();
  }
  int integer(const std::string& key, int low, int high) const {
    const Json& value = member(key);
    if (!value.is_number_integer() || value < low || value > high) {
      throw not_delays(fmt::format("'{}' is no whole number from {} to {}", key, low, high), file_);
    }
    return value.get<int>();
  }

 private:
  const Json& object_;
  const std::string& file_;
};

void read_column(const Reader& reader, const std::string& file, int weight, DelayColumns& columns) {
  const std::size_t index = weight_index(weight);
  const double sta_ps = columns.sta_ps[index] = reader.number("sta_ps");
  const double sensitized_ps = columns.sensitized_ps[index] = reader.number("sensitized_ps");
  const double traced_ps = columns.traced_ps[index] = reader.number("traced_ps");
  if (traced_ps >= 0 && traced_ps <= sensitized_ps && sensitized_ps <= sta_ps) return;
  throw Error::input("TW-DELAY-002",
                     fmt::format("the delays of weight {} contradict each other", weight))
      .at(file)
      .expected("0 <= traced_ps <= sensitized_ps <= sta_ps")
      .hint("make the file anew with 'togglewise delays'");
}

Json column_json(const DelayColumns& columns, std::size_t index) {
  return {{"sta_ps", columns.sta_ps[index]},
          {"sensitized_ps", columns.sensitized_ps[index]},
          {"traced_ps", columns.traced_ps[index]}};
}

}  // namespace

Json voltage_choice_json(const VoltageChoice& choice) {
  return {{"scope", choice.scope},
          {"delay", to_string(choice.kind)},
          {"supplied", to_string(choice.supplied)},
          {"clock", choice.clock},
          {"clock_ps", choice.clock_ps},
          {"delay_ps", choice.delay_ps},
          {"supply_v", choice.supply.supply_v},
          {"energy_factor", choice.supply.energy_factor},
          {"at_minimum", choice.supply.at_minimum}};
}

Json weight_delays_json(const WeightDelays& delays) {
  Json weights = Json::array();
  for (int weight = delays.lowest_weight(); weight <= delays.highest_weight(); ++weight) {
    const std::size_t index = weight_index(weight);
    weights.push_back({{"weight", weight},
                       {"any", column_json(delays.any, index)},
                       {"nonnegative", column_json(delays.nonnegative, index)}});
  }
  return {{"format_version", kDelaysFormatVersion},
          {"version", delays.tool_version},
          {"hardware", delays.hardware_name},
          {"hardware_key", delays.hardware_key},
          {"netlist_hash", delays.netlist_hash},
          {"library", delays.library},
          {"weight_bits", delays.weight_bits},
          {"clock_period_ps", delays.clock_period_ps},
          {"critical_path_ps", delays.critical_path_ps},
          {"accumulator_path_ps", delays.accumulator_path_ps},
          {"pair_transitions", delays.pair_transitions},
          {"directed_transitions", delays.directed_transitions},
          {"traced_transitions", delays.traced_transitions},
          {"operand_source", delays.operand_source},
          {"seed", delays.seed},
          {"weights", weights}};
}

WeightDelays read_weight_delays(const std::filesystem::path& path) {
  const std::string file = path.string();
  const Json json = parse(read_file(path), file);
  if (!json.is_object() || json.value("tool", Json()) != "togglewise" ||
      json.value("command", Json()) != "delays") {
    throw not_delays("this is JSON, but no delays", file);
  }
  const Reader root(json, file);
  const Reader reader(root.member("delays"), file);
  if (reader.count("format_version") != kDelaysFormatVersion) {
    throw not_delays(fmt::format("delays in format {}", reader.count("format_version")), file)
        .hint("another version of Togglewise wrote it: run 'togglewise delays' again");
  }
  WeightDelays delays;
  delays.tool_version = reader.text("version");
  delays.hardware_name = reader.text("hardware");
  delays.hardware_key = reader.text("hardware_key");
  delays.netlist_hash = reader.text("netlist_hash");
  delays.library = reader.text("library");
  delays.weight_bits = reader.integer("weight_bits", 4, 8);
  delays.clock_period_ps = reader.number("clock_period_ps");
  delays.critical_path_ps = reader.number("critical_path_ps");
  delays.accumulator_path_ps = reader.number("accumulator_path_ps");
  delays.pair_transitions = reader.count("pair_transitions");
  delays.directed_transitions = reader.count("directed_transitions");
  delays.traced_transitions = reader.count("traced_transitions");
  delays.operand_source = reader.text("operand_source");
  delays.seed = reader.count("seed");
  const Json& weights = reader.member("weights");
  const auto values = static_cast<std::size_t>(1 << delays.weight_bits);
  if (!weights.is_array() || weights.size() != values) {
    throw not_delays(fmt::format("'weights' is no list of {} values", values), file);
  }
  int weight = delays.lowest_weight();
  for (const Json& entry : weights) {
    const Reader of_weight(entry, file);
    of_weight.integer("weight", weight, weight);  // ascending, each once
    read_column(Reader(of_weight.member("any"), file), file, weight, delays.any);
    read_column(Reader(of_weight.member("nonnegative"), file), file, weight, delays.nonnegative);
    ++weight;
  }
  return delays;
}

}  // namespace togglewise::energy
