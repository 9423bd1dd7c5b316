// `delays`: what a run leaves behind, and what it refuses.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/energy/weight_delays.h"
#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Weights of eight bits, activations of four: few pairs of activations to try.
class DelaysRun : public SmallRun {
 public:
  DelaysRun() {
    std::string text = hardware_text("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 16, 8);
    text.insert(text.find("clock_period_ps"), "  activation_bits: 4\n");
    write("hw.yaml", text +
                         "voltage: {nominal_v: 1.8, minimum_v: 0.9, threshold_v: 0.45, "
                         "alpha: 1.3}\n");
    text.insert(text.find("clock_period_ps"), "  double_buffered_weights: true\n");
    write("double.yaml", text);
  }

  CommandResult delays(const std::string& hardware, std::vector<std::string> more) const {
    std::vector<std::string> arguments{"delays", "--hw", hardware, "--out", "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  void expect_refused(const std::string& hardware, const std::vector<std::string>& more,
                      const std::string& id, const std::string& words) const {
    const CommandResult result = delays(hardware, more);
    EXPECT_EQ(result.exit_status, 2) << result.output;
    EXPECT_THAT(result.output, HasSubstr("[" + id + "]"));
    EXPECT_THAT(result.output, HasSubstr(words));
    EXPECT_FALSE(std::filesystem::exists(file("out/delays.json")));
    EXPECT_FALSE(std::filesystem::exists(file("out/delays.csv")));
  }
};

TEST(Delays, AreOfEveryValue_OfTheNetwork_AndOfALimit) {
  const DelaysRun run;
  const CommandResult done =
      run.delays("hw.yaml", {"--model", SmallRun::model(), "--limit-percent", "95"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("Critical path of the MAC"));
  EXPECT_THAT(done.output, HasSubstr("Supply voltages by the relation"));

  const energy::WeightDelays delays = energy::read_weight_delays(run.file("out/delays.json"));
  const json result = json::parse(read_file(run.file("out/delays.json")));
  const double longest_ps = energy::longest_delay_ps(delays, {});
  EXPECT_DOUBLE_EQ(result["limit"]["limit_ps"], 0.95 * longest_ps);
  const std::vector<int> within = energy::values_within(delays, 0.95 * longest_ps, {});
  EXPECT_EQ(result["limit"]["values"], json(within));
  EXPECT_FALSE(within.empty());
  EXPECT_LT(within.size(), 256U);

  ASSERT_EQ(result["network"]["layers"].size(), 5U);
  double of_layers_ps = 0;
  for (const json& layer : result["network"]["layers"]) {
    of_layers_ps = std::max(of_layers_ps, layer["sta_ps"].get<double>());
    EXPECT_THAT(layer["values"].get<std::vector<int>>(), testing::Contains(0));
  }
  EXPECT_EQ(result["network"]["sta_ps"], of_layers_ps);
  EXPECT_LE(of_layers_ps, longest_ps);

  // Three scopes at two clocks, by two kinds of delay, on two supplies.
  ASSERT_EQ(result["voltage"]["choices"].size(), 24U);
  for (const json& choice : result["voltage"]["choices"]) {
    const double ratio = choice["supply_v"].get<double>() / 1.8;
    EXPECT_NEAR(choice["energy_factor"].get<double>(), ratio * ratio, 1e-12);
    EXPECT_LE(choice["delay_ps"].get<double>(), choice["clock_ps"].get<double>());
  }

  std::istringstream csv(read_file(run.file("out/delays.csv")));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line.substr(0, 29), "weight,sta_ps,sensitized_ps,t");
  int rows = 0;
  while (std::getline(csv, line)) ++rows;
  EXPECT_EQ(rows, 256);
}

TEST(Delays, RepeatToTheLastByte_WhateverTheThreads) {
  const DelaysRun run;
  std::vector<std::string> results;
  for (const std::string threads : {"1", "2"}) {
    ASSERT_EQ(run.delays("hw.yaml", {"--threads", threads}).exit_status, 0);
    json result = json::parse(read_file(run.file("out/delays.json")));
    result.erase("timing");
    results.push_back(result.dump());
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(Delays, WithTraces_TryRealOperands) {
  const DelaysRun run;
  run.write_traces();
  network::Traces traces = network::read_traces(run.file("traces.h5"));
  for (network::TracedLayer& layer : traces.layers) {
    for (std::int8_t& value : layer.ifmaps) value = static_cast<std::int8_t>(value / 16);
  }
  network::write_traces(traces, run.file("narrow.h5"));
  const CommandResult done =
      run.delays("hw.yaml", {"--traces", "narrow.h5", "--transitions", "200"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  const energy::WeightDelays delays = energy::read_weight_delays(run.file("out/delays.json"));
  EXPECT_GE(delays.traced_transitions, 200U);
  EXPECT_EQ(delays.operand_source, "random images");
  EXPECT_GT(delays.any.traced_ps[energy::weight_index(3)], 0);
}

TEST(Delays, RefuseWhatMakesNoSense_AndWriteNothing) {
  const DelaysRun run;
  run.expect_refused("hw.yaml", {"--limit-ps", "100"}, "TW-DELAY-006", "within 100 ps");
  run.expect_refused("double.yaml", {}, "TW-DELAY-004", "double.yaml");
  run.expect_refused("hw.yaml", {"--limit-ps", "100", "--limit-percent", "90"}, "TW-CLI-001",
                     "--limit-p");
  run.expect_refused("hw.yaml", {"--limit-ps", "100", "--delay", "mean"}, "TW-CLI-001", "--delay");
  run.write_traces();
  run.expect_refused("hw.yaml", {"--traces", "traces.h5"}, "TW-DELAY-007", "activations of 4");
  run.expect_refused("hw.yaml", {"--traces", "hw.yaml"}, "TW-TRACE-001", "hw.yaml");
}

}  // namespace
}  // namespace togglewise
