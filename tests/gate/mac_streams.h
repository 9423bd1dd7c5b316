// Operands of one PE over time, for comparisons between simulators.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/random.h"
#include "sim/gate/mac_engine.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {

// As behind a ReLU: activations wander, half of them are cut to zero; the partial sum is that of a
// column of 4 to 60 rows above, with normally distributed weights. Every 128 cycles the picture
// changes.
inline std::vector<PeOperands> realistic_operands(int weight, std::size_t cycles,
                                                  std::uint64_t seed) {
  Random random(seed);
  const auto wander = [&](int& level) {
    level = std::clamp(level + random.between(-24, 24), -90, 90);
    return std::max(level, 0);
  };
  std::vector<int> weights(static_cast<std::size_t>(random.between(4, 60)));
  for (int& w : weights) {
    int sum = 0;  // of 12 uniform numbers: a standard deviation of 40
    for (int k = 0; k < 12; ++k) sum += random.between(-20, 20);
    w = std::clamp(sum, -127, 127);
  }
  std::vector<int> levels(weights.size());
  int own = 0;
  std::vector<PeOperands> operands;
  for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
    if (cycle % 128 == 0) {
      for (int& level : levels) level = random.between(-60, 60);
      own = random.between(-60, 60);
    }
    std::int32_t partial_sum = 0;
    for (std::size_t row = 0; row < weights.size(); ++row) {
      partial_sum += weights[row] * wander(levels[row]);
    }
    operands.push_back(
        {static_cast<std::int8_t>(weight), static_cast<std::int8_t>(wander(own)), partial_sum});
  }
  return operands;
}

inline std::vector<PeOperands> random_operands(int weight, std::size_t cycles, std::uint64_t seed) {
  const Streams streams = random_streams(cycles, 22, seed);
  std::vector<PeOperands> operands;
  for (std::size_t i = 0; i < cycles; ++i) {
    operands.push_back(
        {static_cast<std::int8_t>(weight), streams.activation[i], streams.partial_sum[i]});
  }
  return operands;
}

inline Streams streams_of(const std::vector<PeOperands>& operands) {
  Streams streams;
  for (const PeOperands& now : operands) {
    streams.activation.push_back(now.activation);
    streams.partial_sum.push_back(now.partial_sum);
  }
  return streams;
}

inline double energy_of_toggles_fj(const tech::NetlistEnergy& energy,
                                   const std::vector<std::uint64_t>& toggles) {
  double sum = 0.0;
  for (std::size_t net = 0; net < toggles.size(); ++net) {
    sum += static_cast<double>(toggles[net]) * energy.nets[net].total_fj();
  }
  return sum;
}

}  // namespace togglewise::gate
