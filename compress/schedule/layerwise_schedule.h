// The layer schedule of arXiv:2511.17123: layers in the order of their energy, the dearest first;
// each tries the hardest setting and a milder one every time the accuracy check fails; all share
// one accuracy limit.
#pragma once

#include <cstddef>
#include <vector>

namespace togglewise::compress {

struct LayerSetting {
  double pruned_share = 0;  // of the layer's weights
  int set_size = 0;         // values left
};

struct LayerwiseScheduleParams {
  // Hardest first.
  std::vector<LayerSetting> settings = {{0.9, 4},  {0.9, 8},  {0.85, 8}, {0.75, 8},
                                        {0.65, 8}, {0.5, 16}, {0.3, 32}};
  // The part of the limit that the first layer may use already; the rest is given out in
  // proportion to the energy of the layers decided. Checks come before the final training, and
  // without any part in advance noise alone refuses the first layers.
  double in_advance = 0.5;
};

class LayerwiseSchedule {
 public:
  LayerwiseSchedule(const std::vector<double>& layer_energy_fj, double limit_points,
                    LayerwiseScheduleParams params);

  bool finished() const { return decided_ == order_.size(); }
  // What to try next.
  std::size_t layer() const { return order_[decided_]; }
  const LayerSetting& setting() const { return params_.settings[attempt_]; }
  double allowed_drop_points() const;

  // Of the setting tried; whether it is accepted. A refused layer that has no milder setting left
  // stays as it was.
  bool report(double drop_points);

  std::size_t decided() const { return decided_; }  // layers

  // Goes on where another run of the same schedule was after `decided` layers.
  void restore(std::size_t decided);

 private:
  std::vector<double> energy_fj_;
  double limit_points_;
  LayerwiseScheduleParams params_;
  std::vector<std::size_t> order_;
  std::size_t decided_ = 0;
  std::size_t attempt_ = 0;
};

}  // namespace togglewise::compress
