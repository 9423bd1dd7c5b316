// Every architecture as an integer network with random weights: valid, alive, of the published
// size, and wired as the papers say.
#include "compress/model/architecture.h"

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "sim/config/workload_config.h"
#include "sim/network/inference.h"
#include "tests/config/expect_error.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

using network::FeatureMapShape;
using network::GemmLayer;
using network::QuantizedNetwork;

constexpr float activation_scale = 0.03F;
constexpr FeatureMapShape cifar = {3, 32, 32};

// Random weights with He's variance, and one scale for all feature maps behind the first layer.
class Filling {
 public:
  explicit Filling(QuantizedNetwork& network) : network_(network), random_(1) {
    float scale = network.input_scale;
    for (network::Node& node : network.nodes) {
      std::visit([&](auto& operation) { fill(operation, scale); }, node.operation);
      scale = activation_scale;
    }
    network.gemm_layers().back()->output_scale = 0;
  }

 private:
  void fill(GemmLayer& layer, float scale) {
    const double fan_in = layer.gemm().reduction;
    const auto channels = static_cast<std::size_t>(layer.output.channels);
    // Values −127..127 have the deviation 73.3.
    const auto weight_scale = static_cast<float>(std::sqrt(2 / fan_in) / 73.3);
    for (std::size_t i = 0; i < channels * static_cast<std::size_t>(layer.gemm().reduction); ++i) {
      layer.weights.push_back(static_cast<std::int8_t>(random_.between(-127, 127)));
    }
    layer.bias.assign(channels, 0);
    layer.weight_scale.assign(channels, weight_scale);
    layer.input_scale = scale;
    layer.output_scale = activation_scale;
  }
  void fill(network::AveragePool& pool, float scale) {
    pool.input_scale = scale;
    pool.output_scale = activation_scale;
  }
  void fill(network::Add& add, float scale) {
    add.input_scales[0] = add.input_scales[1] = scale;
    add.output_scale = activation_scale;
  }
  template <typename Other>
  void fill(Other&, float) {}

  QuantizedNetwork& network_;
  Random random_;
};

QuantizedNetwork filled(const std::string& name, FeatureMapShape input, int classes) {
  QuantizedNetwork network = make_architecture(name, input, classes);
  Filling{network};
  return network;
}

std::map<std::string, std::vector<std::int8_t>> inputs_of_layers(const QuantizedNetwork& network,
                                                                 const std::uint8_t* image) {
  std::map<std::string, std::vector<std::int8_t>> inputs;
  network::infer(network, image, [&](const network::LayerTrace& trace) {
    inputs[trace.layer->name] = trace.ifmap;
  });
  return inputs;
}

void silence(QuantizedNetwork& network, const std::string& layer) {
  for (GemmLayer* one : network.gemm_layers()) {
    if (one->name == layer) std::fill(one->weights.begin(), one->weights.end(), std::int8_t{0});
  }
}

class EveryArchitecture : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Architectures, EveryArchitecture, testing::ValuesIn(architecture_names()),
                         [](const auto& one) { return one.param; });

TEST_P(EveryArchitecture, WithWeights_IsAValidNetworkThatTellsImagesApart) {
  for (const int classes : {10, 100}) {
    const QuantizedNetwork network = filled(GetParam(), cifar, classes);
    ASSERT_NO_THROW(network::check_network(network, 8, GetParam()));
    const network::Dataset images = network::random_images(network, 2, 3);
    const std::vector<double> logits = network::infer(network, images.image(0));
    ASSERT_EQ(logits.size(), static_cast<std::size_t>(classes));
    EXPECT_NE(logits, network::infer(network, images.image(1)));
    // No layer is fed zeros only, or values at the end of their range only.
    for (const auto& [name, ifmap] : inputs_of_layers(network, images.image(0))) {
      EXPECT_GT(std::set<std::int8_t>(ifmap.begin(), ifmap.end()).size(), 5U) << name;
    }
  }
}

TEST_P(EveryArchitecture, OneChannel_IsTakenToo) {
  const QuantizedNetwork network = filled(GetParam(), {1, 28, 28}, 10);
  EXPECT_NO_THROW(network::check_network(network, 8, GetParam()));
}

