// Weights on their grids, and the integer network that a trained one becomes.
#include <cmath>
#include <map>
#include <numeric>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "compress/model/architecture.h"
#include "compress/model/float_model.h"
#include "compress/quantize/export_network.h"
#include "compress/quantize/quantized_weights.h"
#include "compress/quantize/scales.h"
#include "compress/run/batch.h"
#include "compress/run/logits.h"
#include "sim/network/inference.h"
#include "sim/network/onnx_file.h"
#include "sim/quantize/quantizer.h"
#include "tests/graph/numpy_evaluation.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

torch::Tensor random_tensor(const std::vector<std::int64_t>& shape, std::uint64_t seed,
                            double span) {
  Random random(seed);
  torch::Tensor tensor = torch::empty(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data_ptr<float>()[i] = static_cast<float>(span * (2 * random.unit() - 1));
  }
  return tensor;
}

TEST(Scales, DeadLayersAndChannels_GetUsableScales) {
  const std::vector<float> zeros(10, 0.0F);
  for (const float s : weight_scales(zeros.data(), 2, 5)) EXPECT_GT(s, 0.0F);
  const std::vector<float> half{1, -2, 0, 0};
  const std::vector<float> scales = weight_scales(half.data(), 2, 2);
  EXPECT_FLOAT_EQ(scales[0], 2.0F / 127.0F);
  EXPECT_FLOAT_EQ(scales[1], 2.0F / 127.0F);
}

TEST(RoundToNearest, Values_AreTheNearestOfTheirChannelsGrid) {
  const torch::Tensor w = random_tensor({4, 3, 5, 5}, 9, 0.3);
  QuantizedWeights quantized = zero_weights({w});
  round_to_nearest({w}, quantized);
  for (std::size_t i = 0; i < 300; ++i) {
    const double x = w.data_ptr<float>()[i] / static_cast<double>(quantized.scale[0][i / 75]);
    EXPECT_LE(std::abs(x - quantized.values[0][i]), 0.5 + 1e-4);
  }
  const torch::Tensor values = value_tensors(quantized, {w})[0];
  EXPECT_EQ(values.sizes(), w.sizes());
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_EQ(values.data_ptr<float>()[i], quantized.values[0][i]);
  }
}

// A network with batch norm as training leaves it, and what it becomes.
struct Exported {
  network::Dataset images;
  std::vector<std::size_t> all;
  FloatModel model;
  QuantizedWeights grid;
  network::QuantizedNetwork scaled, network;

  explicit Exported(const std::string& architecture) : model(random_model(architecture)) {
    images = network::random_images(model.network.network(), 16, 5);
    all.resize(images.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    ForwardInput input;
    input.weights = &model.parameters.weights;
    input.parameters = &model.parameters;
    model.statistics = estimate_statistics(model.network, input, images, all, 16, {}, 1);
    scaled = quantize::quantize_network(folded(model), images, all, {}, architecture);
    grid = zero_weights(model.parameters.weights);
    round_to_nearest(model.parameters.weights, grid);
    network = export_network(scaled, grid, model.parameters, model.statistics);
  }

  // Of the first `count` images; with the results of all nodes, in real numbers.
  ForwardResult fake_quantized(std::size_t count) const {
    const torch::NoGradGuard no_gradients;
    const std::vector<torch::Tensor> values = value_tensors(grid, model.parameters.weights);
    ForwardInput input;
    input.weights = &values;
    input.weight_scale = &grid.scale;
    input.parameters = &model.parameters;
    input.statistics = &model.statistics;
    const Batch batch = make_batch(images, all.data(), count);
    return TrainableNetwork(scaled).forward(input, input_of(batch, scaled, true), true);
  }

 private:
  static FloatModel random_model(const std::string& architecture) {
    const network::QuantizedNetwork geometry = make_architecture(architecture, {3, 32, 32}, 10);
    FloatModel model{TrainableNetwork(geometry),
                     random_parameters(geometry, 3, true),
                     {},
                     Precision::float32,
                     torch::kCPU,
                     architecture};
    for (std::size_t l = 0; l < model.parameters.layers(); ++l) {
      torch::Tensor& bias = model.parameters.biases[l];
      bias = random_tensor(bias.sizes().vec(), 4 + l, 0.3);
      torch::Tensor& gain = model.parameters.gains[l];
      if (gain.numel() > 0) gain = 1.0 + random_tensor(gain.sizes().vec(), 40 + l, 0.4);
    }
    return model;
  }
};

class Export : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Architectures, Export, testing::ValuesIn(architecture_names()),
                         [](const auto& one) { return one.param; });

