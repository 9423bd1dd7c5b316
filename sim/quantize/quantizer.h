// Post-training quantization: a float network → the integers that the array computes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/progress.h"
#include "sim/graph/float_network.h"
#include "sim/network/dataset.h"
#include "sim/quantize/scale_search.h"

namespace togglewise::quantize {

struct QuantizeParams {
  int weight_bits = 8;      // 4..8
  int activation_bits = 8;  // 4..8: of what enters a layer's array; sums between layers keep 8
  bool per_channel = true;  // a weight scale for every output channel, else one a layer
  ScaleRule scale_rule = ScaleRule::mean_squared_error;
  bool bias_correction = true;  // biases make up for the mean error of rounded weights
  int threads = 1;
};

// Scale of one tensor: of the network's input (tensor network_input) or of a node that has its own.
struct TensorScale {
  int tensor = 0;
  std::string name;
  float scale = 0;
  float smallest = 0;  // value on the calibration images
  float largest = 0;
  double clipped_at = 0;  // scale · largest integer
  double noise_db = 0;    // signal to quantization noise, on the calibration images
};

struct QuantizeStats {
  std::vector<TensorScale> tensors;
  std::size_t calibration_images = 0;
};

// The float network's geometry with scales, integer weights and biases; it has passed
// check_network(). Scales come from the images `calibration` of `training`:
//   a real value x of scale s stands as the nearest integer of x / s (ties to even), clamped.
// MaxPool, Slice, Pad, Clamp and Flatten keep the scale of their input; every other operation has a
// scale of its own. The last node stays in accumulators when it is a layer without clamp. Clamps
// that a node cannot hold become Clamp nodes, named <node>.clamp.
// Throws TW-PTQ-001..008 and what check_network() throws; `source` is the network's file.
network::QuantizedNetwork quantize_network(const graph::FloatNetwork& network,
                                           const network::Dataset& training,
                                           const std::vector<std::size_t>& calibration,
                                           const QuantizeParams& params, const std::string& source,
                                           QuantizeStats* stats = nullptr,
                                           const ProgressFunction& progress = no_progress);

// `count` different images of a training set of `size`, drawn by `seed`, in ascending order. Throws
// TW-PTQ-004 when count is 0 or above size.
std::vector<std::size_t> draw_calibration_images(std::size_t size, std::size_t count,
                                                 std::uint64_t seed);

}  // namespace togglewise::quantize
