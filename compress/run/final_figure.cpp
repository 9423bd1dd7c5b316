#include "compress/run/final_figure.h"

#include <algorithm>

#include "compress/run/accuracy.h"
#include "compress/run/compress_report.h"
#include "compress/run/logits.h"

namespace togglewise::compress {

FinalFigure::FinalFigure(const StartingPoint& start, const CompressImages& images,
                         const HardwareModel& hardware, int energy_images, int threads,
                         const Reporter& reporter)
    : start_(start),
      images_(images),
      hardware_(hardware),
      energy_images_(images.reported),
      threads_(threads),
      reporter_(reporter),
      float_(compress::float_hits(start.initial, images.test, images.reported, threads)),
      dense_(hits_of(start.baseline)) {
  energy_images_.resize(std::min(energy_images_.size(), static_cast<std::size_t>(energy_images)));
}

std::vector<std::uint8_t> FinalFigure::hits_of(const network::QuantizedNetwork& network) const {
  return hits(network, images_.test, images_.reported, threads_);
}

energy::NetworkEnergy FinalFigure::energy_of(const network::QuantizedNetwork& network) const {
  return hardware_.gates(
      network::trace_network(network, images_.test, energy_images_,
                             std::to_string(energy_images_.size()) + " test images", threads_),
      reporter_.progress);
}

nlohmann::json FinalFigure::gates_of(const network::QuantizedNetwork& network) {
  if (energy_images_.empty() || !hardware_.gates) return {};
  if (!dense_energy_) dense_energy_ = energy_of(start_.baseline);
  return gate_energy_json(*dense_energy_, energy_of(network));
}

}  // namespace togglewise::compress
