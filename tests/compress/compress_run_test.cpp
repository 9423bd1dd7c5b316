// `compress` as a whole, on a small workload and made-up energies.
#include "compress/run/compress_run.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compress/run/accuracy.h"
#include "compress/select/make_method.h"
#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/network/onnx_file.h"
#include "tests/compress/small_workload.h"
#include "tests/compress/trained_workload.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

using test::interrupting;
using test::Notes;
using test::popcount_hardware;
using test::SmallWorkload;
using test::Trained;
using test::without_timing;

nlohmann::json compress(const CompressOptions& options) {
  return run_compress(options, popcount_hardware(), Reporter{});
}

void expect_same_results(const std::filesystem::path& a, const std::filesystem::path& b) {
  EXPECT_EQ(without_timing(a / "compress.json"), without_timing(b / "compress.json"));
  for (const char* file : {model_file, "pareto.csv", "log.jsonl"}) {
    EXPECT_EQ(read_file(a / file), read_file(b / file)) << file;
  }
}

std::vector<nlohmann::json> log_of(const std::filesystem::path& out) {
  std::vector<nlohmann::json> decisions;
  std::istringstream lines(read_file(out / "log.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    decisions.push_back(nlohmann::json::parse(line));
  }
  return decisions;
}

TEST(CompressRun, ExportedWeights_AreInTheirPermittedSets_WhichAreNoLargerThanAllowed) {
  SmallWorkload small;
  small.largest_set = 6;
  const Trained trained(small);
  const nlohmann::json result =
      run_compress(trained.options("out"), popcount_hardware(), Reporter{});
  const network::QuantizedNetwork network =
      graph::read_onnx(trained.folder.path() / "out" / model_file);
  std::size_t l = 0;
  for (const network::GemmLayer* layer : network.gemm_layers()) {
    EXPECT_GE(layer->permitted_values.size(), 1U);
    EXPECT_LE(layer->permitted_values.size(), 6U);
    for (const std::int8_t w : layer->weights) {
      EXPECT_TRUE(std::binary_search(layer->permitted_values.begin(), layer->permitted_values.end(),
                                     static_cast<int>(w)));
    }
    EXPECT_EQ(result.at("layers").at(l).at("permitted_values"), layer->permitted_values);
    std::size_t weights = 0;
    for (const auto& count : result.at("layers").at(l).at("after").at("weight_histogram")) {
      weights += count.get<std::size_t>();
    }
    EXPECT_EQ(weights, layer->weights.size());
    ++l;
  }
  EXPECT_EQ(network.metadata.at("togglewise.baseline"), trained.model.string());
  EXPECT_LT(result.at("energy").at("after_fj_per_image").get<double>(),
            0.9 * result.at("energy").at("before_fj_per_image").get<double>());
}

TEST(CompressRun, Mapping_TravelsInTheModelsMetadata) {
  const Trained trained;
  network::QuantizedNetwork dense = graph::read_onnx(trained.model);
  dense.metadata[mapping::kMappingMetadata] = "another one";
  network::write_onnx(dense, trained.model);
  CompressOptions mapped = trained.options("mapped");
  mapped.mapping_text = "how it lies";
  mapped.provenance["mapping"] = {{"hash", "0123"}};
  const nlohmann::json result = run_compress(mapped, popcount_hardware(), Reporter{});
  EXPECT_EQ(result.at("mapping").at("hash"), "0123");
  EXPECT_EQ(graph::read_onnx(mapped.out / model_file).metadata.at(mapping::kMappingMetadata),
            "how it lies");
  const CompressOptions natural = trained.options("natural");
  EXPECT_FALSE(run_compress(natural, popcount_hardware(), Reporter{}).contains("mapping"));
  EXPECT_EQ(graph::read_onnx(natural.out / model_file).metadata.count(mapping::kMappingMetadata),
            0U);
}

TEST(CompressRun, OneAndTwoThreads_GiveTheSameBytes) {
  const Trained trained;
  CompressOptions one = trained.options("one");
  one.threads = 1;
  const CompressOptions two = trained.options("two");
  compress(one);
  compress(two);
  expect_same_results(one.out, two.out);
}

// Kills a run as the first step begins whose name begins so, and lets another finish it.
void interrupt_and_finish(const CompressOptions& options, const std::vector<std::string>& steps) {
  for (const std::string& step : steps) {
    EXPECT_THROW(run_compress(options, popcount_hardware(), interrupting(step)), test::Interrupted)
        << step;
    EXPECT_FALSE(std::filesystem::exists(options.out / model_file));
  }
  Reporter watching;
  bool done_again = false;
  watching.progress = [&](const std::string& name, std::uint64_t, std::uint64_t) {
    done_again = done_again || (name.rfind("trial", 0) == 0 && name.rfind(steps.back(), 0) != 0);
  };
  run_compress(options, popcount_hardware(), watching);
  EXPECT_FALSE(done_again);
}

TEST(CompressRun, InterruptedSearch_EndsWithTheSameBytes_AsAnUninterruptedOne) {
  SmallWorkload small;
  small.compression_epochs = 3;
  const Trained trained(small);
  const CompressOptions whole = trained.options("whole");
  const CompressOptions resumed = trained.options("resumed");
  compress(whole);
  interrupt_and_finish(resumed, {"trial 1/2, epoch 2/3", "trial 1/2, epoch 3/3",
                                 "trial 2/2, epoch 1/2", "trial 2/2, epoch 2/2"});
  expect_same_results(whole.out, resumed.out);
}

TEST(CompressRun, Budget_EndsTheSearchAndSaysSo_AndWithoutItTheRunIsFinished) {
  SmallWorkload small;
  small.compression_epochs = 2;
  small.trials = 3;
  const Trained trained(small);
  const CompressOptions whole = trained.options("whole");
  EXPECT_FALSE(compress(whole).at("stopped_by_budget").get<bool>());
  CompressOptions hurried = trained.options("hurried");
  hurried.budget_seconds = 1e-6;
  Notes notes;
  const nlohmann::json early = run_compress(hurried, popcount_hardware(), notes.reporter());
  EXPECT_TRUE(early.at("stopped_by_budget").get<bool>());
  EXPECT_EQ(early.at("trials").size(), 0U);
  EXPECT_TRUE(early.at("chosen_trial").is_null());
  EXPECT_TRUE(notes.mention("the time budget ends the search in trial 1"));
  const auto says_budget = [](const nlohmann::json& line) {
    return line.at("decision") == "budget";
  };
  const std::vector<nlohmann::json> log = log_of(hurried.out);
  EXPECT_EQ(std::count_if(log.begin(), log.end(), says_budget), 1);
  hurried.budget_seconds = 0;
  compress(hurried);
  expect_same_results(whole.out, hurried.out);
}

TEST(CompressRun, ImagesOfTheFinalFigure_AreLookedAtOnce_AtTheEnd) {
  SmallWorkload small;
  small.limit_test_images = 25;
  const Trained trained(small);
  CompressOptions options = trained.options("out");
  options.pareto = true;
  const nlohmann::json result = compress(options);
  const std::vector<nlohmann::json> log = log_of(options.out);
  const auto is_final = [](const nlohmann::json& line) {
    return line.at("decision") == "final figure";
  };
  ASSERT_GE(log.size(), 4U);  // start, two trials, the choice, the figure
  EXPECT_EQ(std::count_if(log.begin(), log.end(), is_final), 1);
  EXPECT_TRUE(is_final(log.back()));
  EXPECT_EQ(log.back().at("first_image"), 25);
  EXPECT_EQ(log.back().at("images"), 35);
  EXPECT_EQ(log.front().at("limit_images"), "the first 25 test images");
  EXPECT_EQ(result.at("accuracy").at("holdout").at("after").at("images"), 25);
  EXPECT_EQ(result.at("accuracy").at("test").at("after").at("images"), 35);
  for (const nlohmann::json& trial : result.at("trials")) {
    EXPECT_EQ(trial.at("holdout").at("images"), 25);
    EXPECT_EQ(trial.at("test").at("images"), 35);
  }
}

TEST(CompressRun, Labels_OfTheFinalFiguresImagesDecideNothing) {
  SmallWorkload small;
  small.limit_test_images = 25;
  const Trained trained(small);
  const CompressOptions before = trained.options("before", 10.0);
  const nlohmann::json a = compress(before);
  // Other labels for images 25 and on: another final figure, the same network.
  std::string labels = read_file(trained.folder.path() / "test-labels");
  for (std::size_t i = 8 + 25; i < labels.size(); ++i)
    labels[i] = static_cast<char>((labels[i] + 1) % 10);
  write_file_atomically(trained.folder.path() / "test-labels", labels);
  const CompressOptions after = trained.options("after", 10.0);
  const nlohmann::json b = compress(after);
  EXPECT_EQ(read_file(before.out / model_file), read_file(after.out / model_file));
  EXPECT_EQ(a.at("accuracy").at("holdout"), b.at("accuracy").at("holdout"));
  EXPECT_NE(a.at("accuracy").at("test"), b.at("accuracy").at("test"));
}

TEST(CompressRun, FloatReferenceAndLimits_StandInTheResult) {
  const Trained trained;
  CompressOptions options = trained.options("out");
  options.max_accuracy_drops = {5.0, 100.0};
  const nlohmann::json result = compress(options);
  for (const char* set : {"holdout", "test"}) {
    const nlohmann::json& accuracy = result.at("accuracy").at(set);
    const auto top1 = [&](const char* of) {
      return accuracy.at(of).at("top1_percent").get<double>();
    };
    EXPECT_NEAR(accuracy.at("drop_from_float_points").get<double>(), top1("float") - top1("after"),
                1e-9);
    EXPECT_NEAR(accuracy.at("drop_points").get<double>(), top1("before") - top1("after"), 1e-9);
  }
  ASSERT_EQ(result.at("limits").size(), 2U);
  EXPECT_EQ(result.at("limits").at(1).at("trial"), result.at("chosen_trial"));
  EXPECT_EQ(result.at("parameters").at("max_accuracy_drop_points"), 100.0);
  const auto& range = result.at("parameters").at("strength_range");
  EXPECT_LT(range.at(0).get<double>(), range.at(1).get<double>());
  for (const nlohmann::json& trial : result.at("trials")) {
    EXPECT_GE(trial.at("drop_bound_points").get<double>(), trial.at("drop_points").get<double>());
    EXPECT_GT(trial.at("strength").get<double>(), 0.0);
  }
}

TEST(CompressRun, ParetoModels_AreThoseThatNoOtherBeats_AndCanBeReadBack) {
  SmallWorkload small;
  small.trials = 4;
  const Trained trained(small);
  CompressOptions options = trained.options("out", 3.0);
  options.pareto = true;
  const nlohmann::json result = compress(options);
  std::size_t models = 0;
  for (const nlohmann::json& trial : result.at("trials")) {
    const bool beaten = std::any_of(
        result.at("trials").begin(), result.at("trials").end(), [&](const nlohmann::json& other) {
          const bool cheaper = other.at("energy_fj_per_image") < trial.at("energy_fj_per_image");
          return cheaper && other.at("holdout").at("correct") >= trial.at("holdout").at("correct");
        });
    EXPECT_EQ(trial.contains("model"), !beaten);
    if (!trial.contains("model")) continue;
    ++models;
    const network::QuantizedNetwork network =
        graph::read_onnx(options.out / trial.at("model").get<std::string>());
    ASSERT_NO_THROW(network::check_network(network, 8, "pareto"));
    EXPECT_EQ(network.metadata.at("togglewise.energy_reduction_percent"),
              trial.at("energy_reduction_percent").dump());
    EXPECT_EQ(network.metadata.at("togglewise.method"), options.method->name());
    EXPECT_FALSE(network.gemm_layers().front()->permitted_values.empty());
  }
  EXPECT_GE(models, 1U);
  const std::string csv = read_file(options.out / "pareto.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
}

TEST(CompressRun, DamagedTrial_IsTrainedAgain) {
  const Trained trained;
  const CompressOptions options = trained.options("out");
  run_compress(options, popcount_hardware(), Reporter{});
  const std::string expected = without_timing(options.out / "compress.json");
  const std::string bytes = read_file(options.out / ".trials/trial_1.onnx");
  write_file_atomically(options.out / ".trials/trial_1.onnx", bytes.substr(0, bytes.size() / 2));
  run_compress(options, popcount_hardware(), Reporter{});
  EXPECT_EQ(without_timing(options.out / "compress.json"), expected);
  EXPECT_EQ(read_file(options.out / ".trials/trial_1.onnx"), bytes);
}

// Nothing is left of the network.
class AllZero : public SelectionMethod {
 public:
  std::string name() const override { return "all zero"; }
  StrengthRange strengths(const NetworkView&, int) const override { return {1, 2, true, {}}; }
  std::unique_ptr<const Selection> prepare(const NetworkView&, double) const override {
    struct Zeros : Selection {
      void select(const LayerView& part, std::size_t, std::int8_t* values) const override {
        std::fill(values, values + part.weight_count(), std::int8_t{0});
      }
    };
    return std::make_unique<Zeros>();
  }
  double sets_after() const override { return 0.5; }
  std::vector<std::vector<int>> permitted_sets(const NetworkView& network, double, int,
                                               int) const override {
    return std::vector<std::vector<int>>(network.size(), {0});
  }
};

TEST(CompressRun, WhenNoTrialKeepsTheLimit_TheDenseNetworkRemains) {
  SmallWorkload small;
  small.training_images = 440;
  small.epochs = 6;
  const Trained trained(small);
  CompressOptions options = trained.options("out", 10.0);
  options.method = std::make_shared<AllZero>();
  Notes notes;
  const nlohmann::json result = run_compress(options, popcount_hardware(), notes.reporter());
  EXPECT_TRUE(notes.mention("no trial kept the accuracy limit"));
  EXPECT_TRUE(result.at("chosen_trial").is_null());
  EXPECT_DOUBLE_EQ(result.at("energy").at("reduction_percent").get<double>(), 0.0);
  const network::QuantizedNetwork dense = graph::read_onnx(trained.model);
  const network::QuantizedNetwork kept = graph::read_onnx(options.out / model_file);
  for (std::size_t l = 0; l < dense.gemm_layers().size(); ++l) {
    EXPECT_EQ(kept.gemm_layers()[l]->weights, dense.gemm_layers()[l]->weights);
  }
}

TEST(CompressRun, WithoutAFloatNetwork_TheModelItselfTeaches) {
  const Trained trained;
  std::filesystem::copy_file(trained.model, trained.folder.path() / "alone.onnx");
  CompressOptions options = trained.options("out");
  EXPECT_EQ(compress(options).at("teacher"), "float network");
  options.files.model = trained.folder.path() / "alone.onnx";
  EXPECT_EQ(compress(options).at("teacher"), "int8 network");
}

TEST(CompressRun, TrialsOfAnotherRun_AreNotUsed) {
  const Trained trained;
  const CompressOptions first = trained.options("out");
  compress(first);
  CompressOptions other = trained.options("out");
  other.seed = 2;
  compress(other);
  CompressOptions fresh = trained.options("fresh");
  fresh.seed = 2;
  compress(fresh);
  expect_same_results(fresh.out, other.out);
}

TEST(CompressRun, TrialsOfAnotherInitialNetwork_AreNotUsed_EvenUnderTheSameName) {
  const Trained trained;
  const std::filesystem::path init = trained.folder.path() / "init.onnx";
  network::QuantizedNetwork network = graph::read_onnx(trained.model);
  network::write_onnx(network, init);
  CompressOptions options = trained.options("out");
  options.files.init = init;
  compress(options);
  for (network::GemmLayer* layer : network.gemm_layers()) {
    for (std::int8_t& w : layer->weights) w = static_cast<std::int8_t>(w / 2 * 2);
  }
  network::write_onnx(network, init);
  compress(options);
  CompressOptions fresh = options;
  fresh.out = trained.folder.path() / "fresh";
  compress(fresh);
  expect_same_results(fresh.out, options.out);
}

TEST(AccuracyDrop, StandardError_ComesFromImagesThatDiffer) {
  std::vector<std::uint8_t> before(1000, 1);
  std::vector<std::uint8_t> after = before;
  for (int i = 0; i < 30; ++i) after[i] = 0;    // 30 lost
  for (int i = 30; i < 40; ++i) before[i] = 0;  // 10 gained
  const AccuracyDrop drop = accuracy_drop(before, after);
  EXPECT_NEAR(drop.points, 2.0, 1e-12);
  EXPECT_NEAR(drop.standard_error_points, 0.1 * std::sqrt(40 - 20.0 * 20.0 / 1000), 1e-12);
  EXPECT_EQ(accuracy_drop(before, before).standard_error_points, 0.0);
}

}  // namespace
}  // namespace togglewise::compress
