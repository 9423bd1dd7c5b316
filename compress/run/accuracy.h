// Accuracy of integer networks, image by image, so that two networks can be compared as a pair.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/network/dataset.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress {

struct Accuracy {
  std::size_t correct = 0;
  std::size_t images = 0;

  double percent() const { return images == 0 ? 0.0 : 100.0 * correct / images; }
  nlohmann::json to_json() const;  // correct, images, top1_percent
};

// 1 where the integer network is right, 0 where it is wrong, in the order of `indices`.
std::vector<std::uint8_t> hits(const network::QuantizedNetwork& network,
                               const network::Dataset& dataset,
                               const std::vector<std::size_t>& indices, int threads);

Accuracy accuracy_of(const std::vector<std::uint8_t>& hits);

std::vector<std::size_t> all_images(const network::Dataset& dataset);

// Accuracy lost from `before` to `after` on the same images, in points, and its standard error:
// only images on which the two differ carry noise (McNemar), so √(differing) / images.
struct AccuracyDrop {
  double points = 0;
  double standard_error_points = 0;
};
AccuracyDrop accuracy_drop(const std::vector<std::uint8_t>& before,
                           const std::vector<std::uint8_t>& after);

}  // namespace togglewise::compress
