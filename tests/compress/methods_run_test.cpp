// Every method in whole runs, one beside the other, on a small workload and made-up energies.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compress/run/compare_report.h"
#include "compress/run/compare_run.h"
#include "compress/run/compress_run.h"
#include "compress/run/train_run.h"
#include "compress/select/make_method.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "sim/report/html_compare.h"
#include "tests/compress/small_workload.h"

namespace togglewise::compress {
namespace {

using test::Interrupted;
using test::interrupting;
using test::Notes;
using test::popcount_hardware;
using test::SmallWorkload;
using test::without_timing;

class MethodRun : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryDirectory;
    SmallWorkload small;
    small.trials = 1;
    TrainOptions options;
    options.workload = small.write(folder_->path());
    options.out = folder_->path() / "dense";
    options.threads = 2;
    run_train(options, Reporter{});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static CompressOptions options(const std::string& out, const std::string& method) {
    CompressOptions options;
    options.workload = folder_->path() / "workload.yaml";
    options.files.model = folder_->path() / "dense" / model_file;
    options.out = folder_->path() / out;
    options.max_accuracy_drops = {100.0};
    options.method = make_method(method);
    options.threads = 2;
    return options;
  }

  static HandSets few_values() {
    write_file_atomically(folder_->path() / "few.yaml",
                          "sets: [-96, -64, -32, -16, -8, 0, 8, 16, 32, 64, 96]\n");
    return read_hand_sets(folder_->path() / "few.yaml");
  }

  static TemporaryDirectory* folder_;
};

TemporaryDirectory* MethodRun::folder_ = nullptr;

void expect_sets_hold(const std::filesystem::path& model, std::size_t largest) {
  const network::QuantizedNetwork network = graph::read_onnx(model);
  for (const network::GemmLayer* layer : network.gemm_layers()) {
    EXPECT_LE(layer->permitted_values.size(), largest) << layer->name;
    for (const std::int8_t w : layer->weights) {
      EXPECT_TRUE(std::binary_search(layer->permitted_values.begin(), layer->permitted_values.end(),
                                     static_cast<int>(w)));
    }
  }
}

TEST_F(MethodRun, EveryMethod_SavesEnergy_WithinSetsOfTheSizeAskedFor) {
  for (const std::string& method : method_names()) {
    CompressOptions limited = options("limited_" + method, method);
    limited.largest_set = 9;
    // From all values elimination takes seconds: few are enough to see it work.
    if (method == "layerwise-paper") limited.sets = few_values();
    const nlohmann::json result = run_compress(limited, popcount_hardware(), Reporter{});
    EXPECT_GT(result.at("energy").at("reduction_percent").get<double>(), 5) << method;
    expect_sets_hold(limited.out / model_file, 9);
  }
}

TEST_F(MethodRun, SetsByHand_BindEveryMethod) {
  write_file_atomically(folder_->path() / "sets.yaml", "sets: [-32, -8, 0, 8, 32]\n");
  for (const std::string& method : method_names()) {
    CompressOptions by_hand = options("hand_" + method, method);
    by_hand.sets = read_hand_sets(folder_->path() / "sets.yaml");
    run_compress(by_hand, popcount_hardware(), Reporter{});
    const network::QuantizedNetwork network = graph::read_onnx(by_hand.out / model_file);
    for (const network::GemmLayer* layer : network.gemm_layers()) {
      for (const std::int8_t w : layer->weights) {
        EXPECT_TRUE(w == 0 || std::abs(w) == 8 || std::abs(w) == 32) << method << " " << int{w};
      }
    }
  }
}

TEST_F(MethodRun, ImpossibleSetSize_IsRefused) {
  for (const int size : {-1, 0, 1, 256}) {
    CompressOptions wrong = options("wrong", "magnitude");
    wrong.largest_set = size;
    try {
      run_compress(wrong, popcount_hardware(), Reporter{});
      ADD_FAILURE() << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), "TW-COMPRESS-012");
    }
  }
}

TEST_F(MethodRun, LayerwiseRun_InterruptedBetweenLayers_EndsWithTheSameBytes) {
  CompressOptions whole = options("whole", "layerwise-paper");
  whole.sets = few_values();
  run_compress(whole, popcount_hardware(), Reporter{});
  CompressOptions resumed = options("resumed", "layerwise-paper");
  resumed.sets = whole.sets;
  resumed.threads = 1;
  EXPECT_THROW(run_compress(resumed, popcount_hardware(), interrupting("trial 1/1, layer 3/5")),
               Interrupted);
  Notes notes;
  Reporter watching = notes.reporter();
  bool first_layer_again = false;
  watching.progress = [&](const std::string& step, std::uint64_t, std::uint64_t) {
    first_layer_again = first_layer_again || step.rfind("trial 1/1, layer 1/5", 0) == 0;
  };
  run_compress(resumed, popcount_hardware(), watching);
  EXPECT_FALSE(first_layer_again);
  EXPECT_EQ(read_file(whole.out / model_file), read_file(resumed.out / model_file));
  EXPECT_EQ(read_file(whole.out / "log.jsonl"), read_file(resumed.out / "log.jsonl"));
}

TEST_F(MethodRun, Comparison_TakesFinishedMethodsAsTheyAre_AndShowsAllTrials) {
  CompressOptions common = options("compare", "magnitude");
  const std::vector<std::string> methods = {"magnitude", "uniform-bits"};
  const nlohmann::json first = run_compare(common, methods, popcount_hardware(), Reporter{});
  Notes notes;
  const nlohmann::json second = run_compare(common, methods, popcount_hardware(), notes.reporter());
  EXPECT_EQ(first, second);
  EXPECT_TRUE(notes.mention("magnitude is taken from"));
  EXPECT_TRUE(notes.mention("uniform-bits is taken from"));

  ASSERT_EQ(first.at("methods").size(), 2U);
  const nlohmann::json result =
      nlohmann::json::parse(read_file(common.out / "uniform-bits" / "compress.json"));
  const nlohmann::json& trial = first.at("methods").at(1).at("trials").at(0);
  EXPECT_EQ(trial.at("energy_reduction_percent"),
            result.at("trials").at(0).at("energy_reduction_percent"));
  EXPECT_EQ(trial.at("test_drop_points"), result.at("trials").at(0).at("test_drop_points"));
  const std::string csv = compare_csv(first);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  const std::string page = report::compare_html(first);
  EXPECT_NE(page.find("uniform-bits"), std::string::npos);
  EXPECT_NE(page.find("data-chart=\"compare\""), std::string::npos);

  Notes after_change;
  common.seed = 2;
  run_compare(common, {"magnitude"}, popcount_hardware(), after_change.reporter());
  EXPECT_FALSE(after_change.mention("is taken from"));
}

}  // namespace
}  // namespace togglewise::compress
