// One trial of compression: the network trained on under one method at one strength.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/run/starting_point.h"
#include "compress/run/train_epoch.h"
#include "compress/select/network_selection.h"
#include "sim/base/progress.h"

namespace togglewise::compress {

struct TrialParams {
  double strength = 0;
  EpochParams epochs;
  SgdParams sgd;
  double ramp = 0.3;    // share of all steps over which the strength grows to its full value
  int largest_set = 0;  // values a layer may have; 0: as many as the method likes
};

struct TrialInput {
  const StartingPoint* start = nullptr;
  const CompressImages* images = nullptr;
  const LossFunction* loss = nullptr;
  const SelectionContext* context = nullptr;  // costs, curvatures, scales, what is permitted
  const SelectionMethod* method = nullptr;
  // What a milder trial of the same search ended with, to go on from: the strength grows from its
  // to this one's. "": the trial begins with `start`.
  std::filesystem::path parent;
  double parent_strength = 0;
  // Costs of a network that has changed: asked for at the start of every epoch behind the ramp.
  std::function<std::vector<energy::LayerCost>(const network::QuantizedNetwork&)> costs;
  // Points of accuracy below the float network, on the first so many images of the limit: for
  // schedules that look on their way.
  std::function<double(const network::QuantizedNetwork&, std::size_t images)> limit_drop;
  // A checkpoint is kept here between epochs; another trial's is not used.
  std::filesystem::path checkpoint;
  std::string fingerprint;
};

struct TrialOutcome {
  network::QuantizedNetwork network;                   // permitted_values filled; no metadata
  nlohmann::json epochs;                               // log
  nlohmann::json layers;                               // what was permitted and taken, by layer
  nlohmann::json decisions = nlohmann::json::array();  // of schedules that make some on their way
};

// Whether `file` holds what the trial of that fingerprint ended with, after `epochs`.
bool is_finished_state(const std::filesystem::path& file, const std::string& fingerprint,
                       int epochs);

// Goes on from the checkpoint where there is one. `go_on` is asked before every epoch: the trial is
// given up, and nothing returned, when it says no.
std::optional<TrialOutcome> run_trial(const TrialInput& input, const TrialParams& params,
                                      const std::string& step_name,
                                      const ProgressFunction& progress,
                                      const std::function<bool()>& go_on);

}  // namespace togglewise::compress
