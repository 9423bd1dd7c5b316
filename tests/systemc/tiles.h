// Random tiles for the lockstep tests.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "sim/array/tile.h"
#include "sim/base/random.h"

namespace togglewise::systemc::testing {

inline array::ArrayShape shape_of(int rows, int columns, int weight_bits = 8,
                                  int activation_bits = 8) {
  array::ArrayShape shape;
  shape.rows = rows;
  shape.columns = columns;
  shape.weight_bits = weight_bits;
  shape.activation_bits = activation_bits;
  shape.partial_sum_bits = array::required_partial_sum_bits(rows, weight_bits, activation_bits);
  return shape;
}

inline std::int8_t random_value(Random& random, int bits) {
  return static_cast<std::int8_t>(random.between(-(1 << (bits - 1)), (1 << (bits - 1)) - 1));
}

inline array::TileOperands random_tile(Random& random, int used_rows, int used_columns,
                                       int stream_length, int weight_bits = 8,
                                       int activation_bits = 8) {
  array::TileOperands tile;
  tile.used_rows = used_rows;
  tile.used_columns = used_columns;
  tile.stream_length = stream_length;
  tile.weights.resize(static_cast<std::size_t>(used_rows * used_columns));
  tile.activations.resize(static_cast<std::size_t>(stream_length * used_rows));
  for (std::int8_t& weight : tile.weights) weight = random_value(random, weight_bits);
  // A quarter of zeros, as behind a ReLU.
  for (std::int8_t& activation : tile.activations) {
    activation = random.below(4) == 0 ? std::int8_t{0} : random_value(random, activation_bits);
  }
  return tile;
}

// Sizes at and below the array's, single rows, columns and vectors among them.
inline array::TileOperands random_ragged_tile(Random& random, const array::ArrayShape& shape,
                                              int longest_stream) {
  const int used_rows = random.below(3) == 0 ? shape.rows : random.between(1, shape.rows);
  const int used_columns = random.below(3) == 0 ? shape.columns : random.between(1, shape.columns);
  const int stream_length = random.below(4) == 0 ? 1 : random.between(1, longest_stream);
  return random_tile(random, used_rows, used_columns, stream_length, shape.weight_bits,
                     shape.activation_bits);
}

// [stream_length][used_columns]: what the array must put out.
inline std::vector<std::int32_t> matrix_product(const array::TileOperands& tile) {
  std::vector<std::int32_t> product;
  for (int m = 0; m < tile.stream_length; ++m)
    for (int c = 0; c < tile.used_columns; ++c) {
      std::int32_t sum = 0;
      for (int r = 0; r < tile.used_rows; ++r)
        sum += tile.weights[r * tile.used_columns + c] * tile.activations[m * tile.used_rows + r];
      product.push_back(sum);
    }
  return product;
}

}  // namespace togglewise::systemc::testing

// SystemC has one kernel per process. ctest gives every test its own process; a binary run by hand
// does the first of these tests and skips the others.
#define TOGGLEWISE_NEEDS_SYSTEMC_KERNEL()                                                      \
  if (sc_core::sc_get_status() != sc_core::SC_ELABORATION)                                     \
  GTEST_SKIP() << "SystemC has one kernel per process, and an earlier test used it: run this " \
                  "test through ctest, or alone with --gtest_filter"
