#include "sim/study/grouping_study.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/config/workload_config.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/dataset.h"
#include "sim/quantize/normalization.h"
#include "sim/quantize/quantizer.h"
#include "sim/study/compressed_traces.h"
#include "sim/study/study_files.h"

namespace togglewise::study {
namespace {

using report::Json;

const std::filesystem::path source = TOGGLEWISE_SOURCE_DIR;

std::vector<std::size_t> first_images(int count) {
  std::vector<std::size_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

network::Traces lenet_traces(int images) {
  const network::QuantizedNetwork network =
      graph::read_onnx(source / "tests/data/lenet5_fashion_mnist.onnx");
  const network::Dataset dataset = network::read_test_set(
      config::read_workload_config(source / "workloads/lenet5_fashion_mnist.yaml"));
  return network::trace_network(network, dataset, first_images(images), "test images", 2);
}

// Quantized as `togglewise quantize` does by default; `data` has models/resnet20.onnx and
// cifar-10-batches-bin/.
network::Traces resnet20_traces(const std::filesystem::path& data, int images) {
  auto network = std::get<graph::FloatNetwork>(graph::import_onnx(data / "models/resnet20.onnx"));
  network.geometry.normalization = quantize::choose_normalization(
      network.geometry, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}, "resnet20.onnx");
  const auto files = network::open_dataset(data / "cifar-10-batches-bin");
  const network::Dataset training = network::read_training_set(files);
  quantize::QuantizeParams params;
  params.threads = 2;
  const network::QuantizedNetwork integers = quantize::quantize_network(
      network, training, quantize::draw_calibration_images(training.size(), 512, 1), params,
      "resnet20.onnx");
  return network::trace_network(integers, network::read_test_set(files), first_images(images),
                                "test images", 2);
}

config::HardwareConfig hardware_config(const std::string& name, const std::string& timing) {
  config::HardwareConfig config =
      config::read_hardware_config((source / "hw_configs" / (name + ".yaml")).string());
  config.energy.timing = timing;
  return config;
}

std::vector<std::string> groupings_of(const Json& figures) {
  const std::vector<std::string> known = energy::grouping_names();
  std::vector<std::string> names;
  for (const auto& [name, of_model] : figures.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) names.push_back(name);
  }
  return names;
}

// The study of one seed repeats to the last bit on one machine. Half a hundredth of R² and of rank
// correlations, 0.4 percentage points or an eighth of larger errors: far more than another
// compiler's rounding moves, and less than another seed's operands move most figures at so few
// samples (scripts/study-groupings --seed 2), so that a change of the sampling or the fit shows.
double tolerance_of(const std::string& figure, double value) {
  if (figure == "r_squared") return 0.005;
  if (figure == "rank_correlation") return 0.005;
  return std::max(0.004, 0.125 * std::abs(value));  // relative errors
}

void expect_near(const std::string& where, const std::string& figure, const Json& is,
                 const Json& was) {
  if (was.is_array()) {
    ASSERT_EQ(is.size(), was.size()) << where;
    for (std::size_t i = 0; i < was.size(); ++i) expect_near(where, figure, is[i], was[i]);
  } else if (was.is_number_float()) {
    ASSERT_TRUE(is.is_number()) << where;
    EXPECT_NEAR(is.get<double>(), was.get<double>(), tolerance_of(figure, was.get<double>()))
        << where;
  } else {
    EXPECT_EQ(is, was) << where;  // numbers of cells; null where a model ranks nothing
  }
}

class StudyBaseline : public testing::TestWithParam<const char*> {};

TEST_P(StudyBaseline, IsMet) {
  const std::string name = GetParam();
  const bool is_lenet = name.rfind("lenet", 0) == 0;
  const char* data = std::getenv("TOGGLEWISE_DATA");
  if (!is_lenet && data == nullptr) GTEST_SKIP() << "TOGGLEWISE_DATA is not set";
  const Json baseline = Json::parse(read_file(source / "tests/study/baseline" / (name + ".json")));
  const bool is_inertial =
      baseline.at("timing_of_gates").get<std::string>().rfind("inertial", 0) == 0;
  const config::HardwareConfig config = hardware_config(baseline.at("hardware").get<std::string>(),
                                                        is_inertial ? "inertial" : "zero");
  const int images = baseline.at("images").get<int>();
  const network::Traces dense = is_lenet ? lenet_traces(images) : resnet20_traces(data, images);
  const energy::MacHardware hardware(config);
  GroupingStudyParams params;
  params.groupings = groupings_of(baseline.at("figures"));
  params.transitions_per_weight = baseline.at("transitions_per_weight").get<std::uint64_t>();
  params.sample_divisors = {1};
  params.layer_fidelity = false;
  params.threads = 2;
  const GroupingStudy study =
      study_groupings(hardware, dense, pruned_to_powers_of_two(dense, {}), params);
  StudyRun run;
  run.hardware = &config;
  const Json figures = figures_json(run, study).at("figures");
  for (const auto& [model, was] : baseline.at("figures").items()) {
    ASSERT_TRUE(figures.contains(model)) << model;
    for (const auto& [figure, value] : was.items()) {
      if (figure == "populated_cells") continue;  // depends on which operands were drawn
      expect_near(model + ", " + figure, figure, figures.at(model).at(figure), value);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, StudyBaseline,
                         testing::Values("lenet_array_zero", "lenet_array_inertial",
                                         "lenet_booth_zero", "lenet_booth_inertial",
                                         "resnet20_array_zero", "resnet20_array_inertial",
                                         "resnet20_booth_zero", "resnet20_booth_inertial"),
                         [](const auto& tested) { return std::string(tested.param); });

void expect_refused(const GroupingStudyParams& params, const std::string& id) {
  try {
    check_groupings(params);
    FAIL() << id << " was expected";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), id);
    EXPECT_EQ(error.exit_status(), 2);
  }
}

TEST(GroupingStudy, RefusesAGroupingNamedTwice) {
  GroupingStudyParams params;
  params.groupings = {"hd", "msb-hd", "hd"};
  expect_refused(params, "TW-STUDY-002");
}

TEST(GroupingStudy, RefusesAnUnknownGrouping) {
  GroupingStudyParams params;
  params.groupings = {"hd", "hamming"};
  expect_refused(params, "TW-GROUP-001");
}

TEST(GroupingStudy, RefusesFractionsThatDoNotEndInAll) {
  for (const std::vector<std::uint64_t>& divisors :
       std::vector<std::vector<std::uint64_t>>{{}, {8, 4}, {4, 8, 1}, {1, 1}}) {
    GroupingStudyParams params;
    params.sample_divisors = divisors;
    expect_refused(params, "TW-STUDY-003");
  }
}

// On a 16×16 array, with few samples: what does not depend on how good the tables are.
class SmallStudy : public testing::Test {
 protected:
  static GroupingStudy run(const network::Traces& traces, int threads) {
    const energy::MacHardware hardware(hardware_config("ws16x16_osu018", "zero"));
    GroupingStudyParams params;
    params.groupings = {"zero-flags-hd"};
    params.transitions_per_weight = 1000;
    params.covering_visits = 1;
    params.sample_divisors = {2, 1};
    params.threads = threads;
    return study_groupings(hardware, traces, pruned_to_powers_of_two(traces, {}), params);
  }
};

TEST_F(SmallStudy, IsTheSame_ForAnyNumberOfThreads) {
  const network::Traces traces = lenet_traces(1);
  const GroupingStudy one = run(traces, 1);
  const GroupingStudy three = run(traces, 3);
  EXPECT_EQ(study_csv(one), study_csv(three));
  EXPECT_EQ(study_text(one), study_text(three));
}

TEST_F(SmallStudy, RefusesANetworkOfOneLayer) {
  network::Traces traces = lenet_traces(1);
  traces.layers.resize(1);
  try {
    run(traces, 1);
    FAIL() << "TW-STUDY-001 was expected";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-STUDY-001");
    EXPECT_EQ(error.exit_status(), 2);
  }
}

}  // namespace
}  // namespace togglewise::study
