// The toggle kernels without vector instructions, for machines that have none that Highway knows;
// also the plainest description of what they do.
#pragma once

#include "sim/array/falling_bits.h"
#include "sim/array/toggle_kernels.h"

namespace togglewise::array::scalar {

// Calls work(i, p) below every live row i of the column, with p[0..transitions].
template <typename Work>
void run_column(const StreamBlock& block, const WeightColumns& weights, std::size_t column,
                const Work& work) {
  std::uint32_t p[kBlockTransitions + 1];
  for (std::uint32_t& sum : p) sum = static_cast<std::uint32_t>(weights.start);
  for (std::uint32_t i = weights.begin[column]; i < weights.begin[column + 1]; ++i) {
    const LiveRow& row = weights.rows[i];
    const std::int16_t* a = block.values() + static_cast<std::size_t>(row.row) * kBlockStride;
    const std::int32_t weight = static_cast<std::int16_t>(row.even_weight);
    for (std::size_t t = 0; t <= block.transitions(); ++t) {
      p[t] += static_cast<std::uint32_t>(weight * a[t]);
    }
    work(i, p);
  }
}

inline std::uint64_t falling(const StreamBlock& block, const std::uint32_t* p) {
  int count = 0;
  for (std::size_t t = 0; t < block.transitions(); ++t) {
    count += __builtin_popcount(p[t] & ~p[t + 1] & block.mask());
  }
  return static_cast<std::uint64_t>(count);
}

inline void add_totals(const StreamBlock& block, const WeightColumns& weights, int array_columns,
                       FallingEdges& sum) {
  for (std::size_t c = 0; c + 1 < weights.begin.size(); ++c) {
    std::uint64_t bottom = 0;
    run_column(block, weights, c, [&](std::uint32_t i, const std::uint32_t* p) {
      bottom = falling(block, p);
      sum.active += bottom * static_cast<std::uint64_t>(weights.rows[i].repeats);
    });
    sum.bottom += bottom;
    sum.deskew += bottom * (static_cast<std::uint64_t>(array_columns) - 1 - c);
  }
}

inline void add_rows(const StreamBlock& block, const WeightColumns& weights, std::uint64_t* falls) {
  for (std::size_t c = 0; c + 1 < weights.begin.size(); ++c) {
    run_column(block, weights, c,
               [&](std::uint32_t i, const std::uint32_t* p) { falls[i] += falling(block, p); });
  }
}

inline void add_bits(const StreamBlock& block, const WeightColumns& weights,
                     FallingBits::State& state) {
  for (std::size_t c = 0; c + 1 < weights.begin.size(); ++c) {
    run_column(block, weights, c, [&](std::uint32_t i, const std::uint32_t* p) {
      for (std::size_t t = 0; t < block.transitions(); ++t) {
        std::uint32_t falls = p[t] & ~p[t + 1] & block.mask();
        for (; falls != 0; falls &= falls - 1) {
          state.counted[__builtin_ctz(falls)] +=
              static_cast<std::uint64_t>(weights.rows[i].repeats);
        }
      }
    });
  }
}

inline std::uint32_t group_number(ToggleGroup kind, std::uint32_t toggled, int unused_bits) {
  auto number = static_cast<std::uint32_t>(__builtin_popcount(toggled));
  if (kind == ToggleGroup::msb_distance && toggled != 0) {
    const auto msb = static_cast<std::uint32_t>(31 - __builtin_clz(toggled) - unused_bits);
    number += msb * (msb + 1) / 2;
  }
  return number;
}

inline void group_column(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                         std::size_t column, std::uint16_t* group) {
  run_column(block, weights, column, [&](std::uint32_t i, const std::uint32_t* p) {
    std::uint16_t* to = group + (i - weights.begin[column]) * kBlockTransitions;
    for (std::size_t t = 0; t < block.transitions(); ++t) {
      const std::uint32_t toggled = (p[t] ^ p[t + 1]) & block.mask();
      to[t] = static_cast<std::uint16_t>(group_number(kind, toggled, block.unused_bits()));
    }
  });
}

inline void count_pairs(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                        std::uint32_t* pairs) {
  const auto number = [&](std::uint32_t before, std::uint32_t after) {
    return group_number(kind, (before ^ after) & block.mask(), block.unused_bits());
  };
  for (std::size_t c = 0; c + 1 < weights.begin.size(); ++c) {
    run_column(block, weights, c, [&](std::uint32_t i, const std::uint32_t* p) {
      for (std::size_t t = 0; t < kBlockTransitions; t += 2) {
        pairs[number(p[t + 1], p[t + 2]) << kPairGroupBits | number(p[t], p[t + 1])] +=
            static_cast<std::uint32_t>(weights.rows[i].repeats);
      }
    });
  }
}

}  // namespace togglewise::array::scalar
