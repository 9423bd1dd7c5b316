// What a compression starts from: the dense int8 network to be beaten, the real weights that
// training goes on with, and the network it learns from.
#pragma once

#include <filesystem>
#include <string>

#include "compress/model/float_model.h"
#include "compress/run/images.h"
#include "compress/run/run_support.h"

namespace togglewise::compress {

struct StartingFiles {
  std::filesystem::path model;  // int8 (QDQ), or float: then it is quantized first
  std::filesystem::path init;   // the same network in real numbers; "": found or made from `model`
  std::filesystem::path teacher;  // any network for the same images; "": the initial float network
};

struct StartingPoint {
  network::QuantizedNetwork baseline;
  std::string baseline_hash;
  // The grids that training computes on: those of the baseline, or coarser ones for activations.
  network::QuantizedNetwork scaled;
  FloatModel initial;    // as given: the reference of the accuracy limit
  FloatModel trainable;  // the same function, every convolution with batch norm
  FloatModel teacher;
};

// 8 bits: the baseline's scales. Fewer: scales of the initial network with so many bits for what
// enters a layer's array (sums between layers keep 8), from the first 512 training images. Smaller
// activations toggle fewer wires, whatever the weights are.
constexpr int all_activation_bits = 8;

// `init` left out: float.pt beside `model` when it belongs to it, else `model` in real numbers.
// Throws TW-TRAIN-004 for networks of other images or classes, TW-COMPRESS-002 when `init` is
// another network than `model`, TW-CKPT-001 and TW-CKPT-002 for a damaged float.pt.
StartingPoint load_starting_point(const StartingFiles& files,
                                  const config::WorkloadConfig& workload,
                                  const CompressImages& images, Precision precision,
                                  int activation_bits, int threads, const Reporter& reporter);

// The training seed's split that the model's metadata name; "" when there is none.
std::string split_seed_of(const std::filesystem::path& model);

}  // namespace togglewise::compress
