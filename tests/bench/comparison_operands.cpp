#include "tests/bench/comparison_operands.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/random.h"
#include "sim/config/workload_config.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/tiling.h"
#include "sim/network/traces.h"
#include "tests/bench/resnet20_operands.h"

namespace togglewise::bench {
namespace {

std::uint32_t sum_of(const PeStream& one, std::size_t t) {
  return static_cast<std::uint32_t>(one.partial_sum[t] + one.weight * one.activation[t]) &
         0x3FFFFFU;
}

}  // namespace

Workload load_workload(const std::string& model, const std::string& workload_file, int images) {
  std::vector<SyntheticLayer> layers;
  Workload workload;
  if (model.empty()) {
    layers = resnet20(images);
    workload.description =
        fmt::format("ResNet-20's shapes, normal weights, synthetic activations, {} images", images);
  } else {
    const network::QuantizedNetwork network = graph::read_onnx(model);
    const network::Dataset dataset =
        network::read_test_set(config::read_workload_config(workload_file));
    std::vector<std::size_t> indices;
    for (int i = 0; i < images; ++i) indices.push_back(static_cast<std::size_t>(i));
    network::Traces traces = network::trace_network(network, dataset, indices, "test images", 1);
    for (network::TracedLayer& one : traces.layers) {
      layers.push_back({std::move(one.layer), std::move(one.ifmaps)});
    }
    workload.description = fmt::format("{} on the first {} test images", network.name, images);
  }
  double zero = 0.0;
  double all = 0.0;
  for (const SyntheticLayer& one : layers) {
    const array::LayerActivations activations =
        array::lower_activations(one.layer, one.ifmaps.data(), images, 1);
    for (const network::TileRange& range : network::tiles_of(one.layer.gemm(), kRows, kColumns)) {
      workload.tiles.push_back(array::tile_streams(one.layer, activations, range));
      const array::TileStreams& tile = workload.tiles.back();
      for (const std::int8_t weight : tile.weights) {
        all += static_cast<double>(tile.cycles);
        if (weight == 0) zero += static_cast<double>(tile.cycles);
      }
    }
  }
  workload.zero_weights = zero / all;
  return workload;
}

std::vector<PeStream> draw_sample(const Workload& workload, std::size_t cycles,
                                  std::size_t longest) {
  std::vector<double> ends;
  double total = 0.0;
  for (const array::TileStreams& tile : workload.tiles) {
    total += static_cast<double>(tile.weights.size()) * static_cast<double>(tile.cycles);
    ends.push_back(total);
  }
  Random random(7);
  std::vector<PeStream> sample;
  for (std::size_t drawn = 0; drawn < cycles;) {
    const auto at = std::lower_bound(ends.begin(), ends.end(), random.unit() * total);
    const array::TileStreams& tile = workload.tiles[std::min<std::size_t>(
        static_cast<std::size_t>(at - ends.begin()), workload.tiles.size() - 1)];
    const int row = random.between(0, tile.used_rows - 1);
    const int column = random.between(0, tile.used_columns - 1);
    PeStream stream;
    stream.weight = static_cast<std::int8_t>(tile.weight(row, column));
    const std::size_t length = std::min({tile.cycles, longest, cycles - drawn + 1});
    stream.activation.assign(tile.row(row), tile.row(row) + length);
    stream.partial_sum.assign(length, 0);
    for (int r = 0; r < row; ++r) {
      for (std::size_t t = 0; t < length; ++t) {
        stream.partial_sum[t] += tile.weight(r, column) * tile.row(r)[t];
      }
    }
    drawn += length;
    sample.push_back(std::move(stream));
  }
  return sample;
}

std::uint64_t transitions_of(const std::vector<PeStream>& sample) {
  std::uint64_t count = 0;
  for (const PeStream& stream : sample) count += stream.activation.size() - 1;
  return count;
}

std::uint32_t last_sum_of(const PeStream& one) { return sum_of(one, one.activation.size() - 1); }

std::uint32_t checksum_of(const std::vector<PeStream>& sample) {
  std::uint32_t sum = 0;
  for (const PeStream& one : sample) {
    for (std::size_t t = 0; t < one.activation.size(); ++t) {
      sum += sum_of(one, t);
    }
  }
  return sum;
}

std::string sample_words(const std::vector<PeStream>& sample) {
  std::vector<std::int32_t> words;
  for (const PeStream& stream : sample) {
    words.push_back(stream.weight);
    words.push_back(static_cast<std::int32_t>(stream.activation.size()));
    for (std::size_t t = 0; t < stream.activation.size(); ++t) {
      words.push_back(stream.activation[t]);
      words.push_back(stream.partial_sum[t]);
    }
  }
  return std::string(reinterpret_cast<const char*>(words.data()),
                     words.size() * sizeof(std::int32_t));
}

std::string sample_hex(const std::vector<PeStream>& sample, std::size_t& lines) {
  std::string text;
  lines = 0;
  for (const PeStream& one : sample) {
    for (std::size_t t = 0; t < one.activation.size(); ++t, ++lines) {
      text += fmt::format("{:02x}{:02x}{:06x}\n", static_cast<std::uint8_t>(one.weight),
                          static_cast<std::uint8_t>(one.activation[t]),
                          static_cast<std::uint32_t>(one.partial_sum[t]) & 0x3FFFFFU);
    }
  }
  return text;
}

double share_under_weight_0(const std::vector<PeStream>& sample) {
  double zeros = 0.0;
  for (const PeStream& one : sample) {
    if (one.weight == 0) zeros += static_cast<double>(one.activation.size() - 1);
  }
  return zeros / static_cast<double>(transitions_of(sample));
}

}  // namespace togglewise::bench
