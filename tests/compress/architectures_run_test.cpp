// Every architecture through the whole chain: trained from scratch, from its own model, compressed.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compress/model/architecture.h"
#include "compress/run/compress_run.h"
#include "compress/run/train_run.h"
#include "compress/select/make_method.h"
#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "tests/compress/small_workload.h"

namespace togglewise::compress {
namespace {

class WholeChain : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Architectures, WholeChain,
                         testing::Values("lenet5", "resnet20", "resnet29_bottleneck",
                                         "mobilenetv2"),
                         [](const auto& one) { return one.param; });

TEST_P(WholeChain, Training_Retraining_AndCompression_WorkOnCifarImages) {
  const TemporaryDirectory folder;
  test::SmallWorkload small;
  small.architecture = GetParam();
  small.cifar = true;
  small.training_images = 60;
  small.test_images = 20;
  small.holdout_images = 20;
  small.epochs = 1;
  small.trials = 1;
  TrainOptions train;
  train.workload = small.write(folder.path());
  train.out = folder.path() / "scratch";
  train.threads = 2;
  EXPECT_EQ(run_train(train, Reporter{}).at("model").at("name"), GetParam());

  train.init = train.out / model_file;
  train.out = folder.path() / "again";
  run_train(train, Reporter{});
  const network::QuantizedNetwork scratch = graph::read_onnx(train.init);
  const network::QuantizedNetwork again = graph::read_onnx(train.out / model_file);
  ASSERT_EQ(again.gemm_layers().size(), scratch.gemm_layers().size());
  for (std::size_t l = 0; l < again.gemm_layers().size(); ++l) {
    EXPECT_EQ(again.gemm_layers()[l]->name, scratch.gemm_layers()[l]->name);
    EXPECT_EQ(again.gemm_layers()[l]->groups, scratch.gemm_layers()[l]->groups);
  }

  CompressOptions options;
  options.workload = train.workload;
  options.files.model = train.out / model_file;
  options.out = folder.path() / "compressed";
  options.max_accuracy_drops = {100.0};
  options.method = make_method(method_names().front());
  options.threads = 2;
  const nlohmann::json result = run_compress(options, test::popcount_hardware(), Reporter{});
  EXPECT_EQ(result.at("layers").size(), scratch.gemm_layers().size());
  EXPECT_EQ(result.at("chosen_trial"), 1);
  EXPECT_LT(result.at("energy").at("after_fj_per_image").get<double>(),
            result.at("energy").at("before_fj_per_image").get<double>());
  ASSERT_NO_THROW(
      network::check_network(graph::read_onnx(options.out / model_file), 8, GetParam()));
}

}  // namespace
}  // namespace togglewise::compress
