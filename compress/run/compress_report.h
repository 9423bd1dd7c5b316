// What a finished compression is, as JSON, as a table and as lines for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/energy/layer_cost.h"
#include "sim/energy/network_energy.h"
#include "sim/network/quantized_network.h"
#include "sim/network/traces.h"

namespace togglewise::compress {

// A network with the operands its layers see and what they cost.
struct MeasuredNetwork {
  network::QuantizedNetwork network;
  network::Traces traces;
  std::vector<energy::LayerCost> costs;  // one for each GEMM layer

  double energy_fj() const;  // per image, fidelity `layer`
  // Of each layer, whether the array holds some of its weights negated.
  std::vector<bool> negated_layers() const;
};

// 1 where right, of the networks on one set of images.
struct Hits {
  std::vector<std::uint8_t> in_real_numbers, before, after;
};

struct CompressResult {
  MeasuredNetwork before;
  MeasuredNetwork after;
  Hits limit, reported;
  nlohmann::json trials;
  std::optional<int> chosen_trial;  // nothing: `after` is the dense network
};

// Keys accuracy, energy, layers, trials, chosen_trial.
nlohmann::json compress_json(const CompressResult& result);

// MAC dynamic and total energy per image of both networks on the same images, and the reduction
// with its 95 % interval (half width, from the images' ratios).
nlohmann::json gate_energy_json(const energy::NetworkEnergy& before,
                                const energy::NetworkEnergy& after);

// One line about a finished trial from its record.
std::string trial_line(const nlohmann::json& record);

// Trials as a table: strength, energy, accuracy, whether another trial beats it.
std::string pareto_csv(const nlohmann::json& trials);

// Indices of the trials that no other beats in both energy and accuracy, by ascending energy.
std::vector<std::size_t> pareto_front(const nlohmann::json& trials);

}  // namespace togglewise::compress
