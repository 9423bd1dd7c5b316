// `train` as a whole, on a small workload: repeatable, resumable, and clear about bad input.
#include "compress/run/train_run.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <torch/csrc/api/include/torch/cuda.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/onnx_file.h"
#include "sim/network/traces.h"
#include "tests/compress/small_workload.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

using test::Interrupted;
using test::interrupting;
using test::Notes;
using test::SmallWorkload;
using test::without_timing;

TrainOptions options_for(const std::filesystem::path& workload, const std::filesystem::path& out,
                         int threads = 2) {
  TrainOptions options;
  options.workload = workload;
  options.out = out;
  options.threads = threads;
  return options;
}

void expect_same_results(const std::filesystem::path& a, const std::filesystem::path& b) {
  for (const char* file : {model_file, float_file}) {
    EXPECT_EQ(read_file(a / file), read_file(b / file)) << file;
  }
  EXPECT_EQ(without_timing(a / "train.json"), without_timing(b / "train.json"));
  const network::Traces ta = network::read_traces(a / traces_file);
  const network::Traces tb = network::read_traces(b / traces_file);
  ASSERT_EQ(ta.layers.size(), tb.layers.size());
  for (std::size_t l = 0; l < ta.layers.size(); ++l) {
    EXPECT_EQ(ta.layers[l].ifmaps, tb.layers[l].ifmaps);
  }
}

std::string id_of(const TrainOptions& options) {
  try {
    run_train(options, Reporter{});
  } catch (const Error& error) {
    return error.id();
  }
  return "";
}

TEST(TrainRun, WorkloadWithAFinishedNetwork_IsRefused) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = folder.path() / "workload.yaml";
  write_file_atomically(workload,
                        "name: w\nmodel: {file: model.onnx}\n"
                        "dataset: {format: cifar10, directory: data}\n");
  EXPECT_EQ(id_of(options_for(workload, folder.path() / "out")), "TW-TRAIN-005");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

TEST(TrainRun, OneAndTwoThreads_GiveTheSameBytes) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = SmallWorkload{}.write(folder.path());
  run_train(options_for(workload, folder.path() / "one", 1), Reporter{});
  run_train(options_for(workload, folder.path() / "two", 2), Reporter{});
  expect_same_results(folder.path() / "one", folder.path() / "two");
}

TEST(TrainRun, InterruptedRun_EndsWithTheSameBytes_AsAnUninterruptedOne) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = SmallWorkload{}.write(folder.path());
  run_train(options_for(workload, folder.path() / "whole"), Reporter{});
  const TrainOptions resumed = options_for(workload, folder.path() / "resumed");
  // The second epoch trains in real numbers, the third with fake quantization.
  EXPECT_THROW(run_train(resumed, interrupting("epoch 2/3")), Interrupted);
  EXPECT_FALSE(std::filesystem::exists(resumed.out / model_file));
  EXPECT_THROW(run_train(resumed, interrupting("epoch 3/3")), Interrupted);
  bool first_epoch_seen = false;
  Reporter watching;
  watching.progress = [&](const std::string& name, std::uint64_t, std::uint64_t) {
    first_epoch_seen = first_epoch_seen || name.rfind("epoch 3/3", 0) != 0;
  };
  run_train(resumed, watching);
  EXPECT_FALSE(first_epoch_seen);
  expect_same_results(folder.path() / "whole", resumed.out);
}

TEST(TrainRun, DamagedOrForeignCheckpoint_IsNotUsed) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = SmallWorkload{}.write(folder.path());
  const TrainOptions options = options_for(workload, folder.path() / "out");
  run_train(options, Reporter{});
  const std::string expected = without_timing(options.out / "train.json");
  Notes notes;
  const Reporter reporter = notes.reporter();

  write_file_atomically(options.out / "train_checkpoint.pt", "half a checkp");
  run_train(options, reporter);
  EXPECT_TRUE(notes.mention("TW-CKPT-001"));
  EXPECT_EQ(without_timing(options.out / "train.json"), expected);

  notes.lines.clear();
  TrainOptions other_seed = options;
  other_seed.seed = 2;
  run_train(other_seed, reporter);
  EXPECT_TRUE(notes.mention("belongs to other input or another seed"));
  EXPECT_NE(without_timing(options.out / "train.json"), expected);
}

TEST(TrainRun, Result_LearnsTheStripes_AndSaysWhereItComesFrom) {
  const TemporaryDirectory folder;
  SmallWorkload small;
  small.training_images = 640;
  small.epochs = 8;
  const std::filesystem::path workload = small.write(folder.path());
  const nlohmann::json result = run_train(options_for(workload, folder.path() / "out"), Reporter{});
  EXPECT_GT(result.at("accuracy").at("test").at("top1_percent").get<double>(), 80.0);
  EXPECT_EQ(result.at("accuracy").at("test").at("images"), 60);
  EXPECT_EQ(result.at("accuracy").at("holdout").at("images"), 40);
  EXPECT_EQ(result.at("epochs").size(), 8U);
  const network::QuantizedNetwork network = graph::read_onnx(folder.path() / "out" / model_file);
  EXPECT_EQ(network.metadata.at("togglewise.workload"), workload.string());
  EXPECT_EQ(network.metadata.at("togglewise.split_seed"), "1");
}

