#include "sim/energy/weight_delays.h"

#include <functional>

#include <nlohmann/json.hpp>

#include "sim/base/files.h"
#include "sim/energy/weight_delays_json.h"
#include "tests/config/expect_error.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

using Json = nlohmann::ordered_json;

// Four bits of weight and activation: every pair of activations with every weight in no time.
config::HardwareConfig narrow_config() {
  config::HardwareConfig config = small_hardware_config();
  config.array.weight_bits = 4;
  config.array.activation_bits = 4;
  config.array.partial_sum_bits = config::derived_partial_sum_bits(config.array);
  return config;
}
const MacHardware& narrow_hardware() {
  static const MacHardware hardware(narrow_config());
  return hardware;
}

network::Traces narrow_traces() {
  network::Traces traces = small_traces(2);
  for (network::TracedLayer& layer : traces.layers) {
    for (std::int8_t& value : layer.ifmaps) value = static_cast<std::int8_t>(value / 16);
    for (std::int8_t& value : layer.layer.weights) value = static_cast<std::int8_t>(value / 16);
  }
  return traces;
}

WeightDelays measured(int threads = 1) {
  WeightDelayParams params;
  params.traced_transitions = 500;
  params.threads = threads;
  const network::Traces traces = narrow_traces();
  return measure_weight_delays(narrow_hardware(), &traces, params);
}
const WeightDelays& delays() {
  static const WeightDelays delays = measured();
  return delays;
}

TEST(WeightDelays, AreOrdered_FromTracesToTheCriticalPath) {
  EXPECT_EQ(delays().pair_transitions, 16U * 15U);
  EXPECT_GT(delays().directed_transitions, 500U);
  EXPECT_GE(delays().traced_transitions, 500U);
  EXPECT_GT(delays().accumulator_path_ps, 1000);
  for (int weight = -8; weight < 8; ++weight) {
    const std::size_t i = weight_index(weight);
    for (const DelayColumns* columns : {&delays().any, &delays().nonnegative}) {
      EXPECT_GT(columns->traced_ps[i], 0) << weight;
      EXPECT_LE(columns->traced_ps[i], columns->sensitized_ps[i]) << weight;
      EXPECT_LE(columns->sensitized_ps[i], columns->sta_ps[i]) << weight;
      EXPECT_LE(columns->sta_ps[i], delays().critical_path_ps) << weight;
    }
    EXPECT_LE(delays().nonnegative.sta_ps[i], delays().any.sta_ps[i]) << weight;
    EXPECT_LE(delays().nonnegative.sensitized_ps[i], delays().any.sensitized_ps[i]) << weight;
    // With nothing below zero and no weight, partial sums pass through: no carry at all.
    EXPECT_LE(delays().nonnegative.sta_ps[weight_index(0)], delays().nonnegative.sta_ps[i]);
  }
  EXPECT_LT(delays().nonnegative.sta_ps[weight_index(0)], 0.5 * delays().critical_path_ps);
  EXPECT_EQ(delays().any.sta_ps[weight_index(8)], 0);  // no value of four bits
}

TEST(WeightDelays, DoNotDependOnThreads) {
  EXPECT_EQ(weight_delays_json(delays()).dump(), weight_delays_json(measured(3)).dump());
}

TEST(WeightDelays, WithoutTraces_HaveNoTracedColumn) {
  const WeightDelays plain = measure_weight_delays(narrow_hardware(), nullptr, {});
  EXPECT_EQ(plain.traced_transitions, 0U);
  EXPECT_EQ(plain.any.traced_ps[weight_index(3)], 0);
  EXPECT_EQ(plain.any.sta_ps, delays().any.sta_ps);
  EXPECT_GT(plain.any.sensitized_ps[weight_index(3)], 0);
}

TEST(WeightDelays, NeedWeightsThatStandStill) {
  config::HardwareConfig config = narrow_config();
  config.array.double_buffered_weights = true;
  expect_error([&] { measure_weight_delays(MacHardware(config, narrow_hardware()), nullptr, {}); },
               {"TW-DELAY-004", {"double-buffered", "double_buffered_weights: false"}});
}

TEST(WeightDelays, NeedUngatedPes) {
  config::HardwareConfig config = narrow_config();
  config.gating.zero_weight = true;
  expect_error([&] { measure_weight_delays(MacHardware(config), nullptr, {}); },
               {"TW-DELAY-005", {"gated", "without the section 'gating'"}});
}

TEST(WeightDelays, RefuseOperands_WiderThanTheMac) {
  network::Traces traces = narrow_traces();
  traces.layers[1].ifmaps[3] = 8;
  expect_error([&] { measure_weight_delays(narrow_hardware(), &traces, {}); },
               {"TW-DELAY-007", {"layer fc", "activations of 4"}});
  traces = narrow_traces();
  traces.layers[0].layer.weights[0] = -9;
  expect_error([&] { measure_weight_delays(narrow_hardware(), &traces, {}); },
               {"TW-DELAY-007", {"layer conv", "weights of 4 bits"}});
}

