// A network as PyTorch exports it: shortcuts of Slice and Pad, whose operands are computed by
// chains of Shape, Gather, ConstantOfShape and more.
#include <algorithm>
#include <cstdlib>

#include "sim/base/random.h"
#include "sim/graph/import_summary.h"
#include "sim/quantize/float_check.h"
#include "sim/quantize/float_inference.h"
#include "tests/config/expect_error.h"
#include "tests/graph/numpy_evaluation.h"

namespace togglewise::graph {
namespace {

class ResNet20 : public testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("TOGGLEWISE_DATA");
    if (data == nullptr)
      GTEST_SKIP() << "TOGGLEWISE_DATA does not name a folder with resnet20.onnx";
    file = std::filesystem::path(data) / "models" / "resnet20.onnx";
  }
  std::filesystem::path file;
};

TEST_F(ResNet20, Import_IsTheWholeNetwork) {
  const ImportedNetwork imported = import_onnx(file);
  ASSERT_TRUE(std::holds_alternative<FloatNetwork>(imported));
  const auto& network = std::get<FloatNetwork>(imported);
  const network::QuantizedNetwork& shape = network.geometry;
  EXPECT_TRUE((shape.input == network::FeatureMapShape{3, 32, 32}));
  EXPECT_EQ(shape.classes, 10);
  EXPECT_EQ(shape.gemm_layers().size(), 20U);
  const auto count = [&](auto example) {
    return std::count_if(shape.nodes.begin(), shape.nodes.end(), [](const network::Node& node) {
      return std::holds_alternative<decltype(example)>(node.operation);
    });
  };
  EXPECT_EQ(count(network::Add()), 9);
  EXPECT_EQ(count(network::Slice()), 2);
  EXPECT_EQ(count(network::Pad()), 2);
  EXPECT_EQ(count(network::AveragePool()), 1);
  EXPECT_EQ(count(network::Clamp()), 0);
  EXPECT_EQ(count(network::Flatten()), 1);
  EXPECT_EQ(shape.nodes.size(), 35U);
  const ImportTotals totals = import_totals(imported);
  EXPECT_EQ(totals.macs_per_image, 40551040U);
  EXPECT_EQ(totals.weights, 268336U);
  EXPECT_EQ(network::name_of(shape.nodes.front().operation), "conv1");
  EXPECT_EQ(network::name_of(shape.nodes.back().operation), "linear");
  EXPECT_THAT(import_summary(imported), testing::HasSubstr("layer3.2.conv2"));
  quantize::check_float_network(network, file.string());
}

TEST_F(ResNet20, Import_GivesTheLogitsOfNumpy) {
  if (!python_onnx_is_installed()) {
    GTEST_SKIP() << "python3-onnx is not installed (apt-get install python3-onnx)";
  }
  network::Dataset images;
  images.shape = {3, 32, 32};
  Random random(1);
  for (int i = 0; i < 2 * 3 * 32 * 32; ++i) {
    images.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  images.labels = {0, 0};
  const NumpyEvaluation evaluation = evaluate_with_numpy(read_file(file), images);
  ASSERT_TRUE(evaluation.succeeded) << evaluation.output;
  const auto network = std::get<FloatNetwork>(import_onnx(file));
  const std::size_t indices[] = {0, 1};
  const std::vector<float> logits = quantize::FloatInference(network).logits(images, indices, 2);
  ASSERT_EQ(logits.size(), evaluation.logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    EXPECT_NEAR(logits[i], evaluation.logits[i], 1e-3);
  }
}

}  // namespace
}  // namespace togglewise::graph