TEST_P(EveryArchitecture, ReluFollowsAllButLinearLayers) {
  const QuantizedNetwork network = make_architecture(GetParam(), cifar, 10);
  for (const GemmLayer* layer : network.gemm_layers()) {
    const std::string end = layer->name.substr(layer->name.rfind('.') + 1);
    const std::set<std::string> linear = {"project", "shortcut", "fc", "fc3"};
    const bool before_sum = GetParam() == "resnet29_bottleneck"
                                ? end == "conv3"
                                : GetParam() != "lenet5" && layer->name != end && end == "conv2";
    EXPECT_EQ(layer->relu, linear.count(end) == 0 && !before_sum) << layer->name;
    EXPECT_EQ(layer->high, 127);
  }
}

struct Size {
  std::size_t weights = 0;
  std::size_t channels = 0;  // of all convolutions; each has two parameters of batch norm
  std::uint64_t macs = 0;
  std::size_t layers = 0;
};

Size size_of(const std::string& name, FeatureMapShape input, int classes) {
  Size size;
  const QuantizedNetwork network = make_architecture(name, input, classes);
  for (const GemmLayer* layer : network.gemm_layers()) {
    size.weights += static_cast<std::size_t>(layer->gemm().reduction) *
                    static_cast<std::size_t>(layer->output.channels);
    if (!layer->fully_connected) size.channels += static_cast<std::size_t>(layer->output.channels);
    size.macs += layer->gemm().macs();
    ++size.layers;
  }
  return size;
}

TEST(ArchitectureSize, LeNet5_IsThatOfThePaperWithAllChannelsConnected) {
  // 5·5·6 + 5·5·6·16 + 400·120 + 120·84 + 84·10 weights.
  const Size mnist = size_of("lenet5", {1, 28, 28}, 10);
  EXPECT_EQ(mnist.weights, 61470U);
  // 28² · 150 + 10² · 2400 + 48000 + 10080 + 840.
  EXPECT_EQ(mnist.macs, 416520U);
  // Images of 32×32 are not padded; everything behind the first layer is the same.
  EXPECT_EQ(size_of("lenet5", {1, 32, 32}, 10).macs, mnist.macs);
  EXPECT_EQ(size_of("lenet5", cifar, 10).weights, mnist.weights + 300);
}

TEST(ArchitectureSize, ResNet20_HasThePublishedParametersAndMacs) {
  const Size size = size_of("resnet20", cifar, 10);
  EXPECT_EQ(size.layers, 20U);
  // 432 + 6·2304 + (4608 + 5·9216) + (18432 + 5·36864) + 640.
  EXPECT_EQ(size.weights, 268336U);
  // He et al., table 6: 0.27 M. With batch norm and the last biases, as implementations count.
  EXPECT_EQ(size.weights + 2 * size.channels + 10, 269722U);
  // 442368 + 6·2304·32² + (4608 + 5·9216)·16² + (18432 + 5·36864)·8² + 640.
  EXPECT_EQ(size.macs, 40551040U);
  EXPECT_EQ(size_of("resnet20", cifar, 100).weights, size.weights + 90U * 64U);
}

TEST(ArchitectureSize, ProjectionShortcuts_AddTwoConvolutionsOfOnePixel) {
  const Size zeros = size_of("resnet20", cifar, 10);
  const Size projection = size_of("resnet20_projection", cifar, 10);
  EXPECT_EQ(projection.layers, zeros.layers + 2);
  EXPECT_EQ(projection.weights, zeros.weights + 16U * 32U + 32U * 64U);
  EXPECT_EQ(projection.macs, zeros.macs + 16U * 32U * 256U + 32U * 64U * 64U);
}

