#include "sim/energy/weight_measurement.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace togglewise::energy {
namespace {

enum Stream { pool_stream, covering_stream_of_pairs };

// Of cycles [begin, begin + cycles): one energy less.
std::vector<float> energies_fj(const MacHardware& hardware, int weight, const OperandStream& stream,
                               Stream which, std::size_t begin, std::size_t cycles,
                               MeasurementCheckpoint& checkpoint) {
  if (cycles < 2) return {};
  const MeasuredBlock block{weight, which, begin, cycles};
  std::vector<float> energy_fj = checkpoint.find(block);
  if (energy_fj.size() == cycles - 1) return energy_fj;
  energy_fj.resize(cycles - 1);
  hardware.engine().transition_energies_fj(weight, stream.activation.data() + begin,
                                           stream.partial_sum.data() + begin, cycles,
                                           energy_fj.data());
  checkpoint.add(block, energy_fj);
  return energy_fj;
}

// Cycles up to the end of the segment in which the pool has `transitions`.
std::size_t cycles_of(const OperandPool& pool, std::uint64_t transitions) {
  std::uint64_t sum = 0;
  for (const Segment& segment : pool.segments) {
    sum += segment.transitions;
    if (sum >= transitions) return segment.begin + segment.transitions + 1;
  }
  return pool.stream.cycles();
}

struct LayerSums {
  double segments = 0;
  double transitions = 0;
  double fj = 0;
  double square = 0;  // Σ over segments of (energy − mean · transitions)²
};

}  // namespace

void set_mean(const OperandPool& pool, const std::vector<float>& energy_fj, WeightEnergy& weight) {
  std::map<std::size_t, LayerSums> layers;
  std::vector<double> segment_fj;
  for (const Segment& segment : pool.segments) {
    if (segment.begin + segment.transitions > energy_fj.size()) break;
    double fj = 0;
    for (std::size_t i = 0; i < segment.transitions; ++i) fj += energy_fj[segment.begin + i];
    segment_fj.push_back(fj);
    LayerSums& layer = layers[segment.layer];
    layer.segments += 1;
    layer.transitions += static_cast<double>(segment.transitions);
    layer.fj += fj;
  }
  for (std::size_t s = 0; s < segment_fj.size(); ++s) {
    LayerSums& layer = layers[pool.segments[s].layer];
    const double rest = segment_fj[s] - layer.fj / layer.transitions *
                                            static_cast<double>(pool.segments[s].transitions);
    layer.square += rest * rest;
  }
  double fj = 0;
  double transitions = 0;
  double variance = 0;
  for (const auto& [name, layer] : layers) {
    fj += layer.fj;
    transitions += layer.transitions;
    // One segment tells nothing of its layer's spread: its whole energy is taken for it.
    variance += layer.segments < 2 ? layer.fj * layer.fj
                                   : layer.square * layer.segments / (layer.segments - 1);
  }
  weight.transitions = static_cast<std::uint64_t>(transitions);
  weight.mean_fj = transitions > 0 ? fj / transitions : 0;
  weight.standard_error_fj = transitions > 0 ? std::sqrt(variance) / transitions : 0;
}

WeightEnergy measure_weight(const MacHardware& hardware, const TransitionGrouping& grouping,
                            const OperandPool& pool, const OperandStream& covering,
                            const CalibrationParams& params, int weight,
                            MeasurementCheckpoint& checkpoint, MeasuredEnergies& measured) {
  const std::size_t w = weight_index(weight);
  WeightEnergy energy;
  std::vector<float>& pool_fj = measured.pool_fj[w];
  measured.covering_fj[w] = energies_fj(hardware, weight, covering, covering_stream_of_pairs, 0,
                                        covering.cycles(), checkpoint);
  std::size_t begin = 0;
  std::uint64_t aim = std::min(params.first_transitions, pool.transitions);
  while (true) {
    const std::size_t end = cycles_of(pool, aim);
    const std::vector<float> more =
        energies_fj(hardware, weight, pool.stream, pool_stream, begin, end - begin, checkpoint);
    if (begin > 0) pool_fj.push_back(0);  // from one segment to the next: none
    pool_fj.insert(pool_fj.end(), more.begin(), more.end());
    begin = end;
    set_mean(pool, pool_fj, energy);
    energy.precise_share =
        share_in_precise_cells(grouping, pool, covering, measured, weight, params.fit,
                               params.cell_precision * energy.mean_fj);
    const bool reached = energy.standard_error_fj <= params.weight_precision * energy.mean_fj &&
                         energy.precise_share >= params.cell_share;
    if (reached || end >= pool.stream.cycles()) return energy;
    aim = std::min(2 * aim, pool.transitions);
  }
}

}  // namespace togglewise::energy
