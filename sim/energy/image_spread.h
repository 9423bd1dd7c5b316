// Confidence intervals of energies that are means over images.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace togglewise::energy {

// All intervals are 95 % ones: the mean over more and more images of the kind lies within
// mean ± half-width with this probability.
constexpr double kConfidence = 0.95;

// At most so many batches of a run are looked at one by one.
constexpr int kSampledBatches = 64;

// Energies of single batches of images, per image, estimated (image_sample.h) and scaled so
// that their mean is the measured one. Batches are evenly spaced over the run. Images
// that are streamed as one batch stand for one observation: the last image's way into the next
// one is shared.
struct ImageEnergies {
  std::vector<double> mac_dynamic_fj;
  std::vector<double> dynamic_fj;

  ImageEnergies& operator+=(const ImageEnergies& other);  // the same batches in another layer
};

// Of energies per image. Clock, leakage and the loading of weights do not vary with the image: the
// half-width of the total is that of dynamic.
struct HalfWidths {
  double mac_dynamic_fj = 0;
  double dynamic_fj = 0;
  double total_fj() const { return dynamic_fj; }
};

// Of the mean over `count` observations of which `observed` ones are known: t · s / √count, t of as
// many degrees of freedom as s has. Absent where fewer than two are known.
std::optional<double> half_width_of_mean(const std::vector<double>& observed, int count);

// Of the ratio of two means over the same images, Σ after / Σ before: observations are paired.
std::optional<double> half_width_of_ratio(const std::vector<double>& before,
                                          const std::vector<double>& after, int count);

// `batches` in all.
std::optional<HalfWidths> half_widths(const ImageEnergies& energies, int batches);

// Of after − before on the same images: the spread that both networks share cancels.
std::optional<HalfWidths> half_widths_of_difference(const ImageEnergies& before,
                                                    const ImageEnergies& after, int batches);

}  // namespace togglewise::energy
