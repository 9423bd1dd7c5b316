#include "sim/energy/calibration.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "sim/base/hash.h"
#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/base/version.h"
#include "sim/energy/held_out_layers.h"
#include "sim/energy/measurement_checkpoint.h"
#include "sim/energy/operand_pool.h"
#include "sim/energy/table_precision.h"
#include "sim/energy/weight_measurement.h"

namespace togglewise::energy {
namespace {

constexpr std::size_t kShareCycles = 16384;

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
  tables.synthetic = traces.synthetic;
  tables.seed = params.seed;
  tables.precision = {params.weight_precision, params.cell_precision, params.cell_share,
                      params.transitions_per_weight};
  tables.weight_bits = config.array.weight_bits;
  tables.grouping = make_grouping(
      config.energy.grouping, {config.array.activation_bits, config.array.partial_sum_bits,
                               params.negative_activations || has_negative_activations(traces)});
  return tables;
}

// What is put through the gates, as far as precision asks for it.
struct Operands {
  OperandPool pool;
  OperandStream covering;
};

Operands draw_operands(const MacHardware& hardware, const network::Traces& traces,
                       const TransitionGrouping& grouping, const CalibrationParams& params) {
  Random random(params.seed);
  Operands operands;
  OperandSampler(hardware.shape(), traces)
      .extend(params.transitions_per_weight, params.segment_transitions, random, operands.pool);
  if (grouping.parts().size() > 1) {
    const int highest = (1 << (grouping.widths().activation_bits - 1)) - 1;
    const int lowest = grouping.widths().negative_activations ? -highest - 1 : 0;
    operands.covering =
        covering_stream(operands.pool, lowest, highest, params.covering_visits, random);
  }
  return operands;
}

// The first cycles of a pool: enough for how a weight's energy divides over components.
OperandStream beginning(const OperandStream& stream, std::size_t cycles) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(cycles, stream.cycles()));
  return {{stream.activation.begin(), stream.activation.begin() + count},
          {stream.partial_sum.begin(), stream.partial_sum.begin() + count},
          {stream.counted.begin(), stream.counted.begin() + count}};
}

// Everything that the energies depend on: a hash of it.
std::string measurement_key(const MacHardware& hardware, const Operands& operands) {
  std::string key = fmt::format("{} {} {}", kVersion, hardware.key(), hardware.engine().timing());
  for (const OperandStream* stream : {&operands.pool.stream, &operands.covering}) {
    key += ' ' + hash_bytes(stream->activation.data(), stream->cycles());
    key += ' ' + hash_bytes(stream->partial_sum.data(), stream->cycles() * sizeof(std::int32_t));
  }
  return hash_bytes(key);
}

}  // namespace

EnergyTables calibrate(const MacHardware& hardware, const network::Traces& traces,
                       const CalibrationParams& params, const ProgressFunction& progress) {
  EnergyTables tables = tables_of(hardware, traces, params);
  const TransitionGrouping& grouping = *tables.grouping;
  const Operands operands = draw_operands(hardware, traces, grouping, params);
  const OperandPool& pool = operands.pool;
  const OperandStream first = beginning(pool.stream, kShareCycles);
  MeasurementCheckpoint checkpoint(params.checkpoint, measurement_key(hardware, operands));

  MeasuredEnergies measured;
  const int low = -(1 << (tables.weight_bits - 1));
  const auto values = static_cast<std::size_t>(1) << tables.weight_bits;
  std::atomic<std::uint64_t> done{0};
  parallel_for(values, params.threads, [&](std::size_t i) {
    const int weight = low + static_cast<int>(i);
    const std::size_t w = weight_index(weight);
    tables.weights[w] = measure_weight(hardware, grouping, pool, operands.covering, params, weight,
                                       checkpoint, measured);
    tables.weights[w].share =
        hardware.component_shares(weight, first.activation, first.partial_sum);
    progress("gate-level energy per weight value", ++done, values);
  });

  FitParams fit = params.fit;
  fit.threads = params.threads;
  const HeldOutResult held_out =
      measure_held_out(grouping, pool, operands.covering, measured, fit, traces);
  tables.r_squared = held_out.r_squared;
  tables.held_out = held_out.layers;
  tables.parts = fit_parts(grouping, pool, operands.covering, measured, fit,
                           [](const Segment&) { return true; });
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    if (is_pair_part(grouping, p)) {
      tables.parts[p].covering_samples = params.covering_visits * fit.covering_in_pair;
    }
  }
  round_to_significance(tables);
  checkpoint.remove();
  return tables;
}

}  // namespace togglewise::energy
