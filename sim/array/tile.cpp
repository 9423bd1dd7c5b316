#include "sim/array/tile.h"

namespace togglewise::array {

int required_partial_sum_bits(int rows, int weight_bits, int activation_bits) {
  int log2_rows = 0;
  while ((1 << log2_rows) < rows) ++log2_rows;
  return weight_bits + activation_bits + log2_rows;
}

}  // namespace togglewise::array
