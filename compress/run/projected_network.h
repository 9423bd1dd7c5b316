// A network under training whose layers compute with selected int8 values: what the trials of all
// methods and schedules have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compress/quantize/quantized_weights.h"
#include "compress/run/starting_point.h"
#include "compress/run/tensor_file.h"
#include "compress/run/train_epoch.h"
#include "compress/select/network_selection.h"

namespace togglewise::compress {

class ProjectedNetwork {
 public:
  // Begins with the weights of `start`, which must outlive this.
  ProjectedNetwork(const StartingPoint& start, SelectionContext context, const SgdParams& sgd,
                   int threads);

  // Scales as `method` wants them at this strength.
  void choose_scales(const SelectionMethod& method, double strength);

  // Every weight's value is chosen anew.
  void select(const Selection& selection);
  void select(const SelectionMethod& method, double strength);

  // The selected values as what a step computes with; valid until the next selection.
  StepWeights step_weights() const;

  NetworkView view() const;
  // The integer network with the selected values, and no permitted ones.
  network::QuantizedNetwork exported(const BatchStatistics& statistics) const;
  // The same with batch norm statistics of training images under these values, and permitted
  // values.
  network::QuantizedNetwork finished(const CompressImages& images, const EpochParams& epochs) const;
  // With the statistics that training keeps, for measuring costs on the way.
  network::QuantizedNetwork running() const { return exported(state.statistics); }

  void set_costs(const std::vector<energy::LayerCost>& costs);
  // What each layer is permitted and took.
  nlohmann::json layer_log() const;

  // Into a checkpoint and back; restore() throws what restore_state() throws.
  void add_to(TensorFile& content) const;
  void restore(const TensorFile& content, const std::string& source);

  TrainableNetwork network;
  TrainingState state;
  Sgd optimizer;
  SelectionContext context;  // costs are brought up to date and sets become narrower
  QuantizedWeights quantized;

 private:
  const StartingPoint& start_;
  int threads_;
};

}  // namespace togglewise::compress
