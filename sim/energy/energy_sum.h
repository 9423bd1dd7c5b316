// Sums of energies that do not depend on the order of their terms.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "sim/gate/component_energies.h"

namespace togglewise::energy {

// In whole units of 2^-10 fJ, each term rounded: the sum is the same for any number of threads.
class EnergySum {
 public:
  void add(const gate::ComponentEnergies& term, int sign) {
    const std::array<double, 5> terms{term.multiplier_fj, term.adder_fj,
                                      term.partial_sum_register_fj, term.activation_register_fj,
                                      term.pin_loads_fj};
    for (std::size_t i = 0; i < terms.size(); ++i) {
      units_[i] += sign * std::llround(terms[i] * kUnitsPerFj);
    }
  }
  EnergySum& operator+=(const EnergySum& other) {
    for (std::size_t i = 0; i < units_.size(); ++i) units_[i] += other.units_[i];
    return *this;
  }
  gate::ComponentEnergies total() const {
    const auto fj = [&](std::size_t i) { return static_cast<double>(units_[i]) / kUnitsPerFj; };
    return {fj(0), fj(1), fj(2), fj(3), fj(4)};
  }

 private:
  static constexpr double kUnitsPerFj = 1024.0;
  std::array<std::int64_t, 5> units_{};  // by component
};

}  // namespace togglewise::energy
