// How dear it is to stream one output pixel of a layer directly after another: what pixel orders
// are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/mapping/activation_costs.h"
#include "sim/network/traces.h"

namespace togglewise::mapping {

struct PixelDistanceParams {
  // Of the array: which weights the layer's mapping negates depends on its tiles. 0: a mapping
  // without tiles.
  int array_rows = 0;
  int array_columns = 0;
  // Also what PEs right of the used columns spend to pass the activation on, as weights of zero.
  // MAC dynamic energy leaves them out.
  bool idle_columns = false;
  // Reduction indices that are looked at, drawn at random where a layer has more: sums over so many
  // rows hardly differ from sums over all.
  std::size_t most_rows = 1024;
  std::uint64_t seed = 1;
  // Up to so many pixels distances between all pairs are known; beyond, only to those at most
  // `window_radius` lines and columns away.
  int most_dense_pixels = 4096;
  int window_radius = 3;
  // How many images' worth the mean over all pairs of pixels with the same offset counts beside the
  // pair's own: what few images say of a pair is noisy. 0: the images alone, as beyond
  // most_dense_pixels.
  double offset_weight = 1;
};

// Mean over images, in the unit of the costs (femtojoules, or weighted bits): what all PEs that
// hold a weight of the layer spend when activations change from one output pixel's to another's.
// Node pixels() is the zero vector, with which every stream begins and ends. Symmetric.
class PixelDistances {
 public:
  PixelDistances(int height, int width, int window_radius);  // all zero; radius 0: dense

  int height() const { return height_; }
  int width() const { return width_; }
  std::size_t pixels() const {
    return static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_);
  }
  std::size_t nodes() const { return pixels() + 1; }
  std::size_t zero_node() const { return pixels(); }
  bool dense() const { return radius_ == 0; }
  int window_radius() const { return radius_; }

  // Between pixels too far apart to be known: the mean of pairs drawn at random.
  float operator()(std::size_t a, std::size_t b) const {
    return dense() ? values[a * nodes() + b] : windowed(a, b);
  }

  float far_distance() const { return far_; }
  // [nodes][nodes] of dense ones; else [pixels][(2·radius + 1)²], the offsets line by line.
  std::vector<float> values;
  std::vector<float> from_zero;  // [nodes], of windowed ones
  void set_far_distance(float distance) { far_ = distance; }

  // Of another layer with as many lines and columns: what both layers spend, streamed in one order.
  PixelDistances& operator+=(const PixelDistances& other);

 private:
  float windowed(std::size_t a, std::size_t b) const;

  int height_;
  int width_;
  int radius_;
  float far_ = 0;
};

// `images`: indices of the layer's images. At most `threads` threads; the same bytes for any number
// of them.
PixelDistances pixel_distances(const network::TracedLayer& layer, const std::vector<int>& images,
                               const ActivationCosts& costs, const PixelDistanceParams& params,
                               int threads);

}  // namespace togglewise::mapping
