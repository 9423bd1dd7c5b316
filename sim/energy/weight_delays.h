// How long a MAC takes with each weight value standing still: what a limit on delays permits.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/base/progress.h"
#include "sim/energy/energy_tables.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

// By weight_index(); 0 for values outside of weight_bits. From the clock edge to the next one:
// clock to Q, path, setup.
struct DelayColumns {
  // Static timing with the weight as a constant: no transition takes longer.
  std::array<double, kWeightValues> sta_ps{};
  // The longest settling time (sim/gate/settling_engine.h) over all transitions tried: a longer one
  // may exist, of sums that were not tried.
  std::array<double, kWeightValues> sensitized_ps{};
  // The same over the traced transitions alone.
  std::array<double, kWeightValues> traced_ps{};
};

// What streams through the PE: behind a ReLU nothing below zero, and the activation's sign bit and
// all that hangs on it stands still too.
enum class Activations { any, nonnegative };

struct WeightDelays {
  std::string tool_version;
  std::string hardware_name;
  std::string hardware_key;  // MacHardware::key(): netlist, library, slew, wire load
  std::string netlist_hash;
  std::string library;
  int weight_bits = 8;
  double clock_period_ps = 0;
  double critical_path_ps = 0;     // static timing of the MAC, no weight given
  double accumulator_path_ps = 0;  // of the columns' accumulators, which have the MACs' supply

  // What sensitized_ps has seen of activations of any sign, per weight value.
  std::uint64_t pair_transitions = 0;      // every pair of different activations, random sums
  std::uint64_t directed_transitions = 0;  // at most: sums that make carries run
  std::uint64_t traced_transitions = 0;    // of real operands
  std::string operand_source;              // of these; "" without
  std::uint64_t seed = 0;

  DelayColumns any;
  DelayColumns nonnegative;

  const DelayColumns& of(Activations activations) const {
    return activations == Activations::any ? any : nonnegative;
  }
  int lowest_weight() const { return -(1 << (weight_bits - 1)); }
  int highest_weight() const { return (1 << (weight_bits - 1)) - 1; }
};

enum class DelayKind { sta, sensitized };
std::string to_string(DelayKind kind);

// Whether a column may hold its weights negated (a mapping's column_sign): then a value needs both
// signs within the limit. The lowest value, whose negative does not exist, is never negated.
enum class Signs { as_given, either };

// Which of a value's delays is asked for.
struct DelayChoice {
  DelayKind kind = DelayKind::sta;
  Signs signs = Signs::as_given;
  Activations activations = Activations::any;
};
double delay_ps(const WeightDelays& delays, int weight, const DelayChoice& choice);

struct WeightDelayParams {
  std::uint64_t traced_transitions = 16384;  // per weight value, where there are traces
  std::uint64_t seed = 1;
  int threads = 1;
};

// `traces` may be null. Throws TW-DELAY-004 for hardware on which weights do not stand still while
// operands stream (double-buffered), TW-DELAY-005 for gated PEs, whose paths have other cells,
// TW-DELAY-007 for traces of wider operands than the MAC's.
WeightDelays measure_weight_delays(const MacHardware& hardware, const network::Traces* traces,
                                   const WeightDelayParams& params,
                                   const ProgressFunction& progress = no_progress);

// The weight values that settle within the limit; ascending.
std::vector<int> values_within(const WeightDelays& delays, double limit_ps,
                               const DelayChoice& choice);
// Longest delay of these values, or of all; 0 for none.
double longest_delay_ps(const WeightDelays& delays, const std::vector<int>& values,
                        const DelayChoice& choice);
double longest_delay_ps(const WeightDelays& delays, const DelayChoice& choice);

// `delays.json` of `togglewise delays`. Throws TW-DELAY-001 for a file that is none or lacks
// something, TW-DELAY-002 for delays that contradict each other.
WeightDelays read_weight_delays(const std::filesystem::path& file);

// Throws TW-DELAY-003 unless the delays are those of this MAC on these cells.
void require_delays_match(const WeightDelays& delays, const MacHardware& hardware,
                          const std::string& file);

}  // namespace togglewise::energy
