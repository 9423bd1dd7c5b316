// `compress` as a whole, on a small workload and made-up energies.
#include "compress/run/compress_run.h"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compress/run/accuracy.h"
#include "compress/run/train_run.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/network/onnx_file.h"
#include "tests/compress/small_workload.h"

namespace togglewise::compress {
namespace {

using test::popcount_costs;
using test::SmallWorkload;
using test::without_timing;

struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

// A folder with a workload and a model that was trained for it.
struct Trained {
  TemporaryDirectory folder;
  std::filesystem::path workload;
  std::filesystem::path model;

  explicit Trained(SmallWorkload small = {}) {
    workload = small.write(folder.path());
    TrainOptions options;
    options.workload = workload;
    options.out = folder.path() / "dense";
    options.threads = 2;
    run_train(options, Reporter{});
    model = options.out / model_file;
  }

  CompressOptions options(const std::string& out, double max_accuracy_drop = 100.0) const {
    CompressOptions options;
    options.workload = workload;
    options.model = model;
    options.out = folder.path() / out;
    options.max_accuracy_drop = max_accuracy_drop;
    options.threads = 2;
    return options;
  }
};

std::string id_of(const CompressOptions& options) {
  try {
    run_compress(options, popcount_costs(), Reporter{});
  } catch (const Error& error) {
    return error.id();
  }
  return "";
}

TEST(CompressRun, ExportedWeights_AreInTheirPermittedSets_WhichAreNoLargerThanAllowed) {
  SmallWorkload small;
  small.largest_set = 6;
  const Trained trained(small);
  const nlohmann::json result = run_compress(trained.options("out"), popcount_costs(), Reporter{});
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
  const nlohmann::json result = run_compress(mapped, popcount_costs(), Reporter{});
  EXPECT_EQ(result.at("mapping").at("hash"), "0123");
  EXPECT_EQ(graph::read_onnx(mapped.out / model_file).metadata.at(mapping::kMappingMetadata),
            "how it lies");
  const CompressOptions natural = trained.options("natural");
  EXPECT_FALSE(run_compress(natural, popcount_costs(), Reporter{}).contains("mapping"));
  EXPECT_EQ(graph::read_onnx(natural.out / model_file).metadata.count(mapping::kMappingMetadata),
            0U);
}

TEST(CompressRun, OneAndTwoThreads_GiveTheSameBytes) {
  const Trained trained;
  CompressOptions one = trained.options("one");
  one.threads = 1;
  const CompressOptions two = trained.options("two");
  run_compress(one, popcount_costs(), Reporter{});
  run_compress(two, popcount_costs(), Reporter{});
  EXPECT_EQ(without_timing(one.out / "compress.json"), without_timing(two.out / "compress.json"));
  EXPECT_EQ(read_file(one.out / model_file), read_file(two.out / model_file));
}

TEST(CompressRun, InterruptedSearch_EndsWithTheSameBytes_AsAnUninterruptedOne) {
  const Trained trained;
  const CompressOptions whole = trained.options("whole");
  const CompressOptions resumed = trained.options("resumed");
  run_compress(whole, popcount_costs(), Reporter{});
  Reporter interrupting;
  interrupting.progress = [](const std::string& name, std::uint64_t, std::uint64_t) {
    if (name.rfind("trial 2/", 0) == 0) throw Interrupted();
  };
  EXPECT_THROW(run_compress(resumed, popcount_costs(), interrupting), Interrupted);
  EXPECT_FALSE(std::filesystem::exists(resumed.out / model_file));
  Reporter watching;
  bool first_trial_again = false;
  watching.progress = [&](const std::string& name, std::uint64_t, std::uint64_t) {
    first_trial_again = first_trial_again || name.rfind("trial 1/", 0) == 0;
  };
  run_compress(resumed, popcount_costs(), watching);
  EXPECT_FALSE(first_trial_again);
  EXPECT_EQ(without_timing(whole.out / "compress.json"),
            without_timing(resumed.out / "compress.json"));
  EXPECT_EQ(read_file(whole.out / model_file), read_file(resumed.out / model_file));
}

TEST(CompressRun, DamagedTrial_IsTrainedAgain) {
  const Trained trained;
  const CompressOptions options = trained.options("out");
  run_compress(options, popcount_costs(), Reporter{});
  const std::string expected = without_timing(options.out / "compress.json");
  const std::string bytes = read_file(options.out / ".trials/trial_1.onnx");
  write_file_atomically(options.out / ".trials/trial_1.onnx", bytes.substr(0, bytes.size() / 2));
  run_compress(options, popcount_costs(), Reporter{});
  EXPECT_EQ(without_timing(options.out / "compress.json"), expected);
  EXPECT_EQ(read_file(options.out / ".trials/trial_1.onnx"), bytes);
}

TEST(CompressRun, ImpossibleLimit_KeepsTheDenseNetwork) {
  const Trained trained;
  // More than all images would have to be gained.
  const nlohmann::json result =
      run_compress(trained.options("out", -200.0), popcount_costs(), Reporter{});
  EXPECT_TRUE(result.at("chosen_trial").is_null());
  EXPECT_DOUBLE_EQ(result.at("energy").at("reduction_percent").get<double>(), 0.0);
  const network::QuantizedNetwork dense = graph::read_onnx(trained.model);
  const network::QuantizedNetwork kept =
      graph::read_onnx(trained.folder.path() / "out" / model_file);
  for (std::size_t l = 0; l < dense.gemm_layers().size(); ++l) {
    EXPECT_EQ(kept.gemm_layers()[l]->weights, dense.gemm_layers()[l]->weights);
  }
}

TEST(CompressRun, WithoutAFloatNetwork_TheModelItselfTeaches) {
  const Trained trained;
  std::filesystem::copy_file(trained.model, trained.folder.path() / "alone.onnx");
  CompressOptions options = trained.options("out");
  options.model = trained.folder.path() / "alone.onnx";
  const nlohmann::json result = run_compress(options, popcount_costs(), Reporter{});
  EXPECT_EQ(result.at("teacher"), "int8 network");
}

TEST(CompressRun, ModelForOtherImages_IsRefused) {
  const Trained trained;
  network::QuantizedNetwork network = graph::read_onnx(trained.model);
  // Eleven classes: one more output channel in the last layer.
  network::GemmLayer& last = *network.gemm_layers().back();
  network.classes = 11;
  last.output.channels = 11;
  last.weights.resize(last.weights.size() / 10 * 11, 1);
  last.bias.push_back(0);
  last.weight_scale.push_back(last.weight_scale.back());
  CompressOptions options = trained.options("out");
  options.model = trained.folder.path() / "eleven.onnx";
  network::write_onnx(network, options.model);
  EXPECT_EQ(id_of(options), "TW-TRAIN-004");
}

TEST(CompressRun, ModelOfUnknownTrainingImages_IsRefused) {
  const Trained trained;
  network::QuantizedNetwork network = graph::read_onnx(trained.model);
  network.metadata.erase("togglewise.split_seed");
  CompressOptions options = trained.options("out");
  options.model = trained.folder.path() / "unknown.onnx";
  network::write_onnx(network, options.model);
  EXPECT_EQ(id_of(options), "TW-COMPRESS-001");
  network.metadata["togglewise.split_seed"] = "yesterday";
  network::write_onnx(network, options.model);
  EXPECT_EQ(id_of(options), "TW-COMPRESS-001");
}

TEST(CompressRun, WeightsThatDoNotFitTheArray_AreRefused) {
  const Trained trained;
  CompressOptions options = trained.options("out");
  options.weight_bits = 6;
  EXPECT_EQ(id_of(options), "TW-MODEL-001");
}

TEST(CompressRun, UnwritableFolder_IsRefused) {
  const Trained trained;
  write_file_atomically(trained.folder.path() / "file", "in the way");
  EXPECT_EQ(id_of(trained.options("file/out")), "TW-FILE-003");
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
