#include "sim/energy/pair_counts.h"

#include <algorithm>

#include "sim/energy/table_kernels.h"

namespace togglewise::energy {

PairCounts PairCounter::count(const std::int8_t* a, std::size_t transitions) {
  PairCounts result;
  if (transitions == 0) return result;
  const auto [lowest, highest] = std::minmax_element(a, a + transitions + 1);
  const int low = *lowest;
  unsigned bits = 3;  // of a value above the lowest one: at least a vector's worth of pairs
  while ((*highest - low) >> bits != 0) ++bits;
  const std::size_t size = std::size_t{1} << (2 * bits);
  if (dense_.size() < size) dense_.resize(size, 0);

  auto before = static_cast<std::uint32_t>(a[0] - low);
  for (std::size_t t = 1; t <= transitions; ++t) {
    const auto after = static_cast<std::uint32_t>(a[t] - low);
    ++dense_[before << bits | after];
    before = after;
  }
  const std::size_t most = std::min(size, transitions);
  result.pair.resize(most + kLookupPadding);
  result.count.resize(most + kLookupPadding);
  result.size = compact(dense_.data(), size, result.pair.data(), result.count.data());
  std::fill_n(dense_.begin(), size, 0U);

  const std::uint32_t mask = (1U << bits) - 1U;
  for (std::size_t i = 0; i < result.size; ++i) {
    const std::uint32_t index = result.pair[i];
    result.pair[i] = static_cast<std::uint32_t>(activation_pair(
        static_cast<int>(index >> bits) + low, static_cast<int>(index & mask) + low));
  }
  return result;
}

}  // namespace togglewise::energy
