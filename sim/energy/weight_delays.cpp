#include "sim/energy/weight_delays.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/base/version.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/operand_pool.h"
#include "sim/gate/settling_engine.h"
#include "sim/tech/case_timing.h"

namespace togglewise::energy {
namespace {

using gate::MacTransition;
using Transitions = std::vector<MacTransition>;

constexpr std::size_t kTracedSegment = 64;  // transitions of one PE in a row

// Partial sums that may enter a PE: those of the rows above it. What leaves fits the register.
int highest_partial_sum(const config::HardwareConfig::Array& array) {
  return (array.rows - 1) << (array.weight_bits + array.activation_bits - 2);
}

// Every ordered pair of different activations, sums drawn uniformly.
Transitions activation_pairs(const config::HardwareConfig::Array& array, std::uint64_t seed) {
  Random random(seed);
  const int limit = highest_partial_sum(array);
  const int half = 1 << (array.activation_bits - 1);
  Transitions pairs;
  for (int before = -half; before < half; ++before) {
    for (int after = -half; after < half; ++after) {
      if (before == after) continue;
      MacTransition pair{static_cast<std::int8_t>(before), static_cast<std::int8_t>(after), 0, 0};
      pair.partial_sum_before = random.between(-limit, limit);
      pair.partial_sum_after = random.between(-limit, limit);
      pairs.push_back(pair);
    }
  }
  return pairs;
}

// For every activation, sums with which the result is ±2^k or one less: carries then run through
// all bits from the k-th up, or from the lowest up to it. Before that, operands drawn uniformly.
Transitions directed_at_carries(const config::HardwareConfig::Array& array, int weight,
                                std::uint64_t seed) {
  Random random(seed);
  const int limit = highest_partial_sum(array);
  const int half = 1 << (array.activation_bits - 1);
  Transitions directed;
  for (int activation = -half; activation < half; ++activation) {
    for (int k = 0; k < array.partial_sum_bits - 1; ++k) {
      for (const int result : {1 << k, (1 << k) - 1, -(1 << k), -(1 << k) - 1}) {
        MacTransition one;
        one.activation_before = static_cast<std::int8_t>(random.between(-half, half - 1));
        one.partial_sum_before = random.between(-limit, limit);
        one.activation_after = static_cast<std::int8_t>(activation);
        one.partial_sum_after = result - weight * activation;
        if (std::abs(one.partial_sum_after) <= limit) directed.push_back(one);
      }
    }
  }
  return directed;
}

// Wider operands would be cut off at the MAC's ports.
void require_operands_fit(const MacHardware& hardware, const network::Traces& traces) {
  const config::HardwareConfig::Array& array = hardware.config().array;
  const auto fit = [](const std::vector<std::int8_t>& values, int bits) {
    const int half = 1 << (bits - 1);
    return std::all_of(values.begin(), values.end(),
                       [&](int value) { return value >= -half && value < half; });
  };
  for (const network::TracedLayer& layer : traces.layers) {
    if (fit(layer.layer.weights, array.weight_bits) && fit(layer.ifmaps, array.activation_bits)) {
      continue;
    }
    throw Error::input("TW-DELAY-007",
                       fmt::format("the traces' layer {} has wider operands than {}",
                                   layer.layer.name, hardware.config().name))
        .at(hardware.config().file.string())
        .expected(fmt::format("weights of {} bits and activations of {}", array.weight_bits,
                              array.activation_bits));
  }
}

Transitions traced(const MacHardware& hardware, const network::Traces& traces,
                   const WeightDelayParams& params) {
  require_operands_fit(hardware, traces);
  Random random(params.seed);
  OperandPool pool;
  OperandSampler(hardware.shape(), traces)
      .extend(params.traced_transitions, kTracedSegment, random, pool);
  const OperandStream& stream = pool.stream;
  Transitions result;
  for (std::size_t t = 0; t + 1 < stream.cycles(); ++t) {
    if (stream.counted[t] == 0) continue;
    result.push_back({stream.activation[t], stream.activation[t + 1], stream.partial_sum[t],
                      stream.partial_sum[t + 1]});
  }
  return result;
}

tech::EnergyParameters parameters_of(const config::HardwareConfig& config) {
  return {config.technology.input_slew_ns, config.technology.wire_capacitance_ff_per_fanout,
          config.clock_period_ps};
}

void require_standing_weights(const config::HardwareConfig& config) {
  if (config.array.double_buffered_weights) {
    throw Error::input("TW-DELAY-004",
                       "weights that are double-buffered change while operands stream: no path "
                       "can be left out for them")
        .at(config.file.string())
        .expected("array.double_buffered_weights: false");
  }
  if (config.gating.any()) {
    throw Error::input("TW-DELAY-005", "a gated PE's paths have cells that its MAC does not have")
        .at(config.file.string())
        .expected("a configuration without the section 'gating'");
  }
}

WeightDelays describe(const MacHardware& hardware) {
  WeightDelays delays;
  delays.tool_version = kVersion;
  delays.hardware_name = hardware.config().name;
  delays.hardware_key = hardware.key();
  delays.netlist_hash = hardware.netlist().hash();
  delays.library = hardware.library().name();
  delays.weight_bits = hardware.config().array.weight_bits;
  delays.clock_period_ps = hardware.config().clock_period_ps;
  delays.critical_path_ps = hardware.timing().critical_path_ps;
  const tech::EnergyParameters parameters = parameters_of(hardware.config());
  for (const Accumulator* one : {&hardware.accumulator(), &hardware.subtracting_accumulator()}) {
    delays.accumulator_path_ps =
        std::max(delays.accumulator_path_ps,
                 tech::analyze_timing(one->netlist(), parameters).critical_path_ps);
  }
  return delays;
}

// The longest settling time of either sort of transitions. Rounding of single precision must not
// lift what is seen above what is possible.
struct Longest {
  double any_ps = 0;
  double nonnegative_ps = 0;
};
Longest longest(const gate::SettlingEngine& engine, const Transitions& transitions,
                double any_bound_ps, double nonnegative_bound_ps) {
  std::vector<float> settled_ps(transitions.size());
  engine.settle(transitions.data(), transitions.size(), settled_ps.data());
  Longest result;
  for (std::size_t t = 0; t < transitions.size(); ++t) {
    const double here_ps = static_cast<double>(settled_ps[t]);
    result.any_ps = std::max(result.any_ps, here_ps);
    if (transitions[t].activation_before >= 0 && transitions[t].activation_after >= 0) {
      result.nonnegative_ps = std::max(result.nonnegative_ps, here_ps);
    }
  }
  result.any_ps = std::min(result.any_ps, any_bound_ps);
  result.nonnegative_ps = std::min(result.nonnegative_ps, nonnegative_bound_ps);
  return result;
}

// Static timing with this weight; with nonnegative activations the sign bit stands at 0, too.
double weight_sta_ps(const MacHardware& hardware, const tech::TimingArcs& arcs, int weight,
                     Activations activations) {
  std::vector<tech::HeldPort> held{{"weight", static_cast<std::uint64_t>(weight)}};
  if (activations == Activations::nonnegative) {
    held.push_back({"activation_in", 0, 1ULL << (hardware.config().array.activation_bits - 1)});
  }
  // The critical path is the same sum in another unit: rounding must not make more of a part of it.
  return std::min(tech::longest_path_ps(tech::CaseAnalysis(hardware.netlist(), held), arcs),
                  hardware.timing().critical_path_ps);
}

}  // namespace

std::string to_string(DelayKind kind) { return kind == DelayKind::sta ? "sta" : "sensitized"; }

WeightDelays measure_weight_delays(const MacHardware& hardware, const network::Traces* traces,
                                   const WeightDelayParams& params,
                                   const ProgressFunction& progress) {
  const config::HardwareConfig::Array& array = hardware.config().array;
  require_standing_weights(hardware.config());
  WeightDelays delays = describe(hardware);
  const Transitions pairs = activation_pairs(array, params.seed);
  Transitions real_operands;
  if (traces != nullptr && params.traced_transitions > 0) {
    real_operands = traced(hardware, *traces, params);
    delays.operand_source = traces->image_source;
  }
  delays.seed = params.seed;
  delays.pair_transitions = pairs.size();
  delays.traced_transitions = real_operands.size();

  const tech::TimingArcs arcs =
      tech::timing_arcs(hardware.netlist(), parameters_of(hardware.config()));
  const auto values = static_cast<std::size_t>(1 << array.weight_bits);
  std::vector<std::uint64_t> directed_counts(values);
  std::atomic<std::uint64_t> done{0};
  const std::string step = "delay of each weight value";
  parallel_for(values, params.threads, [&](std::size_t i) {
    const int weight = delays.lowest_weight() + static_cast<int>(i);
    const std::size_t index = weight_index(weight);
    DelayColumns& any = delays.any;
    DelayColumns& nonnegative = delays.nonnegative;
    any.sta_ps[index] = weight_sta_ps(hardware, arcs, weight, Activations::any);
    nonnegative.sta_ps[index] = weight_sta_ps(hardware, arcs, weight, Activations::nonnegative);
    const gate::SettlingEngine engine(hardware.netlist(), arcs, weight);
    const Transitions directed = directed_at_carries(array, weight, params.seed);
    directed_counts[i] = directed.size();
    for (const Transitions* tried : {&std::as_const(real_operands), &pairs, &directed}) {
      const Longest seen = longest(engine, *tried, any.sta_ps[index], nonnegative.sta_ps[index]);
      if (tried == &real_operands) {
        any.traced_ps[index] = seen.any_ps;
        nonnegative.traced_ps[index] = seen.nonnegative_ps;
      }
      any.sensitized_ps[index] = std::max(any.sensitized_ps[index], seen.any_ps);
      nonnegative.sensitized_ps[index] =
          std::max(nonnegative.sensitized_ps[index], seen.nonnegative_ps);
    }
    progress(step, ++done, values);
  });
  delays.directed_transitions = *std::max_element(directed_counts.begin(), directed_counts.end());
  return delays;
}

double delay_ps(const WeightDelays& delays, int weight, const DelayChoice& choice) {
  const DelayColumns& columns = delays.of(choice.activations);
  const auto& column = choice.kind == DelayKind::sta ? columns.sta_ps : columns.sensitized_ps;
  const double as_given_ps = column[weight_index(weight)];
  if (choice.signs == Signs::as_given || weight == delays.lowest_weight()) return as_given_ps;
  return std::max(as_given_ps, column[weight_index(-weight)]);
}

std::vector<int> values_within(const WeightDelays& delays, double limit_ps,
                               const DelayChoice& choice) {
  std::vector<int> values;
  for (int weight = delays.lowest_weight(); weight <= delays.highest_weight(); ++weight) {
    if (delay_ps(delays, weight, choice) <= limit_ps) values.push_back(weight);
  }
  return values;
}

double longest_delay_ps(const WeightDelays& delays, const std::vector<int>& values,
                        const DelayChoice& choice) {
  double longest_ps = 0;
  for (const int weight : values) {
    longest_ps = std::max(longest_ps, delay_ps(delays, weight, choice));
  }
  return longest_ps;
}

double longest_delay_ps(const WeightDelays& delays, const DelayChoice& choice) {
  return longest_delay_ps(
      delays, values_within(delays, std::numeric_limits<double>::infinity(), choice), choice);
}

void require_delays_match(const WeightDelays& delays, const MacHardware& hardware,
                          const std::string& file) {
  if (delays.hardware_key == hardware.key()) return;
  throw Error::input("TW-DELAY-003",
                     fmt::format("the delays are those of another MAC or library ({} of {})",
                                 delays.hardware_name, delays.library))
      .at(file)
      .expected(fmt::format("delays of {}", hardware.config().name))
      .hint(fmt::format("togglewise delays --hw {}", hardware.config().file.string()));
}

}  // namespace togglewise::energy
