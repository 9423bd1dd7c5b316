// What a finished compression is, as JSON and as lines for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/energy/layer_cost.h"
#include "sim/network/quantized_network.h"
#include "sim/network/traces.h"

namespace togglewise::compress {

// A network with the operands its layers see and what they cost.
struct MeasuredNetwork {
  network::QuantizedNetwork network;
  network::Traces traces;
  std::vector<energy::LayerCost> costs;  // one for each GEMM layer

  double energy_fj() const;  // per image, fidelity `layer`
};

struct CompressResult {
  MeasuredNetwork before;
  MeasuredNetwork after;
  std::vector<std::uint8_t> holdout_before, holdout_after;  // 1 where right
  std::vector<std::uint8_t> test_before, test_after;
  nlohmann::json trials;
  std::optional<int> chosen_trial;  // nothing: `after` is the dense network
};

// Keys accuracy, energy, layers, trials, chosen_trial.
nlohmann::json compress_json(const CompressResult& result);

// One line about a finished trial from its record.
std::string trial_line(const nlohmann::json& record);

}  // namespace togglewise::compress
