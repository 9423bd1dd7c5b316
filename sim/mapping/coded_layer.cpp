#include "sim/mapping/coded_layer.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/array/tile_streams.h"
#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/mapping/distance_block.h"
#include "sim/network/tiling.h"

namespace togglewise::mapping {
namespace {

constexpr std::size_t kByteValues = 256;
std::size_t byte_index(int value) { return static_cast<std::size_t>(value + 128); }

array::LayerActivations lower_images(const network::TracedLayer& traced,
                                     const std::vector<int>& images) {
  const std::size_t size = traced.layer.input.size();
  std::vector<std::int8_t> ifmaps;
  ifmaps.reserve(images.size() * size);
  for (const int image : images) {
    const auto first =
        traced.ifmaps.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(image) * size);
    ifmaps.insert(ifmaps.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
  return array::lower_activations(traced.layer, ifmaps.data(), static_cast<int>(images.size()), 1);
}

// Reduction indices of all groups, counted through, in ascending order.
std::vector<std::size_t> choose_rows(std::size_t rows, const PixelDistanceParams& params) {
  std::vector<std::size_t> chosen(rows);
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  if (rows <= params.most_rows) return chosen;
  Random random(params.seed);
  for (std::size_t i = 0; i < params.most_rows; ++i) {
    std::swap(chosen[i], chosen[i + random.below(rows - i)]);
  }
  chosen.resize(params.most_rows);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

// How often every weight value occurs in a row, as the array holds the weights.
class WeightCounts {
 public:
  WeightCounts(const network::TracedLayer& traced, const PixelDistanceParams& params)
      : layer_(traced.layer), gemm_(traced.layer.gemm()) {
    if (params.array_columns > 0) {
      negated_ =
          network::negated_weights(gemm_, traced.mapping, params.array_rows, params.array_columns);
    }
    if (params.idle_columns && params.array_columns > 0) {
      const int in_last = gemm_.output_channels % params.array_columns;
      idle_ = in_last == 0 ? 0 : params.array_columns - in_last;
    }
  }

  std::array<int, kByteValues> of_row(std::size_t row) const {
    const auto reduction = static_cast<std::size_t>(gemm_.reduction);
    const auto channels = static_cast<std::size_t>(gemm_.output_channels);
    std::array<int, kByteValues> counts{};
    counts[byte_index(0)] = idle_;
    for (std::size_t n = 0; n < channels; ++n) {
      const std::size_t i = (row / reduction * channels + n) * reduction + row % reduction;
      const int weight = layer_.weights[i];
      ++counts[byte_index(!negated_.empty() && negated_[i] != 0 ? -weight : weight)];
    }
    return counts;
  }

 private:
  const network::GemmLayer& layer_;
  network::GemmShape gemm_;
  std::vector<std::uint8_t> negated_;
  int idle_ = 0;
};

struct RowTable {
  std::vector<int> values;  // that occur, ascending
  std::vector<float> cost;  // [value][value]; empty: all zero
};

std::vector<int> values_in(const std::int8_t* row, std::size_t cycles) {
  std::array<bool, kByteValues> occurs{};
  for (std::size_t t = 0; t < cycles; ++t) occurs[byte_index(row[t])] = true;  // some are zero
  std::vector<int> values;
  for (int value = -128; value < 128; ++value) {
    if (occurs[byte_index(value)]) values.push_back(value);
  }
  return values;
}

RowTable row_table(const std::int8_t* row, std::size_t cycles,
                   const std::array<int, kByteValues>& weights, const ActivationCosts& costs) {
  RowTable table;
  table.values = values_in(row, cycles);
  const std::size_t size = table.values.size();
  std::vector<float> cost(size * size, 0.0F);
  for (int weight = -128; weight < 128; ++weight) {
    if (weights[byte_index(weight)] == 0) continue;
    const auto count = static_cast<float>(weights[byte_index(weight)]);
    const float* of_weight = costs.of_weight(weight);
    for (std::size_t i = 0; i < size; ++i) {
      const float* from = of_weight + costs.row(table.values[i]);
      for (std::size_t j = 0; j < size; ++j) {
        cost[i * size + j] += count * from[costs.index(table.values[j])];
      }
    }
  }
  if (std::any_of(cost.begin(), cost.end(), [](float c) { return c != 0; })) {
    table.cost = std::move(cost);
  }
  return table;
}

}  // namespace

CodedLayer code_layer(const network::TracedLayer& traced, const std::vector<int>& images,
                      const ActivationCosts& costs, const PixelDistanceParams& params,
                      int threads) {
  const network::GemmShape gemm = traced.layer.gemm();
  const auto pixels = static_cast<std::size_t>(gemm.output_pixels);
  const array::LayerActivations activations = lower_images(traced, images);
  const std::vector<std::size_t> chosen = choose_rows(
      static_cast<std::size_t>(gemm.groups) * static_cast<std::size_t>(gemm.reduction), params);
  const WeightCounts counts(traced, params);
  std::vector<RowTable> tables(chosen.size());
  parallel_for(chosen.size(), threads, [&](std::size_t i) {
    tables[i] =
        row_table(activations.row(chosen[i]), activations.cycles, counts.of_row(chosen[i]), costs);
  });

  CodedLayer coded;
  coded.nodes = pixels + 1;
  coded.stride = (coded.nodes + kBlockNodes - 1) / kBlockNodes * kBlockNodes;
  coded.images = images.size();
  std::vector<std::size_t> kept;  // of chosen
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (tables[i].cost.empty()) continue;
    CodedRow row;
    row.values = tables[i].values.size();
    row.first_entry = coded.tables.size();
    coded.tables.insert(coded.tables.end(), tables[i].cost.begin(), tables[i].cost.end());
    coded.rows.push_back(row);
    kept.push_back(i);
  }
  coded.codes.resize(coded.images * coded.rows.size() * coded.stride);
  parallel_for(coded.rows.size(), threads, [&](std::size_t r) {
    std::array<std::uint8_t, kByteValues> code{};
    const std::vector<int>& values = tables[kept[r]].values;
    for (std::size_t v = 0; v < values.size(); ++v) {
      code[byte_index(values[v])] = static_cast<std::uint8_t>(v);
    }
    coded.rows[r].zero = code[byte_index(0)];
    const std::int8_t* row = activations.row(chosen[kept[r]]);
    for (std::size_t image = 0; image < coded.images; ++image) {
      std::uint8_t* to = coded.codes.data() + (image * coded.rows.size() + r) * coded.stride;
      const std::int8_t* from = row + 1 + image * (pixels + 1);
      for (std::size_t m = 0; m < pixels; ++m) to[m] = code[byte_index(from[m])];
      std::fill(to + pixels, to + coded.stride, coded.rows[r].zero);
    }
  });
  return coded;
}

}  // namespace togglewise::mapping
