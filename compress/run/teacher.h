// Who the compressed network learns from, and the weights it starts with.
#pragma once

#include <filesystem>
#include <string>

#include "compress/model/float_network.h"
#include "compress/run/run_support.h"

namespace togglewise::compress {

struct Teacher {
  std::string name;       // "float network" or "int8 network"
  Parameters parameters;  // in real numbers
  torch::Tensor logits;   // [image][class], for all images of the dataset
};

// The float network that `train` left beside `model_file`, or else `model` itself: a float network
// of another model is not used, and said so. Throws TW-CKPT-001 when it is damaged.
Teacher load_teacher(const network::QuantizedNetwork& model,
                     const std::filesystem::path& model_path, const network::Dataset& dataset,
                     int threads, const Reporter& reporter);

// The output scales of the GEMM layers of an integer network, 0 for the last.
std::vector<float> activation_scales_of(const network::QuantizedNetwork& network);

}  // namespace togglewise::compress