TEST(TrainRun, MissingDataset_IsRefused) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = SmallWorkload{}.write(folder.path());
  std::filesystem::remove(folder.path() / "train-labels");
  EXPECT_EQ(id_of(options_for(workload, folder.path() / "out")), "TW-DATA-001");
}

TEST(TrainRun, UnwritableFolder_IsRefused) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = SmallWorkload{}.write(folder.path());
  write_file_atomically(folder.path() / "file", "in the way");
  EXPECT_EQ(id_of(options_for(workload, folder.path() / "file" / "out")), "TW-FILE-003");
}

// Weight decay of 1 at a learning rate of 10: weights grow by an order of magnitude a step.
TEST(TrainRun, Divergence_NamesTheLayer_AndKeepsTheLastCheckpoint) {
  const TemporaryDirectory folder;
  SmallWorkload small;
  small.learning_rate = 10;
  small.weight_decay = 1;
  small.epochs = 60;  // with a warm-up of three of them
  const std::filesystem::path workload = small.write(folder.path());
  const TrainOptions options = options_for(workload, folder.path() / "out");
  expect_error([&] { run_train(options, Reporter{}); },
               {"TW-TRAIN-003", {"diverged in epoch", "of layer '", "learning_rate"}});
  EXPECT_FALSE(std::filesystem::exists(options.out / model_file));
  Notes notes;
  expect_error([&] { run_train(options, notes.reporter()); }, {"TW-TRAIN-003", {}});
  EXPECT_TRUE(notes.mention("going on after epoch"));
}

TEST(TrainRun, ImagesOfAnotherShape_AreRefused) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = SmallWorkload{}.write(folder.path());
  network::Dataset wide;
  wide.shape = {1, 20, 24};
  wide.labels.assign(60, 3);
  wide.pixels.assign(60 * wide.shape.size(), 7);
  test::write_idx(wide, folder.path(), "train");
  expect_error([&] { run_train(options_for(workload, folder.path() / "out"), Reporter{}); },
               {"TW-TRAIN-002", {"workload.yaml", "20x24"}});
}

TEST(TrainRun, LabelsOutsideTheClasses_AreRefused) {
  const TemporaryDirectory folder;
  const std::filesystem::path workload = SmallWorkload{}.write(folder.path());
  std::string labels = read_file(folder.path() / "train-labels");
  labels[8 + 17] = 10;
  write_file_atomically(folder.path() / "train-labels", labels);
  expect_error([&] { run_train(options_for(workload, folder.path() / "out"), Reporter{}); },
               {"TW-DATA-005", {"label 10"}});
}

TEST(TrainRun, InitialNetworkOfOtherImages_IsRefused) {
  const TemporaryDirectory folder;
  TrainOptions options = options_for(SmallWorkload{}.write(folder.path()), folder.path() / "out");
  options.init = folder.path() / "init.onnx";
  network::write_onnx(network::random_network(3), options.init);
  expect_error([&] { run_train(options, Reporter{}); },
               {"TW-TRAIN-004", {"init.onnx", "1x28x28 pixels and 10 classes"}});
}

TEST(TrainRun, CudaWithoutCuda_IsRefused) {
  if (torch::cuda::is_available()) GTEST_SKIP() << "this libtorch has CUDA";
  const TemporaryDirectory folder;
  SmallWorkload small;
  small.device = "cuda";
  const std::filesystem::path workload = small.write(folder.path());
  expect_error([&] { run_train(options_for(workload, folder.path() / "out"), Reporter{}); },
               {"TW-TRAIN-006", {"workload.yaml", "device: cpu"}});
}

TEST(TrainRun, Precisions_StandInTheResult_AndLearnAlike) {
  std::vector<double> losses;
  for (const char* precision : {"float32", "bfloat16"}) {
    const TemporaryDirectory folder;
    SmallWorkload small;
    small.precision = precision;
    const nlohmann::json result =
        run_train(options_for(small.write(folder.path()), folder.path() / "out"), Reporter{});
    EXPECT_EQ(result.at("parameters").at("precision"), precision);
    losses.push_back(result.at("epochs").at(0).at("mean_loss"));
  }
  EXPECT_NE(losses[0], losses[1]);
  EXPECT_NEAR(losses[0], losses[1], 0.1 * losses[0]);
}

}  // namespace
}  // namespace togglewise::compress