// Training and the integer engine must mean the same network: a difference here would make every
// reported accuracy another one than what was trained for. Biases are rounded to whole
// accumulator units at export, which moves few results by one.
TEST_P(Export, Operands_AreThoseOfFakeQuantization) {
  const Exported exported(GetParam());
  ASSERT_NO_THROW(network::check_network(exported.network, 8, "exported"));
  const ForwardResult fake = exported.fake_quantized(1);
  std::map<std::string, std::vector<std::int8_t>> operands;
  network::infer(exported.network, exported.images.image(0), [&](const network::LayerTrace& trace) {
    operands[trace.layer->name] = trace.ifmap;
  });
  // Behind many layers of random weights the few that differ have become many.
  int layers = 0;
  for (const network::Node& node : exported.network.nodes) {
    const auto* layer = std::get_if<network::GemmLayer>(&node.operation);
    if (layer == nullptr || node.inputs[0] < 0 || ++layers > 4) continue;
    const std::vector<std::int8_t>& integer = operands.at(layer->name);
    const torch::Tensor real = fake.results[static_cast<std::size_t>(node.inputs[0])].contiguous();
    ASSERT_EQ(static_cast<std::size_t>(real.numel()), integer.size());
    double difference = 0, magnitude = 0;
    for (std::size_t i = 0; i < integer.size(); ++i) {
      difference += std::abs(real.data_ptr<float>()[i] / layer->input_scale - integer[i]);
      magnitude += std::abs(integer[i]);
    }
    EXPECT_GT(magnitude, 2.0 * static_cast<double>(integer.size())) << layer->name;
    EXPECT_LT(difference, 0.1 * static_cast<double>(integer.size())) << layer->name;
  }
  EXPECT_GE(layers, 4);
}

TEST(ExportOfResNet20, Logits_AreThoseOfFakeQuantization) {
  const Exported exported("resnet20");
  const torch::Tensor logits = exported.fake_quantized(8).logits.contiguous();
  const double mean = logits.mean().item<float>();
  double difference = 0, spread = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::vector<double> integer = network::infer(exported.network, exported.images.image(i));
    for (std::size_t c = 0; c < 10; ++c) {
      const double fake = logits.data_ptr<float>()[i * 10 + c];
      difference += std::abs(integer[c] - fake);
      spread += std::abs(fake - mean);
    }
  }
  EXPECT_GT(spread, 0.1);
  EXPECT_LT(difference, 0.05 * spread);
}

TEST(ExportOfResNet20, Onnx_IsAcceptedByTheChecker_AndComputesNearlyTheSameElsewhere) {
  if (!python_onnx_is_installed()) {
    GTEST_SKIP() << "python3-onnx is not installed (apt-get install python3-onnx)";
  }
  const Exported exported("resnet20");
  network::Dataset one = exported.images;
  one.labels.resize(1);
  one.pixels.resize(one.shape.size());
  const NumpyEvaluation evaluation = evaluate_with_numpy(network::to_onnx(exported.network), one);
  ASSERT_TRUE(evaluation.succeeded) << evaluation.output;
  const std::vector<double> ours = network::infer(exported.network, one.image(0));
  ASSERT_EQ(evaluation.logits.size(), ours.size());
  double difference = 0, magnitude = 0;
  for (std::size_t c = 0; c < ours.size(); ++c) {
    difference += std::abs(evaluation.logits[c] - ours[c]);
    magnitude += std::abs(ours[c]);
  }
  EXPECT_LE(difference, 0.05 * magnitude);
}

TEST(ExportOfMobileNetV2, Onnx_IsAcceptedByTheChecker) {
  if (!python_onnx_is_installed()) {
    GTEST_SKIP() << "python3-onnx is not installed (apt-get install python3-onnx)";
  }
  const Exported exported("mobilenetv2");
  const TemporaryDirectory folder;
  network::write_onnx(exported.network, folder.path() / "model.onnx");
  const CommandResult checked = run_command(
      {system_python, "-c",
       "import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)",
       (folder.path() / "model.onnx").string()},
      folder.path());
  EXPECT_EQ(checked.exit_status, 0) << checked.output;
}

}  // namespace
}  // namespace togglewise::compress
