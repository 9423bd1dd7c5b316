// What the tensors of a float network hold on calibration images.
#pragma once

#include <vector>

#include "sim/base/progress.h"
#include "sim/quantize/float_inference.h"
#include "sim/quantize/value_histogram.h"

namespace togglewise::quantize {

struct Calibration {
  ValueHistogram pixels;                // normalized
  std::vector<ValueHistogram> tensors;  // [node], after its clamp
  // [node]: mean feature map of the layer's input; empty for other operations.
  std::vector<std::vector<double>> mean_inputs;

  const ValueHistogram& tensor(int index) const {
    return index < 0 ? pixels : tensors[static_cast<std::size_t>(index)];
  }
};

// Runs the images `indices` of `dataset`; the same to the last bit for any number of threads.
// Throws TW-PTQ-008 when a value is not finite, naming the node.
Calibration calibrate(const graph::FloatNetwork& network, const network::Dataset& dataset,
                      const std::vector<std::size_t>& indices, int threads,
                      const ProgressFunction& progress = no_progress);

}  // namespace togglewise::quantize
