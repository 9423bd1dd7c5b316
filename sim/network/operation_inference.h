// The operations between convolutions, computed in whole numbers as quantized_network.h defines
// them. Feature maps are channel-major.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

using FeatureMap = std::vector<std::int8_t>;

FeatureMap compute(const MaxPool& pool, const FeatureMap& input);
FeatureMap compute(const AveragePool& pool, const FeatureMap& input);
FeatureMap compute(const Add& add, const FeatureMap& a, const FeatureMap& b);
FeatureMap compute(const Concat& concat, const std::vector<const FeatureMap*>& inputs);
FeatureMap compute(const Slice& slice, const FeatureMap& input);
FeatureMap compute(const Pad& pad, const FeatureMap& input);
FeatureMap compute(const Clamp& clamp, const FeatureMap& input);

}  // namespace togglewise::network
