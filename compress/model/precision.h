// What training computes convolutions in.
#pragma once

#include <string>

#include <torch/types.h>

namespace togglewise::compress {

// bfloat16 holds whole numbers up to 256 exactly, so that int8 weights and activations lose
// nothing; sums are accumulated in 32 bits and rounded once. Everything outside the convolutions'
// operands and results (parameters, statistics, losses) has 32 bits.
enum class Precision { float32, bfloat16 };

// "auto", "float32" or "bfloat16". auto: bfloat16 where the processor multiplies it in hardware
// (AVX512-BF16 or AMX), which is two to four times as fast.
Precision precision_of(const std::string& name);

std::string name_of(Precision precision);

inline torch::ScalarType compute_type(Precision precision) {
  return precision == Precision::bfloat16 ? torch::kBFloat16 : torch::kFloat;
}

}  // namespace togglewise::compress
