// Random numbers that are the same on every platform: the standard distributions are not.
#pragma once

#include <cstdint>
#include <random>

namespace togglewise {

// A seeded generator that is passed to whoever needs it; there is no global one.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }

  // Uniform in [0, bound), bound > 0. Modulo bias is below 2^-32 for bounds below 2^32.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  // Uniform in [low, high], both included.
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

  // Uniform in [0, 1).
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace togglewise
