// Student's t distribution, for confidence intervals of means.
#pragma once

namespace togglewise::energy {

// The t that a Student-t variable of so many degrees of freedom (≥ 1) exceeds in magnitude with
// probability 1 − confidence; 0 < confidence < 1.
double student_t_quantile(double confidence, int degrees_of_freedom);

// Probability that such a variable's magnitude is at most t ≥ 0.
double student_t_within(double t, int degrees_of_freedom);

}  // namespace togglewise::energy
