// The training set with its split, and the order in which an epoch visits it.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/config/workload_config.h"
#include "sim/network/dataset.h"

namespace togglewise::compress {

struct TrainingData {
  network::Dataset images;       // the whole training set
  network::TrainingSplit split;  // what is trained on and what is held out
};

// `split_seed` is the seed `train` ran with: a later step that split differently would measure its
// accuracy limit on images the network has been trained on.
TrainingData read_training_data(const config::WorkloadConfig& workload, std::uint64_t split_seed);

// The images of `train` in the order of epoch `epoch`: a shuffle that depends on the seed and the
// epoch alone, so that a resumed run needs no generator state.
std::vector<std::size_t> epoch_order(const std::vector<std::size_t>& train, std::uint64_t seed,
                                     int epoch);

// The first `count` images of the training part, for traces and for the scales of activations.
std::vector<std::size_t> calibration_images(const TrainingData& data, int count);

}  // namespace togglewise::compress