TEST(ArchitectureSize, ResNet29_IsThatCountedByHand) {
  const Size size = size_of("resnet29_bottleneck", cifar, 10);
  EXPECT_EQ(size.layers, 29U + 3U);  // the shortcuts are not counted in the name
  // First convolution; per stage its first block (three layers and the shortcut) and two others.
  const std::size_t stage1 = (256 + 2304 + 1024 + 1024) + 2 * (1024 + 2304 + 1024);
  const std::size_t stage2 = (2048 + 9216 + 4096 + 8192) + 2 * (4096 + 9216 + 4096);
  const std::size_t stage3 = (8192 + 36864 + 16384 + 32768) + 2 * (16384 + 36864 + 16384);
  EXPECT_EQ(size.weights, 432 + stage1 + stage2 + stage3 + 2560);
  // The first 1×1 convolution of a stage still works on the pixels of the one before.
  EXPECT_EQ(size.macs, 1024 * (432 + stage1) + 256 * stage2 + (1024 - 256) * 2048 + 64 * stage3 +
                           (256 - 64) * 8192 + 2560);
}

TEST(ArchitectureSize, MobileNetV2_IsThatOfItsTableAtHalfWidth) {
  // Blocks of the table with widths halved (multiples of eight): expansion, channels, stride.
  const std::vector<std::array<std::size_t, 3>> blocks = {
      {1, 8, 1},  {6, 16, 1}, {6, 16, 1}, {6, 16, 2}, {6, 16, 1}, {6, 16, 1},
      {6, 32, 2}, {6, 32, 1}, {6, 32, 1}, {6, 32, 1}, {6, 48, 1}, {6, 48, 1},
      {6, 48, 1}, {6, 80, 2}, {6, 80, 1}, {6, 80, 1}, {6, 160, 1}};
  std::size_t weights = 27 * 16;
  std::uint64_t macs = weights * 1024;
  std::size_t from = 16;
  std::size_t side = 32;
  std::size_t layers = 1;
  for (const auto& [expansion, channels, stride] : blocks) {
    const std::size_t inside = expansion * from;
    const std::size_t expand = expansion > 1 ? from * inside : 0;
    const std::size_t rest = 9 * inside + inside * channels;
    weights += expand + rest;
    macs += expand * side * side;
    side /= stride;
    macs += rest * side * side;
    layers += expansion > 1 ? 3 : 2;
    from = channels;
  }
  EXPECT_EQ(side, 4U);
  weights += 160 * 640 + 640 * 10;
  macs += 16 * 160 * 640 + 640 * 10;
  const Size size = size_of("mobilenetv2", cifar, 10);
  EXPECT_EQ(size.layers, layers + 2);
  EXPECT_EQ(size.weights, weights);
  EXPECT_EQ(size.macs, macs);
  for (const int classes : {10, 100}) {
    const Size whole = size_of("mobilenetv2", cifar, classes);
    EXPECT_LT(whole.weights + 2 * whole.channels, 700000U);
  }
}

TEST(ArchitectureWiring, SilentBlocksOfResNet_PassTheirInputOn) {
  QuantizedNetwork network = filled("resnet20", cifar, 10);
  for (const char* block : {"layer1.0", "layer1.1", "layer1.2", "layer2.0"}) {
    silence(network, std::string(block) + ".conv2");
  }
  const network::Dataset images = network::random_images(network, 1, 9);
  auto inputs = inputs_of_layers(network, images.image(0));
  const std::vector<std::int8_t>& first = inputs["layer1.0.conv1"];
  EXPECT_EQ(inputs["layer1.1.conv1"], first);
  EXPECT_EQ(inputs["layer2.0.conv1"], first);
  // Option A: every second row and column, eight channels of zeros on either side.
  std::vector<std::int8_t> expected(std::size_t{32} * 16 * 16, 0);
  for (std::size_t c = 0; c < 16; ++c) {
    for (std::size_t y = 0; y < 16; ++y) {
      for (std::size_t x = 0; x < 16; ++x) {
        expected[((c + 8) * 16 + y) * 16 + x] = first[(c * 32 + 2 * y) * 32 + 2 * x];
      }
    }
  }
  EXPECT_EQ(inputs["layer2.1.conv1"], expected);
}

