// What `quantize` found out, as JSON and as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/quantized_network.h"
#include "sim/quantize/quantization_noise.h"
#include "sim/quantize/quantizer.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

struct QuantizeResult {
  std::uint64_t seed = 0;
  report::ModelIdentity source;  // the float network
  report::ModelIdentity model;   // what was made of it
  std::string dataset;
  std::string calibration_hash;  // of the calibration images' pixels
  quantize::QuantizeParams params;
  quantize::QuantizeStats stats;
  std::vector<quantize::LayerNoise> noise;
  std::size_t noise_images = 0;
  std::size_t traced_images = 0;
  std::size_t test_images = 0;
  std::size_t float_correct = 0;
  std::size_t integer_correct = 0;
  double quantize_seconds = 0;  // wall clock
  double float_seconds = 0;
  double integer_seconds = 0;

  double accuracy(std::size_t correct) const {
    return static_cast<double>(correct) / static_cast<double>(test_images);
  }
};

// `network` is the integer network. Ratios that are no number or infinite become null.
report::Json quantize_json(const QuantizeResult& result, const network::QuantizedNetwork& network);

// A table of the layers, then the accuracies.
std::string quantize_text(const QuantizeResult& result, const network::QuantizedNetwork& network);

}  // namespace togglewise::cli
