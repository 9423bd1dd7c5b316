// A layer's activations after im2col and its weights in the form in which distances between output
// pixels are summed up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/mapping/activation_costs.h"
#include "sim/mapping/pixel_distance.h"
#include "sim/network/traces.h"

namespace togglewise::mapping {

// One reduction index. Its activations are named by codes, counted from the lowest that occurs, so
// that costs are one small table for all the row's weights.
struct CodedRow {
  std::size_t values = 0;       // from the lowest to the highest that occurs, zero among them
  std::size_t first_entry = 0;  // in CodedLayer::tables: [values][values], symmetric
  std::uint8_t zero = 0;        // code of a zero
};

struct CodedLayer {
  std::size_t nodes = 0;   // output pixels, and the zero vector behind them
  std::size_t stride = 0;  // nodes, rounded up to whole blocks; what is beyond is a zero vector too
  std::size_t images = 0;
  std::vector<CodedRow> rows;
  std::vector<float> tables;                         // Σ over the row's weights of their cost
  std::vector<std::uint8_t> codes;                   // [image][row][stride]
  std::vector<std::vector<std::uint8_t>> occurring;  // [image][row]: its codes, ascending

  const std::uint8_t* codes_of(std::size_t image, std::size_t row) const {
    return codes.data() + (image * rows.size() + row) * stride;
  }
  const std::vector<std::uint8_t>& occurring_in(std::size_t image, std::size_t row) const {
    return occurring[image * rows.size() + row];
  }
  const float* table_of(std::size_t row) const { return tables.data() + rows[row].first_entry; }
};

// Codes that occur among these.
std::vector<std::uint8_t> distinct_codes(const std::uint8_t* codes, std::size_t count);

// Rows whose weights cost nothing are left out.
CodedLayer code_layer(const network::TracedLayer& layer, const std::vector<int>& images,
                      const ActivationCosts& costs, const PixelDistanceParams& params, int threads);

}  // namespace togglewise::mapping
