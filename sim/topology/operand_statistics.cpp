#include "sim/topology/operand_statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/base/random.h"
#include "sim/config/yaml_reader.h"

namespace togglewise::topology {
namespace {

constexpr std::uint64_t largest_bytes = std::uint64_t{8} << 30;
constexpr double largest_threshold = 5;  // zero shares of 0 and 1 lie at infinity

// About a normal deviate with mean 0 and variance 1: the sum of 12 uniform ones. Whole numbers
// until the last step, so it is the same everywhere.
double normal(Random& random) {
  std::int64_t sum = 0;
  for (int i = 0; i < 3; ++i) {
    std::uint64_t bits = random.bits();
    for (int piece = 0; piece < 4; ++piece, bits >>= 16) {
      sum += static_cast<std::int64_t>(bits & 0xFFFFU);
    }
  }
  return (static_cast<double>(sum) - 6 * 65535.0) / 65536.0;
}

// The x that a normal deviate is below with probability `share`, by bisection.
double normal_quantile(double share) {
  double low = -largest_threshold;
  double high = largest_threshold;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2)) < share ? low : high) = middle;
  }
  return low;
}

// A field of variance 1 whose neighbours in either direction have correlation r: an autoregression
// along rows of one along columns. Row by row.
std::vector<double> correlated_field(int height, int width, double r, Random& random) {
  const double fresh = std::sqrt(1 - r * r);
  std::vector<double> field(static_cast<std::size_t>(height * width));
  std::vector<double> above(static_cast<std::size_t>(width));  // correlated along the columns only
  for (int y = 0; y < height; ++y) {
    double left = 0;
    for (int x = 0; x < width; ++x) {
      double& column = above[static_cast<std::size_t>(x)];
      column = y == 0 ? normal(random) : r * column + fresh * normal(random);
      left = x == 0 ? column : r * left + fresh * column;
      field[static_cast<std::size_t>(y * width + x)] = left;
    }
  }
  return field;
}

std::int8_t clipped(double value, int lowest, int highest) {
  return static_cast<std::int8_t>(
      std::clamp(static_cast<int>(std::lround(value)), lowest, highest));
}

std::vector<std::int8_t> draw_ifmaps(const network::FeatureMapShape& shape, bool negative,
                                     const OperandStatistics& statistics,
                                     const StatisticalOperandParams& params, Random& random) {
  const int highest = (1 << (params.activation_bits - 1)) - 1;
  const double spread = statistics.activation_spread * highest;
  const double middle = normal_quantile(statistics.zero_share);
  std::vector<double> threshold;
  for (int c = 0; c < shape.channels; ++c) {
    threshold.push_back(middle + statistics.channel_spread * normal(random));
  }
  std::vector<std::int8_t> ifmaps;
  ifmaps.reserve(shape.size() * static_cast<std::size_t>(params.images));
  for (int image = 0; image < params.images; ++image) {
    for (const double t : threshold) {
      for (const double g :
           correlated_field(shape.height, shape.width, statistics.pixel_correlation, random)) {
        if (negative) {
          ifmaps.push_back(clipped(spread * g, -highest - 1, highest));
        } else {
          ifmaps.push_back(g <= t ? std::int8_t{0} : clipped(spread * (g - t), 1, highest));
        }
      }
    }
  }
  return ifmaps;
}

std::vector<std::int8_t> draw_weights(std::size_t count, const OperandStatistics& statistics,
                                      int weight_bits, Random& random) {
  const int highest = (1 << (weight_bits - 1)) - 1;
  std::vector<std::int8_t> weights(count);
  for (std::int8_t& weight : weights) {
    const double value = statistics.weight_spread * highest * normal(random);
    weight = random.unit() < statistics.weight_zero_share ? std::int8_t{0}
                                                          : clipped(value, -highest, highest);
  }
  return weights;
}

