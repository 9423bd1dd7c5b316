#include "sim/topology/synthetic_operands.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/random.h"

namespace togglewise::topology {
namespace {

constexpr std::uint64_t largest_bytes = std::uint64_t{8} << 30;
constexpr int table_bits = 16;
constexpr std::size_t table_size = std::size_t{1} << table_bits;

// A value for each of 2^16 equally likely draws: shares are exact to 1.5e-5.
using ValueTable = std::vector<std::int8_t>;

// P(X < x) of a normal distribution with mean 0.
double normal_below(double x, double sigma) { return 0.5 * std::erfc(-x / (sigma * std::sqrt(2))); }

// Fills the table up to the share of draws that `below(value + ½)` gives for each value.
template <typename Below>
ValueTable table_of(int low, int high, const Below& below) {
  ValueTable table;
  for (int value = low; value <= high; ++value) {
    const double share = value == high ? 1 : below(value + 0.5);
    const auto end = static_cast<std::size_t>(std::lround(share * static_cast<double>(table_size)));
    table.resize(std::max(table.size(), std::min(end, table_size)),
                 static_cast<std::int8_t>(value));
  }
  return table;
}

ValueTable weight_table(const SyntheticParams& params) {
  const int high = (1 << (params.weight_bits - 1)) - 1;
  const double sigma = params.weight_sigma * high;
  return table_of(-high, high, [&](double x) { return normal_below(x, sigma); });
}

ValueTable activation_table(const SyntheticParams& params) {
  const int high = (1 << (params.activation_bits - 1)) - 1;
  const double sigma = params.activation_sigma * high;
  return table_of(0, high, [&](double x) {
    if (x < 1) return params.zero_share;
    return params.zero_share + (1 - params.zero_share) * (2 * normal_below(x, sigma) - 1);
  });
}

// Four draws of each 64-bit random number.
std::vector<std::int8_t> draw(std::size_t count, const ValueTable& table, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int8_t> values(count);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bits = i % 4 == 0 ? random.bits() : bits >> table_bits;
    values[i] = table[bits & (table_size - 1)];
  }
  return values;
}

// SplitMix64's finalizer: neighbouring seeds and layers get unrelated streams.
std::uint64_t stream_seed(std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t z = seed + (stream + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t operand_bytes(const network::GemmLayer& layer, int images) {
  const network::GemmShape gemm = layer.gemm();
  return static_cast<std::uint64_t>(gemm.reduction) *
             static_cast<std::uint64_t>(layer.output.channels) +
         layer.input.size() * static_cast<std::uint64_t>(images);
}

void require_memory(const Topology& topology, int images) {
  std::uint64_t bytes = 0;
  for (const TopologyLayer& layer : topology.layers) {
    bytes += operand_bytes(layer.geometry(), images);
    if (bytes <= largest_bytes) continue;
    throw Error::input("TW-TOPO-007",
                       fmt::format("the operands of {} image(s) up to layer '{}' take {} bytes",
                                   images, layer.name, bytes))
        .at(topology.file.string(), layer.line)
        .expected(fmt::format("at most {} bytes", largest_bytes))
        .hint("fewer --images, fewer layers, or fidelity cycles, which needs no operands");
  }
}

}  // namespace

std::string describe(const SyntheticParams& params) {
  return fmt::format(
      "synthetic operands (weights normal with sigma {:.4g}, activations half-normal with sigma "
      "{:.4g} and {:.4g} % zeros, {} image{}, seed {})",
      params.weight_sigma * ((1 << (params.weight_bits - 1)) - 1),
      params.activation_sigma * ((1 << (params.activation_bits - 1)) - 1), 100 * params.zero_share,
      params.images, params.images == 1 ? "" : "s", params.seed);
}

network::Traces synthetic_traces(const Topology& topology, const SyntheticParams& params) {
  require_memory(topology, params.images);
  const ValueTable weights = weight_table(params);
  const ValueTable activations = activation_table(params);
  network::Traces traces;
  traces.network_name = topology.name;
  traces.model_hash = topology.text_hash;
  traces.image_source = describe(params);
  traces.synthetic = true;
  for (std::size_t l = 0; l < topology.layers.size(); ++l) {
    network::TracedLayer traced;
    traced.layer = topology.layers[l].geometry();
    const auto channels = static_cast<std::size_t>(traced.layer.output.channels);
    traced.images = params.images;
    traced.layer.weights = draw(static_cast<std::size_t>(traced.layer.gemm().reduction) * channels,
                                weights, stream_seed(params.seed, 2 * l));
    traced.layer.bias.assign(channels, 0);
    traced.layer.weight_scale.assign(channels, 1);
    traced.layer.relu = true;
    traced.ifmaps = draw(traced.layer.input.size() * static_cast<std::size_t>(params.images),
                         activations, stream_seed(params.seed, 2 * l + 1));
    traces.layers.push_back(std::move(traced));
  }
  return traces;
}

}  // namespace togglewise::topology
