// Our own files in somebody else's eyes, and what they compute there.
#include <cmath>

#include "sim/network/inference.h"
#include "sim/network/onnx_file.h"
#include "tests/config/expect_error.h"
#include "tests/graph/numpy_evaluation.h"
#include "tests/network/random_graph.h"

namespace togglewise::network {
namespace {

TEST(OnnxChecker, RandomNetworks_AreAcceptedAndGiveOurLogits) {
  if (!python_onnx_is_installed()) {
    GTEST_SKIP() << "python3-onnx is not installed (apt-get install python3-onnx)";
  }
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_network(seed);
    const Dataset images = random_images(network, 4, seed);
    const NumpyEvaluation evaluation = evaluate_with_numpy(to_onnx(network), images);
    ASSERT_TRUE(evaluation.succeeded) << evaluation.output;
    std::size_t index = 0;
    for (std::size_t i = 0; i < images.size(); ++i) {
      for (const double logit : infer(network, images.image(i))) {
        ASSERT_LT(index, evaluation.logits.size());
        EXPECT_NEAR(evaluation.logits[index++], logit, 1e-5 * (1 + std::abs(logit)));
      }
    }
    EXPECT_EQ(index, evaluation.logits.size());
  }
}

// Additions and means are rounded in two steps where ONNX rounds in one, so a few activations
// differ by one and logits a little.
TEST(OnnxChecker, RandomGraphs_AreAcceptedAndGiveNearlyOurLogits) {
  if (!python_onnx_is_installed()) {
    GTEST_SKIP() << "python3-onnx is not installed (apt-get install python3-onnx)";
  }
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_graph(seed);
    const Dataset images = random_images(network, 3, seed);
    const NumpyEvaluation evaluation = evaluate_with_numpy(to_onnx(network), images);
    ASSERT_TRUE(evaluation.succeeded) << evaluation.output;
    double difference = 0;
    double magnitude = 0;
    std::size_t index = 0;
    for (std::size_t i = 0; i < images.size(); ++i) {
      for (const double logit : infer(network, images.image(i))) {
        ASSERT_LT(index, evaluation.logits.size());
        difference += std::abs(evaluation.logits[index++] - logit);
        magnitude += std::abs(logit);
      }
    }
    EXPECT_EQ(index, evaluation.logits.size());
    EXPECT_LE(difference, 0.05 * magnitude);
  }
}

}  // namespace
}  // namespace togglewise::network