void require_memory(const Topology& topology, int images) {
  std::uint64_t bytes = 0;
  for (const TopologyLayer& layer : topology.layers) {
    const network::GemmLayer geometry = layer.geometry();
    bytes += static_cast<std::uint64_t>(geometry.gemm().reduction) *
                 static_cast<std::uint64_t>(layer.output.channels) +
             layer.input.size() * static_cast<std::uint64_t>(images);
    if (bytes <= largest_bytes) continue;
    throw Error::input("TW-TOPO-007", fmt::format("the operands of {} image(s) up to layer '{}' "
                                                  "take {} bytes",
                                                  images, layer.name, bytes))
        .at(topology.file.string(), layer.line)
        .expected(fmt::format("at most {} bytes", largest_bytes))
        .hint("fewer layers");
  }
}

}  // namespace

OperandStatistics read_operand_statistics(const std::filesystem::path& file) {
  using config::Presence;
  OperandStatistics statistics;
  const config::RealRange share{0, 1};
  std::string negative = "no";
  config::YamlSection root;
  root.real("zero_share", statistics.zero_share, share, Presence::optional)
      .real("activation_spread", statistics.activation_spread, {0, 2, false, true},
            Presence::optional)
      .real("pixel_correlation", statistics.pixel_correlation, {0, 1, true, false},
            Presence::optional)
      .real("channel_spread", statistics.channel_spread, {0, 5}, Presence::optional)
      .choice("negative_first_layer", negative, {"yes", "no"}, Presence::optional)
      .real("weight_spread", statistics.weight_spread, {0, 2, false, true}, Presence::optional)
      .real("weight_zero_share", statistics.weight_zero_share, share, Presence::optional)
      .integer("reduction_length", statistics.reduction_length, {1, 65536}, Presence::optional);
  const config::YamlDocument document(file, root);
  statistics.negative_first_layer = negative == "yes";
  return statistics;
}

std::string describe(const OperandStatistics& statistics, std::uint64_t seed) {
  return fmt::format(
      "drawn from statistics (activations {:.4g} % zeros, spread {:.4g}, pixel correlation {:.4g}, "
      "channel spread {:.4g}{}; weights spread {:.4g}, {:.4g} % zeros; seed {})",
      100 * statistics.zero_share, statistics.activation_spread, statistics.pixel_correlation,
      statistics.channel_spread,
      statistics.negative_first_layer ? ", first layer below zero, too" : "",
      statistics.weight_spread, 100 * statistics.weight_zero_share, seed);
}

Topology layers_of(const OperandStatistics& statistics) {
  constexpr int layers = 4;
  constexpr int outputs = 64;
  constexpr int side = 16;
  Topology topology;
  topology.name = "statistics";
  for (int l = 0; l < layers; ++l) {
    TopologyLayer layer;
    layer.name = fmt::format("layer{}", l + 1);
    layer.input = {statistics.reduction_length, side, side};
    layer.output = {outputs, side, side};
    topology.layers.push_back(layer);
  }
  topology.text_hash = hash_bytes(fmt::format("statistics {}", statistics.reduction_length));
  return topology;
}

network::Traces traces_from_statistics(const Topology& topology,
                                       const OperandStatistics& statistics,
                                       const StatisticalOperandParams& params) {
  require_memory(topology, params.images);
  network::Traces traces;
  traces.network_name = topology.name;
  traces.model_hash = topology.text_hash;
  traces.image_source = describe(statistics, params.seed);
  traces.synthetic = true;
  for (const TopologyLayer& layer : topology.layers) {
    Random random(params.seed * 1000003 + traces.layers.size());
    network::TracedLayer traced;
    traced.layer = layer.geometry();
    traced.images = params.images;
    const auto channels = static_cast<std::size_t>(traced.layer.output.channels);
    traced.layer.weights =
        draw_weights(static_cast<std::size_t>(traced.layer.gemm().reduction) * channels, statistics,
                     params.weight_bits, random);
    traced.layer.bias.assign(channels, 0);
    traced.layer.weight_scale.assign(channels, 1);
    traced.layer.relu = true;
    const bool negative = statistics.negative_first_layer && traces.layers.empty();
    traced.ifmaps = draw_ifmaps(traced.layer.input, negative, statistics, params, random);
    traces.layers.push_back(std::move(traced));
  }
  return traces;
}

}  // namespace togglewise::topology
