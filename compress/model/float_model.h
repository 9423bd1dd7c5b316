// A network in real numbers: what training starts from and what it learns from.
#pragma once

#include <string>

#include "compress/model/parameters.h"
#include "compress/model/trainable_network.h"
#include "sim/graph/float_network.h"

namespace togglewise::compress {

struct FloatModel {
  TrainableNetwork network;
  Parameters parameters;
  BatchStatistics statistics;
  Precision precision = Precision::float32;
  torch::Device device = torch::kCPU;
  std::string name;  // for people: where it comes from
};

// Weights and biases as imported; no layer has batch norm (the import folds it).
FloatModel float_model(const graph::FloatNetwork& network, Precision precision);

// value · scale of an int8 network; activations are not rounded.
FloatModel float_model(const network::QuantizedNetwork& network, Precision precision);

// A hash of all parameters and statistics.
std::string parameter_hash(const FloatModel& model);

// With batch norm folded into weights and biases: what sim/quantize works on.
graph::FloatNetwork folded(const FloatModel& model);

}  // namespace togglewise::compress
