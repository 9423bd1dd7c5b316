// ResNet-20 on CIFAR-10, where they are: TOGGLEWISE_DATA names a folder with models/resnet20.onnx
// and cifar-10-batches-bin/.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "sim/base/parallel.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/inference.h"
#include "sim/quantize/float_inference.h"
#include "sim/quantize/normalization.h"
#include "sim/quantize/quantizer.h"
#include "tests/quantize/random_float_network.h"

namespace togglewise::quantize {
namespace {

TEST(ResNet20, LosesAtMostAPointInEightBits) {
  const char* folder = std::getenv("TOGGLEWISE_DATA");
  if (folder == nullptr) GTEST_SKIP() << "TOGGLEWISE_DATA is not set";
  const std::filesystem::path data = folder;
  auto network = std::get<graph::FloatNetwork>(graph::import_onnx(data / "models/resnet20.onnx"));
  network.geometry.normalization = choose_normalization(network.geometry, {0.485F, 0.456F, 0.406F},
                                                        {0.229F, 0.224F, 0.225F}, "resnet20.onnx");
  const auto files = network::open_dataset(data / "cifar-10-batches-bin");
  const network::Dataset training = network::read_training_set(files);
  const network::Dataset test = network::read_test_set(files);
  QuantizeParams params;
  params.threads = default_thread_count();
  const network::QuantizedNetwork integers = quantize_network(
      network, training, draw_calibration_images(training.size(), 128, 1), params, "resnet20.onnx");
  constexpr std::size_t count = 1000;
  const std::size_t float_correct =
      count_correct(network, test, first_images(count), params.threads);
  const std::size_t integer_correct =
      network::count_correct(integers, test, first_images(count), params.threads);
  EXPECT_EQ(float_correct, 920U);  // with any order of sums but the unluckiest
  EXPECT_GE(integer_correct, float_correct - 10);
}

}  // namespace
}  // namespace togglewise::quantize
