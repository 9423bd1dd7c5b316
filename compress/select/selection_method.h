// Which int8 value every weight of a network takes. Methods plug in here, one file each
// (rate_distortion.h is ours; the baselines stand beside it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/energy/layer_cost.h"

namespace togglewise::compress {

// What a method sees of one layer, or of some channels of it. Weights are [channel][weight], real
// values.
struct LayerView {
  const float* weights = nullptr;
  int channels = 0;
  int weights_per_channel = 0;
  int output_pixels = 0;                    // HW_l: how often an image uses each weight
  const float* scale = nullptr;             // [channel] s: real value of one step
  const double* curvature = nullptr;        // [channel] F: mean squared gradient, > 0
  const energy::LayerCost* cost = nullptr;  // E_l(v)
  // [channel][weight]: 1 where the array holds the weight negated; null: nowhere.
  const std::uint8_t* negated = nullptr;
  const std::vector<int>* permitted = nullptr;  // ascending values to choose from, not empty

  std::size_t weight_count() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(weights_per_channel);
  }
  bool is_negated(std::size_t weight) const { return negated != nullptr && negated[weight] != 0; }
};

using NetworkView = std::vector<LayerView>;

// A method at one strength, prepared for the network as it stood.
class Selection {
 public:
  virtual ~Selection() = default;
  // Writes one permitted value for every weight of `part`, whole channels of layer `layer`.
  virtual void select(const LayerView& part, std::size_t layer, std::int8_t* values) const = 0;
};

// Strengths to search, ascending: a stronger selection costs less energy and more accuracy.
struct StrengthRange {
  double low = 0;
  double high = 0;
  bool geometric = true;      // the middle of two strengths is their geometric mean, else the mean
  std::vector<double> steps;  // not empty: these and no others
};

class SelectionMethod {
 public:
  virtual ~SelectionMethod() = default;
  virtual std::string name() const = 0;

  // Layers are decided one after the other (compress/run/layerwise_run.h) instead of all together.
  virtual bool layer_by_layer() const { return false; }

  // Where to look, without training, from the network before compression.
  virtual StrengthRange strengths(const NetworkView& network, int threads) const = 0;

  // `scale` holds the layer's steps in the dense network, [channel]; a method with other ones
  // changes them, before training.
  virtual void choose_scales(const LayerView& /*layer*/, double /*strength*/,
                             std::vector<float>& /*scale*/) const {}

  // The strength while training has only come `share` of its way to the full one.
  virtual double ramped(double strength, double share) const { return strength * share; }
  // The share at which that is `milder`, a strength below.
  virtual double share_at(double strength, double milder) const { return milder / strength; }

  // Whether training at `strength` may begin with what a trial at `milder`, a strength below, ended
  // with.
  virtual bool goes_on_from(double /*strength*/, double /*milder*/) const { return true; }

  virtual std::unique_ptr<const Selection> prepare(const NetworkView& network,
                                                   double strength) const = 0;

  // The share of all steps after which the values are limited to permitted_sets().
  virtual double sets_after() const = 0;

  // The permitted set of every layer, ascending, of at least one value and, unless it is 0, at most
  // `largest_set`.
  virtual std::vector<std::vector<int>> permitted_sets(const NetworkView& network, double strength,
                                                       int largest_set, int threads) const = 0;
};

// The nearest permitted value of every weight; the smaller one where two are as near.
void select_nearest(const LayerView& layer, std::int8_t* values);

}  // namespace togglewise::compress
