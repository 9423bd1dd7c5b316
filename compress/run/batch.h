// Images of a training step: augmented once, then seen by the student and by its teacher.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "compress/data/augmentation.h"
#include "sim/config/workload_config.h"
#include "sim/network/dataset.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// Some images of a dataset, perhaps augmented.
struct Batch {
  const network::Dataset* dataset = nullptr;
  std::vector<std::size_t> images;   // indices in the dataset
  std::vector<std::uint8_t> pixels;  // [image][channel][row][column]
  // Room for the teacher's answer, in a batch that a loss is asked about again and again.
  std::shared_ptr<torch::Tensor> kept_answer;

  std::size_t size() const { return images.size(); }
};

// The images as they are.
Batch make_batch(const network::Dataset& dataset, const std::size_t* images, std::size_t count);

// Augmented: the image at `position` of epoch `epoch` depends on these and the seed alone.
struct AugmentedEpoch {
  AugmentationParams params;
  std::uint64_t seed = 1;
  int epoch = 0;
};
Batch make_batch(const network::Dataset& dataset, const std::size_t* images, std::size_t count,
                 const AugmentedEpoch& augmentation, std::size_t position);

// Left and right exchanged.
Batch mirrored(const Batch& batch);

AugmentationParams augmentation_of(const config::WorkloadConfig& workload);

// What `network` sees of the images: [image][channel][row][column], whole numbers of its input grid
// with `integer`, else normalized pixels.
torch::Tensor input_of(const Batch& batch, const network::QuantizedNetwork& network, bool integer);

}  // namespace togglewise::compress
