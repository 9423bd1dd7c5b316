#include "sim/energy/student_t.h"

#include <cmath>
#include <stdexcept>

namespace togglewise::energy {

// Finite sums for whole degrees of freedom: Abramowitz and Stegun, Handbook of Mathematical
// Functions, 26.7.3 (odd) and 26.7.4 (even), with θ = arctan(t / √ν).
double student_t_within(double t, int degrees_of_freedom) {
  const double theta = std::atan(t / std::sqrt(static_cast<double>(degrees_of_freedom)));
  const double cosine = std::cos(theta);
  const bool odd = degrees_of_freedom % 2 != 0;
  double term = odd ? cosine : 1;
  double sum = 0;
  for (int i = odd ? 1 : 0; i <= degrees_of_freedom - 2; i += 2) {
    sum += term;
    term *= cosine * cosine * (i + 1) / (i + 2);
  }
  const double pi = std::acos(-1.0);
  return odd ? 2 / pi * (theta + std::sin(theta) * sum) : std::sin(theta) * sum;
}

double student_t_quantile(double confidence, int degrees_of_freedom) {
  if (!(confidence > 0 && confidence < 1) || degrees_of_freedom < 1) {
    throw std::invalid_argument("a t quantile needs 0 < confidence < 1 and a degree of freedom");
  }
  double low = 0;
  double high = 1;
  while (student_t_within(high, degrees_of_freedom) < confidence) high *= 2;
  // Halved until there is no number in between.
  for (double middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    (student_t_within(middle, degrees_of_freedom) < confidence ? low : high) = middle;
  }
  return high;
}

}  // namespace togglewise::energy