// Delays by hand: weight w takes 1000 + 10·w ps, or 20 less in what was seen.
WeightDelays ramp() {
  WeightDelays ramp;
  ramp.weight_bits = 4;
  for (int weight = -8; weight < 8; ++weight) {
    ramp.any.sta_ps[weight_index(weight)] = 1000 + 10 * weight;
    ramp.any.sensitized_ps[weight_index(weight)] = 980 + 10 * weight;
    ramp.nonnegative.sta_ps[weight_index(weight)] = 500;
    ramp.nonnegative.sensitized_ps[weight_index(weight)] = 400;
  }
  return ramp;
}

TEST(ValuesWithin, AreThoseBelowTheLimit_OfTheColumnAskedFor) {
  EXPECT_EQ(values_within(ramp(), 940, {}), (std::vector<int>{-8, -7, -6}));
  EXPECT_EQ(values_within(ramp(), 940, {DelayKind::sensitized, {}, {}}),
            (std::vector<int>{-8, -7, -6, -5, -4}));
  EXPECT_EQ(values_within(ramp(), 940, {DelayKind::sta, {}, Activations::nonnegative}).size(), 16U);
  EXPECT_TRUE(values_within(ramp(), 900, {}).empty());
  EXPECT_EQ(longest_delay_ps(ramp(), {-3, 2}, {}), 1020);
  EXPECT_EQ(longest_delay_ps(ramp(), {}), 1070);
}

TEST(ValuesWithin, NeedBothSigns_WhereColumnsMayBeNegated) {
  const DelayChoice either{DelayKind::sta, Signs::either, Activations::any};
  // 8 does not exist in four bits: −8 is never negated.
  EXPECT_EQ(values_within(ramp(), 1020, either), (std::vector<int>{-8, -2, -1, 0, 1, 2}));
  EXPECT_EQ(longest_delay_ps(ramp(), {-3, 2}, either), 1030);
}

class DelaysFile {
 public:
  explicit DelaysFile(const WeightDelays& delays) {
    json = {{"tool", "togglewise"}, {"command", "delays"}, {"delays", weight_delays_json(delays)}};
  }
  std::string path() const { return (folder_.path() / "delays.json").string(); }
  WeightDelays read() const {
    write_file_atomically(path(), json.dump(2));
    return read_weight_delays(path());
  }
  void expect_refused(const std::string& id, const std::string& words,
                      const std::function<void(Json&)>& damage) const {
    Json damaged = json;
    damage(damaged);
    write_file_atomically(path(), damaged.dump(2));
    expect_error([&] { read_weight_delays(path()); }, {id, {words, path()}});
  }
  Json json;

 private:
  TemporaryDirectory folder_;
};

TEST(DelaysFile, IsReadAsWritten) {
  const DelaysFile file(delays());
  const WeightDelays again = file.read();
  EXPECT_EQ(weight_delays_json(again).dump(), weight_delays_json(delays()).dump());
  EXPECT_EQ(again.any.sta_ps, delays().any.sta_ps);
  EXPECT_EQ(again.nonnegative.sensitized_ps, delays().nonnegative.sensitized_ps);
}

TEST(DelaysFile, ThatIsNone_IsRefused) {
  const DelaysFile file(delays());
  write_file_atomically(file.path(), file.json.dump(2).substr(0, 900));
  expect_error([&] { read_weight_delays(file.path()); }, {"TW-DELAY-001", {"not JSON"}});
  const auto refused = [&](const std::string& words, const std::function<void(Json&)>& damage) {
    file.expect_refused("TW-DELAY-001", words, damage);
  };
  refused("no delays", [](Json& json) { json["command"] = "map"; });
  refused("no delays", [](Json& json) { json = Json::array(); });
  refused("'delays' is missing", [](Json& json) { json.erase("delays"); });
  refused("in format 7", [](Json& json) { json["delays"]["format_version"] = 7; });
  refused("'hardware_key' is missing", [](Json& json) { json["delays"].erase("hardware_key"); });
  refused("'library' is no text", [](Json& json) { json["delays"]["library"] = 3; });
  refused("'weight_bits' is no whole number from 4 to 8",
          [](Json& json) { json["delays"]["weight_bits"] = 9; });
  refused("'seed' is no whole number", [](Json& json) { json["delays"]["seed"] = -1; });
  refused("list of 16 values", [](Json& json) { json["delays"]["weights"].erase(0); });
  refused("'weight' is no whole number from -7 to -7",
          [](Json& json) { json["delays"]["weights"][1]["weight"] = -8; });
  refused("'sta_ps' is no number",
          [](Json& json) { json["delays"]["weights"][3]["any"]["sta_ps"] = "long"; });
}

TEST(DelaysFile, ThatContradictsItself_IsRefused) {
  const DelaysFile file(delays());
  file.expect_refused("TW-DELAY-002", "weight -5", [](Json& json) {
    json["delays"]["weights"][3]["nonnegative"]["sensitized_ps"] = 1e6;
  });
  file.expect_refused("TW-DELAY-002", "weight -8",
                      [](Json& json) { json["delays"]["weights"][0]["any"]["traced_ps"] = -1; });
}

TEST(DelaysFile, OfAnotherMac_IsRefused) {
  EXPECT_NO_THROW(require_delays_match(delays(), narrow_hardware(), "delays.json"));
  WeightDelays other = delays();
  other.hardware_key = "another";
  expect_error([&] { require_delays_match(other, narrow_hardware(), "delays.json"); },
               {"TW-DELAY-003", {"delays.json", "another MAC or library", "togglewise delays"}});
}

}  // namespace
}  // namespace togglewise::energy
