#include "sim/energy/gate_measurement.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "sim/base/parallel.h"

namespace togglewise::energy {
namespace {

// What all PEs of the array see in one cycle, [row][column]: that of time t of a tile's stream.
std::vector<gate::PeOperands> operands_at(const array::ArrayShape& shape,
                                          const array::TileStreams& streams, std::size_t t) {
  std::vector<gate::PeOperands> operands;
  std::vector<std::int32_t> sum(static_cast<std::size_t>(shape.columns),
                                streams.partial_sum_offset);
  for (int r = 0; r < shape.rows; ++r) {
    const int row = r - streams.first_row;  // of the tile
    const bool used_row = row >= 0 && row < streams.used_rows;
    const std::int8_t activation = used_row ? streams.row(row)[t] : std::int8_t{0};
    for (int c = 0; c < shape.columns; ++c) {
      gate::PeOperands pe;
      pe.activation = activation;
      pe.partial_sum = sum[static_cast<std::size_t>(c)];
      if (used_row && c < streams.used_columns) {
        pe.weight = static_cast<std::int8_t>(streams.weight(row, c));
      }
      sum[static_cast<std::size_t>(c)] += pe.weight * activation;
      operands.push_back(pe);
    }
  }
  return operands;
}

// With the data path at rest.
std::vector<gate::PeOperands> at_rest(const ArrayWeights& weights, std::int32_t offset) {
  std::vector<gate::PeOperands> operands(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    operands[i].weight = weights[i];
    operands[i].partial_sum = offset;
  }
  return operands;
}

// Adds changes of all PEs, [row][column], to what the tile's PEs there are.
void add_changes(const MacHardware& hardware, const std::vector<gate::PeOperands>& before,
                 const std::vector<gate::PeOperands>& after, const array::TileStreams& tile,
                 int sign, GateTally& tally) {
  struct Part {
    EnergySum* sum;
    std::vector<gate::PeOperands> before, after;
  };
  std::array<Part, 3> parts{Part{&tally.joined_active, {}, {}},
                            Part{&tally.joined_idle_columns, {}, {}},
                            Part{&tally.joined_idle_rows, {}, {}}};
  const array::ArrayShape shape = hardware.shape();
  for (std::size_t i = 0; i < before.size(); ++i) {
    const int r = static_cast<int>(i) / shape.columns;
    const int c = static_cast<int>(i) % shape.columns;
    const bool idle_row = r < tile.first_row || r >= tile.first_row + tile.used_rows;
    Part& part = parts[c >= tile.used_columns ? 1 : idle_row ? 2 : 0];
    part.before.push_back(before[i]);
    part.after.push_back(after[i]);
  }
  for (const Part& part : parts) {
    part.sum->add(
        hardware.engine().sum_of_changes(part.before.data(), part.after.data(), part.before.size()),
        sign);
  }
}

}  // namespace

void GateTally::accumulate(const MacHardware& hardware, const array::TileStreams& streams,
                           int column, const gate::BitPlanes& partial_sum,
                           const gate::BitPlanes& sum, gate::BitPlanes& next) {
  hardware.accumulator_of(streams).run(
      partial_sum, sum, streams.is_negated(column), next,
      streams.negated.empty() ? accumulators : subtracting_accumulators);
}

double GateTally::accumulator_fj(const MacHardware& hardware) const {
  return hardware.accumulator().energy_fj(accumulators) +
         hardware.subtracting_accumulator().energy_fj(subtracting_accumulators);
}

std::vector<gate::BitPlanes> accumulator_start(const network::MappedTile& tile,
                                               std::size_t cycles) {
  std::vector<gate::BitPlanes> sums;
  for (const std::int32_t start : tile.accumulator_start) {
    sums.push_back(
        gate::BitPlanes::constant(start, cycles, kAccumulatorBits, gate::TimeOrder::interleaved));
  }
  return sums;
}

GateTally::GateTally(const MacHardware& hardware)
    : active(hardware.engine().make_tally()),
      idle_columns(hardware.engine().make_tally()),
      idle_rows(hardware.engine().make_tally()),
      first_idle_column(hardware.engine().make_tally()),
      zero_weight_quiet(hardware.engine().make_tally()),
      accumulators(hardware.accumulator().make_tally()),
      subtracting_accumulators(hardware.subtracting_accumulator().make_tally()) {}

GateTally& GateTally::operator+=(const GateTally& other) {
  active += other.active;
  idle_columns += other.idle_columns;
  idle_rows += other.idle_rows;
  first_idle_column += other.first_idle_column;
  zero_weight_quiet += other.zero_weight_quiet;
  for (std::size_t i = 0; i < accumulators.size(); ++i) accumulators[i] += other.accumulators[i];
  for (std::size_t i = 0; i < subtracting_accumulators.size(); ++i) {
    subtracting_accumulators[i] += other.subtracting_accumulators[i];
  }
  joined_active += other.joined_active;
  joined_idle_columns += other.joined_idle_columns;
  joined_idle_rows += other.joined_idle_rows;
  return *this;
}

ArrayWeights array_weights(const array::ArrayShape& shape, const array::TileStreams& streams) {
  ArrayWeights weights;
  for (int r = 0; r < shape.rows; ++r) {
    for (int c = 0; c < shape.columns; ++c) {
      const int row = r - streams.first_row;  // of the tile
      const bool used = row >= 0 && row < streams.used_rows && c < streams.used_columns;
      weights.push_back(used ? static_cast<std::int8_t>(streams.weight(row, c)) : std::int8_t{0});
    }
  }
  return weights;
}

GateMeasurement::GateMeasurement(const MacHardware& hardware, ArrayWeights weights_before,
                                 bool first_batch, bool for_gating)
    : hardware_(hardware),
      weights_before_(std::move(weights_before)),
      first_batch_(first_batch),
      for_gating_(for_gating) {}

void GateMeasurement::add(const network::MappedTile& tile, const array::TileStreams& streams,
                          int threads, GateTally& tally) {
  const array::ArrayShape shape = hardware_.shape();
  const gate::TimeOrder order = hardware_.engine().time_order();
  if (tile.starts_block) sums_ = accumulator_start(tile, streams.cycles);
  std::vector<gate::BitPlanes> activations(static_cast<std::size_t>(streams.used_rows));
  parallel_for(activations.size(), threads, [&](std::size_t r) {
    activations[r] = gate::BitPlanes::from_int8(streams.row(static_cast<int>(r)), streams.cycles,
                                                shape.activation_bits, order);
  });
  add_idle_columns(streams, activations, tally);
  const int groups = threads <= 1 ? 1 : std::min(2 * threads, streams.used_columns);
  if (groups == 1) {
    add_columns(streams, activations, 0, streams.used_columns, tally);
  } else {
    std::mutex mutex;
    parallel_for(static_cast<std::size_t>(groups), threads, [&](std::size_t i) {
      const int group = static_cast<int>(i);
      GateTally part(hardware_);
      add_columns(streams, activations, streams.used_columns * group / groups,
                  streams.used_columns * (group + 1) / groups, part);
      const std::lock_guard<std::mutex> lock(mutex);
      tally += part;
    });
  }
  if (hardware_.config().array.double_buffered_weights) join(streams, tally);
}

// All idle PEs of one row see the same: one stands for all.
void GateMeasurement::add_idle_columns(const array::TileStreams& streams,
                                       const std::vector<gate::BitPlanes>& activations,
                                       GateTally& tally) const {
  const array::ArrayShape shape = hardware_.shape();
  const int columns = shape.columns - streams.used_columns;
  if (columns == 0) return;
  const gate::MacEngine& engine = hardware_.engine();
  const gate::BitPlanes still = gate::BitPlanes::constant(
      streams.partial_sum_offset, streams.cycles, shape.partial_sum_bits, engine.time_order());
  gate::BitPlanes out;
  gate::ToggleTally one = engine.make_tally();
  for (const gate::BitPlanes& row : activations) engine.run(0, row, still, out, one);
  tally.idle_columns.add(one, static_cast<std::uint64_t>(columns));
  if (for_gating_) tally.first_idle_column += one;
}

void GateMeasurement::add_columns(const array::TileStreams& streams,
                                  const std::vector<gate::BitPlanes>& activations, int begin,
                                  int end, GateTally& tally) {
  const gate::MacEngine& engine = hardware_.engine();
  const array::ArrayShape shape = hardware_.shape();
  const gate::TimeOrder order = engine.time_order();
  const gate::BitPlanes no_activation(shape.activation_bits, streams.cycles, order);
  const gate::BitPlanes at_top = gate::BitPlanes::constant(
      streams.partial_sum_offset, streams.cycles, shape.partial_sum_bits, order);
  gate::BitPlanes in;
  gate::BitPlanes out;
  gate::ToggleTally below = engine.make_tally();
  const int rows_below = streams.rows_below(shape.rows);
  for (int c = begin; c < end; ++c) {
    in = at_top;
    for (int r = 0; r < streams.used_rows; ++r) {
      if (for_gating_ && streams.weight(r, c) == 0) {
        engine.run(0, no_activation, in, out, tally.zero_weight_quiet);
      }
      engine.run(streams.weight(r, c), activations[static_cast<std::size_t>(r)], in, out,
                 tally.active);
      std::swap(in, out);
    }
    // All idle PEs below see the same.
    if (rows_below > 0) engine.run(0, no_activation, in, out, below);
    if (in.order() != gate::TimeOrder::interleaved) {
      in = in.in_order(gate::TimeOrder::interleaved);
    }
    gate::BitPlanes& sum = sums_[static_cast<std::size_t>(c)];
    tally.accumulate(hardware_, streams, c, in, sum, out);
    std::swap(sum, out);
  }
  tally.idle_rows.add(below, static_cast<std::uint64_t>(rows_below));
}

// In every PE the wave that swaps double-buffered weights runs one cycle ahead of the tile's first
// vector: weight, activation and partial sum change in the same cycle. Without this, the streams
// have counted the last vector's way to zero and the first one's way from zero.
void GateMeasurement::join(const array::TileStreams& streams, GateTally& tally) {
  const array::ArrayShape shape = hardware_.shape();
  const ArrayWeights weights = array_weights(shape, streams);
  // Zeros enter in between where the tile before is shorter than loading and wave.
  const bool touching = before_ && before_->stream_length >= 2 * shape.rows + shape.columns - 1;
  const ArrayWeights old = before_ ? array_weights(shape, *before_) : weights_before_;
  const auto length = static_cast<std::size_t>(streams.stream_length);
  for (std::size_t batch = 0; batch < static_cast<std::size_t>(streams.batches); ++batch) {
    const std::vector<gate::PeOperands> first =
        operands_at(shape, streams, batch * (length + 1) + 1);
    const std::int32_t offset = streams.partial_sum_offset;
    std::vector<gate::PeOperands> last = at_rest(old, offset);
    if (!before_ && first_batch_ && batch == 0) last = at_rest(ArrayWeights(old.size(), 0), offset);
    if (touching) {
      const auto length_before = static_cast<std::size_t>(before_->stream_length);
      last = operands_at(shape, *before_, (batch + 1) * (length_before + 1) - 1);
      add_changes(hardware_, last, at_rest(old, offset), *before_, -1, tally);
    }
    add_changes(hardware_, at_rest(weights, offset), first, streams, -1, tally);
    add_changes(hardware_, last, first, streams, 1, tally);
  }
  before_ = streams;
}

EnergyBreakdown gate_energy(const MacHardware& hardware, const GateTally& tally) {
  const gate::MacEngine& engine = hardware.engine();
  gate::ComponentEnergies active = engine.energy(tally.active);
  active += tally.joined_active.total();
  EnergyBreakdown breakdown;
  breakdown.multiplier_fj = active.multiplier_fj;
  breakdown.adder_fj = active.adder_fj;
  breakdown.partial_sum_register_fj = active.partial_sum_register_fj;
  breakdown.activation_register_fj = active.activation_register_fj;
  breakdown.pin_loads_fj = active.pin_loads_fj;
  breakdown.idle_columns_fj =
      engine.energy(tally.idle_columns).total_fj() + tally.joined_idle_columns.total().total_fj();
  breakdown.idle_rows_fj =
      engine.energy(tally.idle_rows).total_fj() + tally.joined_idle_rows.total().total_fj();
  breakdown.accumulator_fj = tally.accumulator_fj(hardware);
  return breakdown;
}

}  // namespace togglewise::energy