TEST(ArchitectureWiring, SilentBlocksOfBottlenecksAndMobileNet_PassTheirInputOn) {
  QuantizedNetwork bottleneck = filled("resnet29_bottleneck", cifar, 10);
  silence(bottleneck, "layer1.1.conv3");
  silence(bottleneck, "layer3.1.conv3");
  const network::Dataset images = network::random_images(bottleneck, 1, 9);
  auto inputs = inputs_of_layers(bottleneck, images.image(0));
  EXPECT_EQ(inputs["layer1.1.conv1"], inputs["layer1.2.conv1"]);
  EXPECT_EQ(inputs["layer3.1.conv1"], inputs["layer3.2.conv1"]);
  EXPECT_NE(inputs["layer1.1.conv1"], inputs["layer2.0.conv1"]);

  // Not every block of MobileNetV2 has a shortcut: block 3 follows block 2 of the same shape, block
  // 7 changes the shape.
  QuantizedNetwork mobile = filled("mobilenetv2", cifar, 10);
  silence(mobile, "block3.project");
  inputs = inputs_of_layers(mobile, images.image(0));
  EXPECT_EQ(inputs["block3.expand"], inputs["block4.expand"]);
  silence(mobile, "block7.project");
  inputs = inputs_of_layers(mobile, images.image(0));
  EXPECT_EQ(inputs["block8.expand"],
            std::vector<std::int8_t>(inputs["block8.expand"].size(), std::int8_t{0}));
}

TEST(ArchitectureWiring, ProjectionShortcut_CarriesTheBlockAlone) {
  QuantizedNetwork network = filled("resnet20_projection", cifar, 10);
  silence(network, "layer3.0.conv2");
  const network::Dataset images = network::random_images(network, 1, 9);
  auto inputs = inputs_of_layers(network, images.image(0));
  EXPECT_GT(std::set<std::int8_t>(inputs["layer3.1.conv1"].begin(), inputs["layer3.1.conv1"].end())
                .size(),
            5U);
  silence(network, "layer3.0.shortcut");
  inputs = inputs_of_layers(network, images.image(0));
  EXPECT_EQ(inputs["layer3.1.conv1"],
            std::vector<std::int8_t>(inputs["layer3.1.conv1"].size(), std::int8_t{0}));
}

TEST(ArchitectureNames, UnknownOnes_AreRefusedWithTheNearest) {
  expect_error([] { make_architecture("resnet21", cifar, 10, "w.yaml"); },
               {"TW-TRAIN-001",
                {"w.yaml", "unknown architecture 'resnet21'", "mobilenetv2", "mean 'resnet20'?"}});
  expect_error([] { make_architecture("x", cifar, 10); }, {"TW-TRAIN-001", {"lenet5"}});
}

TEST(ArchitectureNames, ImagesOfOtherSizes_AreRefused) {
  expect_error(
      [] {
        make_architecture("lenet5", {3, 32, 28}, 10, "w.yaml");
      },
      {"TW-TRAIN-002", {"w.yaml", "images of 32x28 pixels", "28x28 or 32x32"}});
  expect_error(
      [] {
        make_architecture("mobilenetv2", {3, 7, 64}, 10);
      },
      {"TW-TRAIN-002", {"mobilenetv2", "7x64", "8x8"}});
}

TEST(ShippedWorkloads, NameArchitecturesForTheirImagesAndClasses) {
  const std::map<std::string, FeatureMapShape> shapes = {
      {"idx", {1, 28, 28}}, {"cifar10", cifar}, {"cifar100", cifar}};
  std::set<std::string> trained;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "workloads")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path());
    const config::WorkloadConfig workload = config::read_workload_config(entry.path());
    EXPECT_EQ(workload.name, entry.path().stem());
    if (workload.model.architecture.empty()) continue;
    const QuantizedNetwork network =
        make_architecture(workload.model.architecture, shapes.at(workload.dataset.format),
                          static_cast<int>(workload.dataset.classes.size()), entry.path().string());
    EXPECT_EQ(network.name, workload.model.architecture);
    EXPECT_EQ(network.classes, workload.dataset.format == "cifar100" ? 100 : 10);
    trained.insert(workload.model.architecture);
  }
  EXPECT_THAT(trained, testing::IsSupersetOf(std::vector<std::string>{
                           "lenet5", "resnet20", "resnet29_bottleneck", "mobilenetv2"}));
}

}  // namespace
}  // namespace togglewise::compress
