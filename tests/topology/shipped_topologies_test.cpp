// The topologies in workloads/topologies are the networks they say they are.
#include <gtest/gtest.h>

#include "sim/topology/scalesim_config.h"
#include "sim/topology/topology.h"

namespace togglewise::topology {
namespace {

const std::filesystem::path root = TOGGLEWISE_SOURCE_DIR;

std::uint64_t macs_of(const std::string& name, std::size_t layers) {
  const Topology topology = read_topology(root / "workloads/topologies" / name);
  EXPECT_EQ(topology.layers.size(), layers);
  std::uint64_t macs = 0;
  for (const TopologyLayer& layer : topology.layers) {
    macs += layer.geometry().gemm().macs();
    // Written with the padding that its windows use: nothing hangs over.
    EXPECT_EQ(layer.window.pad_bottom, 0) << layer.name;
    EXPECT_EQ(layer.window.pad_right, 0) << layer.name;
  }
  return macs;
}

TEST(ShippedTopologies, HaveTheMacsOfTheirNetworks) {
  EXPECT_EQ(macs_of("resnet20_cifar10.csv", 20), 40551040U);
  EXPECT_EQ(macs_of("resnet50_imagenet.csv", 54), 4089184256U);
  EXPECT_EQ(macs_of("mobilenet_v2_imagenet.csv", 53), 300774272U);
  EXPECT_EQ(macs_of("bert_base_layer_gemm.csv", 30), 931135488U);
}

TEST(ShippedTopologies, OutputsOfALayerAreTheInputsOfTheNext) {
  const Topology topology = read_topology(root / "workloads/topologies/resnet20_cifar10.csv");
  for (std::size_t i = 1; i + 1 < topology.layers.size(); ++i) {
    EXPECT_EQ(topology.layers[i].input.channels, topology.layers[i - 1].output.channels);
  }
}

TEST(ShippedConfiguration, IsRead) {
  const ScaleSimConfig config = read_scalesim_config(root / "hw_configs/scalesim/ws32x32.cfg");
  EXPECT_EQ(config.array_height, 32);
  EXPECT_FALSE(config.user_bandwidth);
}

}  // namespace
}  // namespace togglewise::topology
