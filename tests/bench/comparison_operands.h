// The operands of a simulator comparison: a network's tiles, and PEs drawn from them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/array/tile_streams.h"

namespace togglewise::bench {

constexpr int kRows = 64;
constexpr int kColumns = 64;
constexpr int kPartialSumBits = 22;

struct Workload {
  std::string description;
  std::vector<array::TileStreams> tiles;
  double zero_weights = 0.0;  // share, over transitions
};
// `model` is an int8 ONNX file and `workload` has its test images; without a model, ResNet-20's
// shapes with synthetic operands.
Workload load_workload(const std::string& model, const std::string& workload, int images);

// One PE's operands, as every simulator gets them.
struct PeStream {
  std::int8_t weight = 0;
  std::vector<std::int8_t> activation;
  std::vector<std::int32_t> partial_sum;
};

// PEs drawn at random, each transition as likely as any other; at most `longest` cycles of each.
std::vector<PeStream> draw_sample(const Workload& workload, std::size_t cycles,
                                  std::size_t longest);

std::uint64_t transitions_of(const std::vector<PeStream>& sample);
double share_under_weight_0(const std::vector<PeStream>& sample);

// All partial sums that leave the PEs, added up: proof that the work was done.
std::uint32_t checksum_of(const std::vector<PeStream>& sample);
std::uint32_t last_sum_of(const PeStream& one);

// 32-bit words: weight, length, then activation and partial sum of every cycle.
std::string sample_words(const std::vector<PeStream>& sample);
// A line a cycle for $readmemh.
std::string sample_hex(const std::vector<PeStream>& sample, std::size_t& lines);

}  // namespace togglewise::bench
