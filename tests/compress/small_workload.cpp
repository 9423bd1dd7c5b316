#include "tests/compress/small_workload.h"

#include <algorithm>
#include <bitset>
#include <cstdlib>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sim/base/random.h"

namespace togglewise::compress::test {

namespace {

constexpr int classes = 10;

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

network::Dataset striped_images(network::FeatureMapShape shape, int count, std::uint64_t seed) {
  Random random(seed);
  network::Dataset dataset;
  dataset.shape = shape;
  for (int i = 0; i < count; ++i) {
    const int label = random.between(0, classes - 1);
    dataset.labels.push_back(static_cast<std::uint8_t>(label));
    for (int line = 0; line < shape.channels * shape.height; ++line) {
      const int row = line % shape.height;
      for (int column = 0; column < shape.width; ++column) {
        const bool bright = row / 3 == label || (column / 3 + label) % 5 == 0;
        dataset.pixels.push_back(
            static_cast<std::uint8_t>((bright ? 160 : 10) + random.between(0, 60)));
      }
    }
  }
  return dataset;
}

// Records of one label byte and the pixels, `parts` files of them.
void write_cifar(const network::Dataset& dataset, const std::vector<std::filesystem::path>& files) {
  std::size_t image = 0;
  for (std::size_t f = 0; f < files.size(); ++f) {
    std::string bytes;
    for (; image < dataset.size() * (f + 1) / files.size(); ++image) {
      bytes.push_back(static_cast<char>(dataset.labels[image]));
      bytes.append(reinterpret_cast<const char*>(dataset.image(image)), dataset.shape.size());
    }
    write_file_atomically(files[f], bytes);
  }
}

constexpr const char* idx_files =
    "  format: idx\n"
    "  train_images: train-images\n"
    "  train_labels: train-labels\n"
    "  test_images: test-images\n"
    "  test_labels: test-labels\n"
    "  classes: [a, b, c, d, e, f, g, h, i, j]\n";

constexpr const char* cifar_files =
    "  format: cifar10\n"
    "  directory: .\n";

}  // namespace

void write_idx(const network::Dataset& dataset, const std::filesystem::path& folder,
               const std::string& name) {
  const auto count = static_cast<std::uint32_t>(dataset.size());
  write_file_atomically(
      folder / (name + "-images"),
      big_endian(0x803) + big_endian(count) +
          big_endian(static_cast<std::uint32_t>(dataset.shape.height)) +
          big_endian(static_cast<std::uint32_t>(dataset.shape.width)) +
          std::string(reinterpret_cast<const char*>(dataset.pixels.data()), dataset.pixels.size()));
  write_file_atomically(
      folder / (name + "-labels"),
      big_endian(0x801) + big_endian(count) +
          std::string(reinterpret_cast<const char*>(dataset.labels.data()), dataset.labels.size()));
}

std::filesystem::path SmallWorkload::write(const std::filesystem::path& folder) const {
  const network::FeatureMapShape shape =
      cifar ? network::FeatureMapShape{3, 32, 32} : network::FeatureMapShape{1, 28, 28};
  const network::Dataset train = striped_images(shape, training_images, 11);
  const network::Dataset test = striped_images(shape, test_images, 12);
  if (cifar) {
    write_cifar(train, network::cifar_training_files(folder, network::CifarKind::cifar10));
    write_cifar(test, {network::cifar_test_file(folder, network::CifarKind::cifar10)});
  } else {
    write_idx(train, folder, "train");
    write_idx(test, folder, "test");
  }
  const std::filesystem::path file = folder / "workload.yaml";
  write_file_atomically(
      file, fmt::format("name: stripes\n"
                        "model: {{architecture: {}}}\n"
                        "dataset:\n"
                        "{}"
                        "  holdout_images: {}\n"
                        "  limit_test_images: {}\n"
                        "training:\n"
                        "  epochs: {}\n"
                        "  quantization_epochs: {}\n"
                        "  batch_size: 20\n"
                        "  gradient_shards: 3\n"
                        "  learning_rate: {}\n"
                        "  weight_decay: {}\n"
                        "  precision: {}\n"
                        "  device: {}\n"
                        "compression:\n"
                        "  epochs: {}\n"
                        "  trials: {}\n"
                        "  largest_set: {}\n"
                        "calibration:\n"
                        "  images: 2\n",
                        architecture, cifar ? cifar_files : idx_files, holdout_images,
                        limit_test_images, epochs, quantization_epochs, learning_rate, weight_decay,
                        precision, device, compression_epochs, trials, largest_set));
  return file;
}

HardwareModel popcount_hardware() {
  HardwareModel hardware;
  hardware.costs = [](const network::Traces& traces) {
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
  return hardware;
}

Reporter Notes::reporter() {
  Reporter reporter;
  reporter.note = [this](const std::string& line) { lines.push_back(line); };
  return reporter;
}

bool Notes::mention(const std::string& text) const {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

Reporter interrupting(const std::string& step) {
  Reporter reporter;
  reporter.progress = [step](const std::string& name, std::uint64_t, std::uint64_t) {
    if (name.rfind(step, 0) == 0) throw Interrupted();
  };
  return reporter;
}

std::string without_timing(const std::filesystem::path& json_file) {
  nlohmann::json json = nlohmann::json::parse(read_file(json_file));
  json.erase("timing");
  return json.dump();
}

}  // namespace togglewise::compress::test
