// What is used in place of gate-level tables, each calibrated as well as its form allows.
#pragma once

#include <vector>

#include "sim/study/study_model.h"

namespace togglewise::study {

// mac-count          a
// non-zero-macs      a + b·[w ≠ 0 and a1 ≠ 0]
// weight-popcount    a + b·popcount(w), two's complement
// weight-magnitude   a + b·|w|
// hamming-distance   a·HD(a0, a1) + b·HD(in0, in1)
// weight-mean        E(w): a mean for every weight value, the same in all layers
// a and b are least-squares coefficients over the transitions of the layers that a fit may use,
// each layer's weights counted as often as they occur in it, times its transitions per weight.
std::vector<StudyModel> simple_models(const StudySamples& samples, const network::Traces& traces);

}  // namespace togglewise::study
