#include "compress/schedule/layerwise_schedule.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace togglewise::compress {

LayerwiseSchedule::LayerwiseSchedule(const std::vector<double>& layer_energy_fj,
                                     double limit_points, LayerwiseScheduleParams params)
    : energy_fj_(layer_energy_fj),
      limit_points_(limit_points),
      params_(std::move(params)),
      order_(layer_energy_fj.size()) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return energy_fj_[a] > energy_fj_[b]; });
}

double LayerwiseSchedule::allowed_drop_points() const {
  double all_fj = 0;
  double decided_fj = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    all_fj += energy_fj_[order_[i]];
    if (i <= decided_) decided_fj += energy_fj_[order_[i]];
  }
  const double share = all_fj > 0 ? decided_fj / all_fj : 1.0;
  return limit_points_ * (params_.in_advance + (1.0 - params_.in_advance) * share);
}

bool LayerwiseSchedule::report(double drop_points) {
  const bool accepted = drop_points <= allowed_drop_points();
  ++attempt_;
  if (accepted || attempt_ == params_.settings.size()) {
    ++decided_;
    attempt_ = 0;
  }
  return accepted;
}

void LayerwiseSchedule::restore(std::size_t decided) {
  decided_ = decided;
  attempt_ = 0;
}

}  // namespace togglewise::compress
