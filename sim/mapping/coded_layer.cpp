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
  int lowest = 0;           // activation that occurs
  std::size_t values = 0;   // from it to the highest
  std::vector<float> cost;  // [value][value]; empty: all zero
};

RowTable row_table(const std::int8_t* row, std::size_t cycles,
                   const std::array<int, kByteValues>& weights, const ActivationCosts& costs) {
  RowTable table;
  const auto [lowest, highest] = std::minmax_element(row, row + cycles);  // zeros among them
  table.lowest = *lowest;
  table.values = static_cast<std::size_t>(*highest - *lowest + 1);
  std::vector<float> cost(table.values * table.values, 0.0F);
  for (int weight = -128; weight < 128; ++weight) {
    if (weights[byte_index(weight)] == 0) continue;
    const auto count = static_cast<float>(weights[byte_index(weight)]);
    for (std::size_t i = 0; i < table.values; ++i) {
      const float* from = costs.of_weight(weight) + costs.row(table.lowest + static_cast<int>(i)) +
                          costs.index(table.lowest);
      float* to = cost.data() + i * table.values;
      for (std::size_t j = 0; j < table.values; ++j) to[j] += count * from[j];
    }
  }
  if (std::any_of(cost.begin(), cost.end(), [](float c) { return c != 0; })) {
    table.cost = std::move(cost);
  }
  return table;
}

// The codes of one row in all images.
void code_row(const std::int8_t* activations, int lowest, std::size_t r, CodedLayer& coded) {
  const auto code_of = [lowest](int value) { return static_cast<std::uint8_t>(value - lowest); };
  coded.rows[r].zero = code_of(0);
  const std::size_t pixels = coded.nodes - 1;
  for (std::size_t image = 0; image < coded.images; ++image) {
    const std::size_t i = image * coded.rows.size() + r;
    std::uint8_t* to = coded.codes.data() + i * coded.stride;
    // Every image's stream begins with a zero.
    const std::int8_t* from = activations + 1 + image * (pixels + 1);
    std::transform(from, from + pixels, to, code_of);
    std::fill(to + pixels, to + coded.stride, coded.rows[r].zero);
    coded.occurring[i] = distinct_codes(to, coded.stride);
  }
}

}  // namespace

std::vector<std::uint8_t> distinct_codes(const std::uint8_t* codes, std::size_t count) {
  std::array<bool, kByteValues> occurs{};
  for (std::size_t i = 0; i < count; ++i) occurs[codes[i]] = true;
  std::vector<std::uint8_t> distinct;
  for (std::size_t code = 0; code < kByteValues; ++code) {
    if (occurs[code]) distinct.push_back(static_cast<std::uint8_t>(code));
  }
  return distinct;
}

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
    row.values = tables[i].values;
    row.first_entry = coded.tables.size();
    coded.tables.insert(coded.tables.end(), tables[i].cost.begin(), tables[i].cost.end());
    coded.rows.push_back(row);
    kept.push_back(i);
  }
  coded.codes.resize(coded.images * coded.rows.size() * coded.stride);
  coded.occurring.resize(coded.images * coded.rows.size());
  parallel_for(coded.rows.size(), threads, [&](std::size_t r) {
    code_row(activations.row(chosen[kept[r]]), tables[kept[r]].lowest, r, coded);
  });
  return coded;
}

}  // namespace togglewise::mapping
