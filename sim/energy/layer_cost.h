// What the weight selection needs to know of energy: one number per layer and weight value.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/array/tile.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/layer_error.h"
#include "sim/energy/layer_statistics.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

// E_l(v): dynamic energy of one MAC transition in a PE of layer l that holds weight v, averaged
// over the layer's own activation and partial-sum statistics (fidelity `layer`, the paper's model).
struct LayerCost {
  std::string layer;
  // Per transition, of the layer's own weights (whether held negated or not); index v + 128.
  std::array<double, kWeightValues> energy_fj{};
  // The same for each row of the layer's reduction, [row][256]: weights go with the activity of
  // their channels, so that one number per value is not enough for the layer's energy.
  // Empty where only the means are known. Of the weights that the array holds: see `negated`.
  std::vector<float> row_energy_fj;
  // Per weight of the layer ([output channel][row of its group]): 1 where the array holds it
  // negated; empty: nowhere.
  std::vector<std::uint8_t> negated;
  // E_l(v) apart: of the weights that the array holds as they are, and of those that it holds
  // negated. Only where there are such.
  std::array<std::array<double, kWeightValues>, 2> of_sign_fj{};
  int groups = 1;  // of the convolution; rows are those of group 0, then of group 1, …
  // Per image: output pixels + 1 / batch size, the way in from zero and back to zero included.
  double transitions_per_weight = 0;
  LayerErrors errors;  // zero where only the statistics are known, not the tables

  std::size_t rows() const { return row_energy_fj.size() / kWeightValues; }
  double energy_of(int weight) const { return energy_fj[weight_index(weight)]; }
  double energy_of(int weight, bool is_negated) const {
    return negated.empty() ? energy_of(weight)
                           : of_sign_fj[is_negated ? 1 : 0][weight_index(weight)];
  }
  // What the array holds for the weight at `index` ([output channel][row of its group]). The
  // negative of −128 does not exist: a column with that value cannot be negated.
  int held(std::size_t index, int weight) const {
    if (negated.empty() || negated[index] == 0) return weight;
    return weight == -128 ? 127 : -weight;
  }
  // The row of `row_energy_fj` that the weight at `index` of `count` sits in.
  std::size_t row_of(std::size_t index, std::size_t count) const;
  // E_l of the weight at `index` of `count`, if it were `weight`.
  double energy_of_weight(std::size_t index, std::size_t count, int weight) const;
};

LayerCost layer_cost(const array::ArrayShape& shape, const network::TracedLayer& traced,
                     const LayerStatistics& statistics, double transitions_per_weight);
// With `errors`.
LayerCost layer_cost(const EnergyTables& tables, const array::ArrayShape& shape,
                     const network::TracedLayer& traced, const LayerStatistics& statistics,
                     double transitions_per_weight);

// The operands of a traced layer on an array of `shape`; the same for any number of threads.
LayerStatistics layer_statistics(const TableLookup& lookup, const array::ArrayShape& shape,
                                 const network::TracedLayer& layer, int batch_size, int threads);

// E_l(0) becomes that of hardware whose zero weights keep activations from their multipliers
// (config::HardwareConfig::Gating::zero_weight).
void keep_activations_from_zero_weights(const LayerStatistics& statistics, LayerCost& cost);

// One cost per traced layer; `gating` is the hardware's.
std::vector<LayerCost> layer_costs(const EnergyTables& tables, const array::ArrayShape& shape,
                                   const network::Traces& traces, int threads,
                                   const config::HardwareConfig::Gating& gating = {});

// Femtojoules per image, MAC dynamic, of a layer with these weights ([output channel][row of its
// group], as GemmLayer has them): Σ of E_l(row, w) · transitions_per_weight.
double layer_energy_fj(const LayerCost& cost, const std::vector<std::int8_t>& weights);

}  // namespace togglewise::energy
