#include "tests/compress/small_workload.h"

#include <bitset>
#include <cstdlib>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sim/base/random.h"

namespace togglewise::compress::test {

namespace {

constexpr int side = 28;
constexpr int classes = 10;

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

network::Dataset striped_images(int count, std::uint64_t seed) {
  Random random(seed);
  network::Dataset dataset;
  dataset.shape = {1, side, side};
  for (int i = 0; i < count; ++i) {
    const int label = random.between(0, classes - 1);
    dataset.labels.push_back(static_cast<std::uint8_t>(label));
    for (int row = 0; row < side; ++row) {
      for (int column = 0; column < side; ++column) {
        const bool bright = row / 3 == label || (column / 3 + label) % 5 == 0;
        dataset.pixels.push_back(
            static_cast<std::uint8_t>((bright ? 160 : 10) + random.between(0, 60)));
      }
    }
  }
  return dataset;
}

}  // namespace

void write_idx(const network::Dataset& dataset, const std::filesystem::path& folder,
               const std::string& name) {
  const auto count = static_cast<std::uint32_t>(dataset.size());
  write_file_atomically(
      folder / (name + "-images"),
      big_endian(0x803) + big_endian(count) + big_endian(side) + big_endian(side) +
          std::string(reinterpret_cast<const char*>(dataset.pixels.data()), dataset.pixels.size()));
  write_file_atomically(
      folder / (name + "-labels"),
      big_endian(0x801) + big_endian(count) +
          std::string(reinterpret_cast<const char*>(dataset.labels.data()), dataset.labels.size()));
}

std::filesystem::path SmallWorkload::write(const std::filesystem::path& folder) const {
  write_idx(striped_images(training_images, 11), folder, "train");
  write_idx(striped_images(test_images, 12), folder, "test");
  const std::filesystem::path file = folder / "workload.yaml";
  write_file_atomically(file, fmt::format("name: stripes\n"
                                          "model: {{architecture: lenet5}}\n"
                                          "dataset:\n"
                                          "  format: idx\n"
                                          "  train_images: train-images\n"
                                          "  train_labels: train-labels\n"
                                          "  test_images: test-images\n"
                                          "  test_labels: test-labels\n"
                                          "  classes: [a, b, c, d, e, f, g, h, i, j]\n"
                                          "  holdout_images: {}\n"
                                          "training:\n"
                                          "  epochs: {}\n"
                                          "  quantization_epochs: {}\n"
                                          "  batch_size: 20\n"
                                          "  gradient_shards: 3\n"
                                          "  learning_rate: {}\n"
                                          "compression:\n"
                                          "  epochs: {}\n"
                                          "  trials: {}\n"
                                          "  largest_set: {}\n"
                                          "calibration:\n"
                                          "  images: 2\n",
                                          holdout_images, epochs, quantization_epochs,
                                          learning_rate, compression_epochs, trials, largest_set));
  return file;
}

CostModel popcount_costs() {
  return [](const network::Traces& traces) {
    std::vector<energy::LayerCost> costs;
    for (const network::TracedLayer& traced : traces.layers) {
      energy::LayerCost cost;
      cost.layer = traced.layer.name;
      cost.transitions_per_weight = traced.layer.gemm().output_pixels + 1;
      for (int v = -128; v <= 127; ++v) {
        const auto bits = static_cast<double>(std::bitset<8>(std::abs(v)).count());
        cost.energy_fj[energy::weight_index(v)] = 100 + 100 * bits * (v < 0 ? 2 : 1);
      }
      costs.push_back(cost);
    }
    return costs;
  };
}

std::string without_timing(const std::filesystem::path& json_file) {
  nlohmann::json json = nlohmann::json::parse(read_file(json_file));
  json.erase("timing");
  return json.dump();
}

}  // namespace togglewise::compress::test
