#include "sim/array/tile.h"

#include "sim/config/hardware_config.h"

namespace togglewise::array {

int required_partial_sum_bits(int rows, int weight_bits, int activation_bits) {
  config::HardwareConfig::Array array;
  array.rows = rows;
  array.weight_bits = weight_bits;
  array.activation_bits = activation_bits;
  return config::derived_partial_sum_bits(array);
}

}  // namespace togglewise::array
