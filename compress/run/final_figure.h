// The figure that a compression reports, on images that decided nothing: made once, at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/run/run_support.h"
#include "compress/run/starting_point.h"
#include "compress/select/cost_model.h"
#include "sim/energy/network_energy.h"

namespace togglewise::compress {

class FinalFigure {
 public:
  // The first `energy_images` reported images go through the gates, where there are some. All
  // arguments must outlive this.
  FinalFigure(const StartingPoint& start, const CompressImages& images,
              const HardwareModel& hardware, int energy_images, int threads,
              const Reporter& reporter);

  // 1 where right, of the float network and of dense int8, on the reported images.
  const std::vector<std::uint8_t>& float_hits() const { return float_; }
  const std::vector<std::uint8_t>& dense_hits() const { return dense_; }
  std::vector<std::uint8_t> hits_of(const network::QuantizedNetwork& network) const;

  // gate_energy_json() against dense int8; null without images or gates.
  nlohmann::json gates_of(const network::QuantizedNetwork& network);

 private:
  energy::NetworkEnergy energy_of(const network::QuantizedNetwork& network) const;

  const StartingPoint& start_;
  const CompressImages& images_;
  const HardwareModel& hardware_;
  std::vector<std::size_t> energy_images_;
  int threads_;
  const Reporter& reporter_;
  std::vector<std::uint8_t> float_, dense_;
  std::optional<energy::NetworkEnergy> dense_energy_;
};

}  // namespace togglewise::compress
