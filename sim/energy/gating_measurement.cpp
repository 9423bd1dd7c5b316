#include "sim/energy/gating_measurement.h"

#include <algorithm>
#include <utility>

namespace togglewise::energy {
namespace {

using array::BitCounts;
using gate::BitPlanes;

void add(const BitCounts& bits, std::uint64_t times, BitCounts& sum) {
  for (std::size_t i = 0; i < bits.size(); ++i) sum[i] += times * bits[i];
}

void add(const std::vector<std::uint64_t>& tally, std::uint64_t times,
         std::vector<std::uint64_t>& sum) {
  if (sum.empty()) sum.resize(tally.size(), 0);
  for (std::size_t i = 0; i < tally.size(); ++i) sum[i] += times * tally[i];
}

void add(const array::ChangeActivity& one, array::ChangeActivity& sum) {
  sum.cycles += one.cycles;
  sum.toggles += one.toggles;
  sum.used_above_toggles += one.used_above_toggles;
  sum.used_move_toggles += one.used_move_toggles;
  sum.used_toggles += one.used_toggles;
  sum.unused_above_toggles += one.unused_above_toggles;
  sum.unused_move_toggles += one.unused_move_toggles;
  sum.deskew_cycles += one.deskew_cycles;
  sum.deskew_toggles += one.deskew_toggles;
}

// A row's streams with two cycles of rest between batches, so that flags come to rest as well.
struct RowPlanes {
  BitPlanes raw, previous, held, zero, move;

  // What no stage looks at is left out: `held` without zero_activation, where the flag is constant.
  RowPlanes(const array::TileStreams& streams, int row, int activation_bits, bool with_zero,
            bool with_raw) {
    const auto length = static_cast<std::size_t>(streams.stream_length);
    const auto batches = static_cast<std::size_t>(streams.batches);
    const std::size_t cycles = batches * (length + 2) + 1;
    std::vector<std::int8_t> a(cycles, 0), before(cycles, 0), last(cycles, 0), is_zero(cycles, 1),
        moves(cycles, 0);
    for (std::size_t b = 0; b < batches; ++b) {
      std::copy_n(streams.row(row) + b * (length + 1) + 1, length,
                  a.begin() + static_cast<std::ptrdiff_t>(b * (length + 2) + 1));
    }
    for (std::size_t t = 1; t < cycles; ++t) {
      before[t] = a[t - 1];
      last[t] = a[t] != 0 ? a[t] : last[t - 1];
      is_zero[t] = a[t] == 0 ? 1 : 0;
      moves[t] = a[t] != a[t - 1] ? 1 : 0;
    }
    const auto planes = [&](const std::vector<std::int8_t>& values, int bits) {
      return BitPlanes::from_int8(values.data(), cycles, bits, gate::TimeOrder::interleaved);
    };
    move = planes(moves, 1);
    if (with_raw) {
      raw = planes(a, activation_bits);
      previous = planes(before, activation_bits);
    }
    zero = BitPlanes(1, cycles, gate::TimeOrder::interleaved);
    if (!with_zero) return;
    held = planes(last, activation_bits);
    zero = planes(is_zero, 1);
  }
};

}  // namespace

GatingSets::GatingSets(std::vector<std::shared_ptr<const GatingHardware>> of)
    : sets(std::move(of)) {
  for (const auto& set : sets) {
    const GatedStage* stage = &set->stage();
    if (!stage->activation) {
      stage_of.push_back(-1);
      continue;
    }
    const auto found = std::find(stages.begin(), stages.end(), stage);
    stage_of.push_back(static_cast<int>(found - stages.begin()));
    if (found == stages.end()) stages.push_back(stage);
  }
}

StageTally& StageTally::operator+=(const StageTally& other) {
  add(other.active, 1, active);
  add(other.idle, 1, idle);
  add(other.first_idle, 1, first_idle);
  add(other.port, 1, port);
  return *this;
}

GatingTally::GatingTally(const GatingSets& sets)
    : clocks(sets.sets.size()), enables(sets.sets.size()) {
  for (const GatedStage* stage : sets.stages) {
    StageTally tally;
    tally.active = tally.idle = tally.first_idle = stage->activation->make_tally();
    if (stage->port) tally.port = stage->port->make_tally();
    stages.push_back(std::move(tally));
  }
}

GatingTally& GatingTally::operator+=(const GatingTally& other) {
  add(other.active_bits, 1, active_bits);
  add(other.zero_weight_bits, 1, zero_weight_bits);
  add(other.idle_bits, 1, idle_bits);
  add(other.first_idle_bits, 1, first_idle_bits);
  add(other.changes, changes);
  idle_moves += other.idle_moves;
  first_idle_moves += other.first_idle_moves;
  skew_zero += other.skew_zero;
  skew_move += other.skew_move;
  skew_nonzero_move += other.skew_nonzero_move;
  for (std::size_t i = 0; i < stages.size(); ++i) stages[i] += other.stages[i];
  for (std::size_t i = 0; i < clocks.size(); ++i) {
    clocks[i] += other.clocks[i];
    enables[i] += other.enables[i];
  }
  return *this;
}

GatingMeasurement::GatingMeasurement(const array::ArrayShape& shape, const GatingSets& sets,
                                     const array::ClockCounter::Place& before,
                                     std::uint64_t batches_behind)
    : shape_(shape), sets_(sets) {
  for (const auto& set : sets.sets) {
    counters_.emplace_back(shape, set->gating());
    if (batches_behind > 0) counters_.back().follow(before, batches_behind);
  }
}

void GatingMeasurement::add(const array::TileStreams& streams, GatingTally& tally) {
  const array::TileActivity activity = array::tile_activity(shape_, streams);
  const auto columns = static_cast<std::uint64_t>(streams.used_columns);
  const auto idle_columns = static_cast<std::uint64_t>(shape_.columns - streams.used_columns);
  const std::uint64_t first_idle = idle_columns > 0 ? 1 : 0;
  for (int r = 0; r < streams.used_rows; ++r) {
    const array::RowActivity& row = activity.rows[static_cast<std::size_t>(r)];
    energy::add(row.toggles, columns, tally.active_bits);
    energy::add(row.toggles, columns - row.used_weights, tally.zero_weight_bits);
    energy::add(row.toggles, idle_columns, tally.idle_bits);
    energy::add(row.toggles, first_idle, tally.first_idle_bits);
    tally.idle_moves += idle_columns * row.move_toggles;
    tally.first_idle_moves += first_idle * row.move_toggles;
    const auto stages = static_cast<std::uint64_t>(streams.first_row + r);
    tally.skew_zero += stages * row.zero_toggles;
    tally.skew_move += stages * row.move_toggles;
    tally.skew_nonzero_move += stages * row.nonzero_move_toggles;
    if (!sets_.stages.empty()) add_row(streams, row, r, tally);
  }
  energy::add(activity.changes, tally.changes);
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    const array::ClockCounter::EnableToggles before = counters_[i].enable_toggles();
    counters_[i].add(activity, tally.clocks[i]);
    tally.enables[i] += counters_[i].enable_toggles() - before;
  }
}

