#include "sim/gate/prime_implicants.h"

namespace togglewise::gate {
namespace {

bool decides(const tech::TruthTable& function, const Cube& cube, bool value) {
  for (unsigned row = 0; row < (1U << function.variables); ++row) {
    if ((row & cube.care) == cube.values && function.value(row) != value) return false;
  }
  return true;
}

}  // namespace

std::vector<Cube> prime_implicants(const tech::TruthTable& function, bool value) {
  std::vector<Cube> primes;
  const unsigned all = (1U << function.variables) - 1;
  for (unsigned care = 0; care <= all; ++care) {
    for (unsigned values = 0; values <= all; ++values) {
      const Cube cube{care, values};
      if ((values & ~care) != 0 || !decides(function, cube, value)) continue;
      bool prime = true;
      for (unsigned bit = 1; bit <= all; bit <<= 1U) {
        const Cube smaller{care & ~bit, values & ~bit};
        if ((care & bit) != 0 && decides(function, smaller, value)) prime = false;
      }
      if (prime) primes.push_back(cube);
    }
  }
  return primes;
}

}  // namespace togglewise::gate
