#include "compress/data/training_data.h"

#include <algorithm>
#include <utility>

#include "sim/base/random.h"

namespace togglewise::compress {

TrainingData read_training_data(const config::WorkloadConfig& workload, std::uint64_t split_seed) {
  TrainingData data;
  data.images = network::read_training_set(workload);
  data.split =
      network::split_training_set(data.images.size(), workload.dataset.holdout_images, split_seed);
  return data;
}

std::vector<std::size_t> epoch_order(const std::vector<std::size_t>& train, std::uint64_t seed,
                                     int epoch) {
  // The golden-ratio constant keeps neighbouring (seed, epoch) pairs on different streams.
  Random random(seed * 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(epoch) + 1);
  std::vector<std::size_t> order = train;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

std::vector<std::size_t> calibration_images(const TrainingData& data, int count) {
  const std::size_t wanted = std::min(static_cast<std::size_t>(count), data.split.train.size());
  return {data.split.train.begin(), data.split.train.begin() + static_cast<std::ptrdiff_t>(wanted)};
}

}  // namespace togglewise::compress