// PEs of a row differ in no more than whether their weight is zero.
void GatingMeasurement::add_row(const array::TileStreams& streams,
                                const array::RowActivity& activity, int row,
                                GatingTally& tally) const {
  const auto any = [&](const auto& condition) {
    return std::any_of(sets_.stages.begin(), sets_.stages.end(),
                       [&](const GatedStage* stage) { return condition(*stage); });
  };
  const RowPlanes planes(
      streams, row, shape_.activation_bits,
      any([](const GatedStage& stage) { return stage.options.zero_activation; }),
      any([](const GatedStage& stage) { return stage.port || !stage.options.zero_activation; }));
  const std::uint64_t used = activity.used_weights;
  const std::uint64_t unused = static_cast<std::uint64_t>(streams.used_columns) - used;
  const auto idle = static_cast<std::uint64_t>(shape_.columns - streams.used_columns);
  for (std::size_t s = 0; s < sets_.stages.size(); ++s) {
    const GatedStage& stage = *sets_.stages[s];
    StageTally& sum = tally.stages[s];
    const BitPlanes& data = stage.options.zero_activation ? planes.held : planes.raw;
    for (const bool weight_used : {true, false}) {
      if ((weight_used ? used : unused + idle) == 0) continue;
      std::vector<std::uint64_t> one = stage.activation->make_tally();
      stage.activation->run(weight_used, data, planes.zero, planes.move, one);
      energy::add(one, weight_used ? used : unused, sum.active);
      if (weight_used || idle == 0) continue;
      energy::add(one, idle, sum.idle);
      energy::add(one, 1, sum.first_idle);
    }
    if (stage.port) stage.port->run(planes.raw, planes.previous, sum.port);
  }
}

}  // namespace togglewise::energy
