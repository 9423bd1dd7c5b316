// Inside of check_network(): what each check needs to know and how it complains.
#pragma once

#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/network/quantized_network.h"

namespace togglewise::network::check {

// What an operation gets: the result of an earlier node, or the network's input.
struct Tensor {
  FeatureMapShape shape;
  float scale = 0;
  std::string producer;  // "layer 'conv1'", "the input"
};

// One operation under check: complains in the name of its layer.
struct Place {
  const std::string& source;  // file named in messages
  const std::string& layer;

  Error error(const char* id, const std::string& message) const;
};

std::string shape_text(const FeatureMapShape& shape);  // "16×32×32"

// At least one channel, row and column, and no more values than 2^28.
bool is_sane(const FeatureMapShape& shape);

// Each throws TW-MODEL-002 or TW-MODEL-003, as check_network() says.
void require_shape(const Place& place, const FeatureMapShape& declared, const Tensor& input);
void require_scale(const Place& place, float declared, const Tensor& input);
void require_window(const Place& place, const Window& window, const FeatureMapShape& input,
                    const FeatureMapShape& output);
void require_output_scale(const Place& place, float scale);
// Runs `requantization`, and complains in the layer's name where it throws TW-QUANT-001.
template <typename Requantization>
void require_requantization(const Place& place, const Requantization& requantization) {
  try {
    requantization();
  } catch (const Error& failure) {
    throw place.error("TW-MODEL-003", failure.message()).expected(failure.expected());
  }
}

// TW-MODEL-001 to TW-MODEL-006 of one operation with its inputs, as many as number_of_inputs()
// says.
void check_gemm_layer(const Place& place, const GemmLayer& layer, const Tensor& input,
                      int weight_bits);
std::size_t number_of_inputs(const Operation& operation);
void check_operation(const Place& place, const Operation& operation,
                     const std::vector<Tensor>& inputs, int weight_bits);

}  // namespace togglewise::network::check
