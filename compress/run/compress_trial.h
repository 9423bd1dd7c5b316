// One trial of compression: the network trained on under one multiplier μ.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/data/training_data.h"
#include "compress/run/gradient_shards.h"
#include "compress/run/sgd.h"
#include "compress/schedule/learning_rate.h"
#include "compress/select/network_selection.h"
#include "compress/select/permitted_set.h"
#include "sim/base/progress.h"

namespace togglewise::compress {

struct TrialParams {
  double multiplier = 0;  // μ: units of loss per femtojoule
  int epochs = 3;
  int batch_size = 128;
  ShardPlan plan;
  LearningRateSchedule learning_rate{0.01};
  SgdParams sgd;
  std::uint64_t seed = 1;
  double ramp = 0.3;       // share of all steps over which μ grows linearly to its full value
  double cut_after = 0.6;  // share of all steps after which values of negligible use are cut
  PermittedSetParams permitted;
};

struct TrialInput {
  const network::QuantizedNetwork* baseline = nullptr;  // geometry and scales of activations
  const TrainingData* data = nullptr;
  const Parameters* start = nullptr;  // in real numbers; not changed
  const LossFunction* loss = nullptr;
  const SelectionContext* context = nullptr;  // costs, curvatures, scales, what is permitted
  const WeightSelector* selector = nullptr;
  // Costs of the network as it has become; asked for at the end of the ramp and before the cut.
  std::function<std::vector<energy::LayerCost>(const network::QuantizedNetwork&)> costs;
};

struct TrialOutcome {
  network::QuantizedNetwork network;  // permitted_values filled; no metadata
  nlohmann::json epochs;              // log
  nlohmann::json layers;              // what was permitted and taken, by layer
};

TrialOutcome run_trial(const TrialInput& input, const TrialParams& params,
                       const std::string& step_name, const ProgressFunction& progress);

}  // namespace togglewise::compress
