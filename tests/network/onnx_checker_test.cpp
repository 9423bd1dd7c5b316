// Somebody else's view of our ONNX files: Debian's onnx.checker, and a numpy evaluation of the
// operators as the ONNX specification defines them.
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "sim/network/inference.h"
#include "sim/network/onnx_file.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::network {
namespace {

constexpr const char* python = "/usr/bin/python3";  // python3-onnx belongs to Debian's interpreter

bool python_onnx_is_installed() {
  if (!std::filesystem::exists(python)) return false;
  return run_command({python, "-c", "import onnx, numpy"}, "/").exit_status == 0;
}

TEST(OnnxChecker, RandomNetworks_AreAcceptedAndGiveOurLogits) {
  if (!python_onnx_is_installed()) {
    GTEST_SKIP() << "python3-onnx is not installed (apt-get install python3-onnx)";
  }
  const TemporaryDirectory folder;
  const std::string script = std::string(TOGGLEWISE_SOURCE_DIR) + "/tests/network/evaluate_onnx.py";
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_network(seed);
    const Dataset images = random_images(network, 4, seed);
    const std::filesystem::path model = folder.path() / "model.onnx";
    const std::filesystem::path pixels = folder.path() / "pixels";
    write_onnx(network, model);
    write_file_atomically(pixels, std::string(images.pixels.begin(), images.pixels.end()));
    const CommandResult result =
        run_command({python, script, model.string(), pixels.string()}, folder.path());
    ASSERT_EQ(result.exit_status, 0) << result.output;
    std::istringstream lines(result.output);
    for (std::size_t i = 0; i < images.size(); ++i) {
      for (const double logit : infer(network, images.image(i))) {
        double evaluated = 0;
        ASSERT_TRUE(lines >> evaluated) << result.output;
        EXPECT_NEAR(evaluated, logit, 1e-5 * (1 + std::abs(logit)));
      }
    }
    std::string rest;
    EXPECT_FALSE(lines >> rest) << rest;
  }
}

}  // namespace
}  // namespace togglewise::network
