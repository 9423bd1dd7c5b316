#include "compress/run/accuracy.h"

#include <cmath>
#include <numeric>

#include "sim/base/parallel.h"
#include "sim/network/inference.h"

namespace togglewise::compress {

namespace {

constexpr std::size_t images_per_task = 64;

}  // namespace

nlohmann::json Accuracy::to_json() const {
  return {{"correct", correct}, {"images", images}, {"top1_percent", percent()}};
}

std::vector<std::uint8_t> hits(const network::QuantizedNetwork& network,
                               const network::Dataset& dataset,
                               const std::vector<std::size_t>& indices, int threads) {
  network::require_images_fit(network, dataset);
  const network::IntegerInference inference(network);
  std::vector<std::uint8_t> result(indices.size());
  const std::size_t tasks = (indices.size() + images_per_task - 1) / images_per_task;
  parallel_for(tasks, threads, [&](std::size_t task) {
    const std::size_t end = std::min(indices.size(), (task + 1) * images_per_task);
    for (std::size_t i = task * images_per_task; i < end; ++i) {
      result[i] = inference.classify(dataset.image(indices[i])) == dataset.labels[indices[i]];
    }
  });
  return result;
}

Accuracy accuracy_of(const std::vector<std::uint8_t>& hits) {
  return {std::accumulate(hits.begin(), hits.end(), std::size_t{0}), hits.size()};
}

std::vector<std::size_t> all_images(const network::Dataset& dataset) {
  std::vector<std::size_t> indices(dataset.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

AccuracyDrop accuracy_drop(const std::vector<std::uint8_t>& before,
                           const std::vector<std::uint8_t>& after) {
  double lost = 0;
  double differing = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    lost += static_cast<double>(before[i]) - after[i];
    differing += before[i] != after[i];
  }
  const double images = before.empty() ? 1.0 : static_cast<double>(before.size());
  const double variance = std::max(0.0, differing - lost * lost / images);
  return {100.0 * lost / images, 100.0 * std::sqrt(variance) / images};
}

}  // namespace togglewise::compress
