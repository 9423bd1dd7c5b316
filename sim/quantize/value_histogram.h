// Where the values of a tensor lie, in bins that merge exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace togglewise::quantize {

// Bins of equal width over [−2^e, 2^e), with e the smallest exponent that holds every value seen.
// Growing e joins bins in pairs, so that the result depends on the values alone and not on the
// order in which they or partial histograms came. Zeros are counted apart: they are represented
// exactly at every scale, and after a ReLU they are the most frequent value.
class ValueHistogram {
 public:
  static constexpr int bins_per_side = 8192;

  // `values` must be finite (all_finite()).
  void add(const float* values, std::size_t count);
  void merge(const ValueHistogram& other);

  std::uint64_t count() const;                  // of all values
  float smallest() const { return smallest_; }  // 0 where no value is below 0
  float largest() const { return largest_; }    // 0 where no value is above 0

  // Calls visit(center, count) for every bin that holds values other than 0, in ascending order.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
      if (counts_[bin] > 0) visit(center(bin), counts_[bin]);
    }
  }

 private:
  double center(std::size_t bin) const;
  void grow(int exponent);

  int exponent_ = 0;                   // e; of no meaning while counts_ is empty
  std::vector<std::uint64_t> counts_;  // [−2^e … 0 … 2^e)
  std::uint64_t zeros_ = 0;
  float smallest_ = 0;
  float largest_ = 0;
};

bool all_finite(const float* values, std::size_t count);

}  // namespace togglewise::quantize
