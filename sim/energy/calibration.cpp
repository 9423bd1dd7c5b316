#include "sim/energy/calibration.h"

#include <atomic>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/base/version.h"
#include "sim/energy/held_out_layers.h"
#include "sim/energy/operand_pool.h"

namespace togglewise::energy {
namespace {

// Mean over the segments and its standard error, weighted by their length.
void set_mean(const OperandPool& pool, const std::vector<float>& energy_fj, WeightEnergy& weight) {
  double sum = 0;
  double count = 0;
  std::vector<double> segment_fj;
  for (const Segment& segment : pool.segments) {
    double fj = 0;
    for (std::size_t i = 0; i < segment.transitions; ++i) fj += energy_fj[segment.begin + i];
    segment_fj.push_back(fj);
    sum += fj;
    count += static_cast<double>(segment.transitions);
  }
  weight.transitions = static_cast<std::uint64_t>(count);
  weight.mean_fj = sum / count;
  double square = 0;
  for (std::size_t s = 0; s < segment_fj.size(); ++s) {
    const double rest =
        segment_fj[s] - weight.mean_fj * static_cast<double>(pool.segments[s].transitions);
    square += rest * rest;
  }
  const auto segments = static_cast<double>(segment_fj.size());
  weight.standard_error_fj =
      segments < 2 ? 0 : std::sqrt(square * segments / (segments - 1)) / count;
}

std::vector<float> energies_fj(const MacHardware& hardware, int weight,
                               const OperandStream& stream) {
  if (stream.cycles() < 2) return {};
  std::vector<float> energy(stream.cycles() - 1);
  hardware.engine().transition_energies_fj(
      weight, stream.activation.data(), stream.partial_sum.data(), stream.cycles(), energy.data());
  return energy;
}

EnergyTables tables_of(const MacHardware& hardware, const network::Traces& traces,
                       const CalibrationParams& params) {
  const config::HardwareConfig& config = hardware.config();
  EnergyTables tables;
  tables.tool_version = kVersion;
  tables.hardware_name = config.name;
  tables.hardware_key = hardware.key();
  tables.library = hardware.library().name();
  tables.corner = fmt::format("{} V, {} °C", hardware.library().voltage(),
                              hardware.library().temperature_celsius());
  tables.netlist_hash = hardware.netlist().hash();
  tables.timing = hardware.engine().timing();
  tables.traces_hash = traces.model_hash;
  tables.operand_source = traces.image_source;
  tables.seed = params.seed;
  tables.weight_bits = config.array.weight_bits;
  tables.grouping = make_grouping(config.energy.grouping,
                                  {config.array.activation_bits, config.array.partial_sum_bits,
                                   has_negative_activations(traces)});
  return tables;
}

}  // namespace

EnergyTables calibrate(const MacHardware& hardware, const network::Traces& traces,
                       const CalibrationParams& params, const ProgressFunction& progress) {
  EnergyTables tables = tables_of(hardware, traces, params);
  Random random(params.seed);
  OperandPool pool;
  OperandSampler(hardware.shape(), traces)
      .extend(params.transitions_per_weight, params.segment_transitions, random, pool);
  OperandStream covering;
  if (tables.grouping->parts().size() > 1) {
    const int highest = (1 << (tables.grouping->widths().activation_bits - 1)) - 1;
    const int lowest = tables.grouping->widths().negative_activations ? -highest - 1 : 0;
    covering = covering_stream(pool, lowest, highest, params.covering_visits, random);
  }

  MeasuredEnergies measured;
  const int low = -(1 << (tables.weight_bits - 1));
  const auto values = static_cast<std::size_t>(1) << tables.weight_bits;
  std::atomic<std::uint64_t> done{0};
  parallel_for(values, params.threads, [&](std::size_t i) {
    const int weight = low + static_cast<int>(i);
    const std::size_t w = weight_index(weight);
    measured.pool_fj[w] = energies_fj(hardware, weight, pool.stream);
    measured.covering_fj[w] = energies_fj(hardware, weight, covering);
    set_mean(pool, measured.pool_fj[w], tables.weights[w]);
    tables.weights[w].share =
        hardware.component_shares(weight, pool.stream.activation, pool.stream.partial_sum);
    progress("gate-level energy per weight value", ++done, values);
  });

  FitParams fit = params.fit;
  fit.threads = params.threads;
  const HeldOutResult held_out =
      measure_held_out(*tables.grouping, pool, covering, measured, fit, traces);
  tables.r_squared = held_out.r_squared;
  tables.held_out = held_out.layers;
  tables.parts = fit_parts(*tables.grouping, pool, covering, measured, fit,
                           [](const Segment&) { return true; });
  return tables;
}

}  // namespace togglewise::energy
