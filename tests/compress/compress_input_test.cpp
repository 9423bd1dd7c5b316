// Input that `compress` refuses, before anything is trained or written.
#include <gtest/gtest.h>

#include "compress/run/compress_run.h"
#include "compress/select/make_method.h"
#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/onnx_file.h"
#include "tests/compress/small_workload.h"
#include "tests/compress/trained_workload.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

using test::popcount_hardware;
using test::Trained;

void expect_refused(const CompressOptions& options, const ExpectedError& error) {
  expect_error([&] { run_compress(options, popcount_hardware(), Reporter{}); }, error);
  EXPECT_FALSE(std::filesystem::exists(options.out / model_file));
}

TEST(CompressInput, LimitBelowWhatDenseInt8Reaches_IsRefused) {
  const Trained trained;
  // More than all images would have to be gained.
  expect_refused(trained.options("out", -200.0),
                 {"TW-COMPRESS-003", {"model.onnx", "dense int8 already loses", "-200"}});
}

// The model with one more class: one more output channel in the last layer.
network::QuantizedNetwork with_eleven_classes(network::QuantizedNetwork network) {
  network::GemmLayer& last = *network.gemm_layers().back();
  network.classes = 11;
  last.output.channels = 11;
  last.weights.resize(last.weights.size() / 10 * 11, 1);
  last.bias.push_back(0);
  last.weight_scale.push_back(last.weight_scale.back());
  return network;
}

TEST(CompressInput, ModelsAndTeachersOfOtherClasses_AreRefused) {
  const Trained trained;
  const std::filesystem::path eleven = trained.folder.path() / "eleven.onnx";
  network::write_onnx(with_eleven_classes(graph::read_onnx(trained.model)), eleven);
  CompressOptions options = trained.options("out");
  options.files.teacher = eleven;
  expect_refused(options, {"TW-TRAIN-004", {"eleven.onnx", "11 classes", "10 classes"}});
  options.files.teacher = "";
  options.files.model = eleven;
  expect_refused(options, {"TW-TRAIN-004", {"eleven.onnx", "11 classes"}});
  EXPECT_FALSE(std::filesystem::exists(options.out));
}

TEST(CompressInput, InitialNetworkOfOtherLayers_IsRefused) {
  const Trained trained;
  const std::filesystem::path other = trained.folder.path() / "other.onnx";
  CompressOptions options = trained.options("out");
  options.files.init = other;
  network::QuantizedNetwork network = graph::read_onnx(trained.model);
  network::write_onnx(with_eleven_classes(network), other);
  expect_refused(options, {"TW-COMPRESS-002", {"other.onnx", "fc3", "another shape"}});
  network::write_onnx(network::random_network(3), other);
  expect_refused(options, {"TW-COMPRESS-002", {"other.onnx", "layers with weights", "has 5"}});
}

TEST(CompressInput, ImagesOfAnotherShape_AreRefused) {
  const Trained trained;
  network::Dataset wide;
  wide.shape = {1, 20, 24};
  wide.labels.assign(60, 3);
  wide.pixels.assign(60 * wide.shape.size(), 7);
  test::write_idx(wide, trained.folder.path(), "train");
  test::write_idx(wide, trained.folder.path(), "test");
  expect_refused(trained.options("out"), {"TW-TRAIN-004", {"model.onnx", "1x28x28", "1x20x24"}});
}

TEST(CompressInput, ModelOfUnknownTrainingImages_IsRefused) {
  const Trained trained;
  network::QuantizedNetwork network = graph::read_onnx(trained.model);
  CompressOptions options = trained.options("out");
  options.files.model = trained.folder.path() / "unknown.onnx";
  for (const char* seed : {"", "yesterday"}) {
    network.metadata["togglewise.split_seed"] = seed;
    network::write_onnx(network, options.files.model);
    expect_refused(options, {"TW-COMPRESS-001", {"unknown.onnx", "limit_test_images"}});
  }
}

TEST(CompressInput, UnknownMethod_IsRefusedWithTheNearest) {
  expect_error([] { make_method("rate-distorsion"); },
               {"TW-COMPRESS-004", {"'rate-distorsion'", "did you mean 'rate-distortion'?"}});
}

TEST(CompressInput, WeightsThatDoNotFitTheArray_AreRefused) {
  const Trained trained;
  CompressOptions options = trained.options("out");
  options.weight_bits = 6;
  expect_refused(options, {"TW-MODEL-001", {}});
}

TEST(CompressInput, UnwritableFolder_IsRefused) {
  const Trained trained;
  write_file_atomically(trained.folder.path() / "file", "in the way");
  expect_refused(trained.options("file/out"), {"TW-FILE-003", {}});
}

}  // namespace
}  // namespace togglewise::compress
