// What a layer's streams make of gating: clocked cycles, and toggles of the circuits that gating
// adds. Integers: sums do not depend on their order.
#pragma once

#include <memory>
#include <vector>

#include "sim/array/clock_counter.h"
#include "sim/array/tile_activity.h"
#include "sim/array/tile_streams.h"
#include "sim/energy/gating_hardware.h"

namespace togglewise::energy {

// Sets of options that are measured together, and their stages, each once.
struct GatingSets {
  std::vector<std::shared_ptr<const GatingHardware>> sets;
  std::vector<const GatedStage*> stages;  // with circuits of their own
  std::vector<int> stage_of;              // per set; −1: has none

  GatingSets() = default;
  explicit GatingSets(std::vector<std::shared_ptr<const GatingHardware>> of);
  bool empty() const { return sets.empty(); }
};

// Toggles in a stage's circuits.
struct StageTally {
  std::vector<std::uint64_t> active;      // PEs that hold a weight
  std::vector<std::uint64_t> idle;        // PEs right of the used columns
  std::vector<std::uint64_t> first_idle;  // the first one of each row
  std::vector<std::uint64_t> port;
  StageTally& operator+=(const StageTally& other);
};

struct GatingTally {
  // Activation toggles at PEs, per bit.
  array::BitCounts active_bits{};
  array::BitCounts zero_weight_bits{};  // of `active_bits`: PEs with a weight of 0
  array::BitCounts idle_bits{};         // right of the used columns
  array::BitCounts first_idle_bits{};   // in the first column of these
  array::ChangeActivity changes;        // without high_at_end
  std::uint64_t idle_moves = 0;         // toggles of move flags right of the used columns
  std::uint64_t first_idle_moves = 0;
  // Toggles of enables of skew registers, were it by these flags.
  std::uint64_t skew_zero = 0;
  std::uint64_t skew_move = 0;
  std::uint64_t skew_nonzero_move = 0;
  std::vector<StageTally> stages;                           // as in GatingSets
  std::vector<array::ClockCounts> clocks;                   // per set
  std::vector<array::ClockCounter::EnableToggles> enables;  // per set

  GatingTally() = default;
  explicit GatingTally(const GatingSets& sets);
  GatingTally& operator+=(const GatingTally& other);
};

// The tiles of a layer one behind the other, for some batches of images. Registers that keep an
// activation begin every layer with zero.
class GatingMeasurement {
 public:
  // `before`: the tile that ran last before the layer's first one, in `batches_behind` batches.
  GatingMeasurement(const array::ArrayShape& shape, const GatingSets& sets,
                    const array::ClockCounter::Place& before, std::uint64_t batches_behind);

  void add(const array::TileStreams& streams, GatingTally& tally);

 private:
  void add_row(const array::TileStreams& streams, const array::RowActivity& activity, int row,
               GatingTally& tally) const;

  array::ArrayShape shape_;
  const GatingSets& sets_;
  std::vector<array::ClockCounter> counters_;  // per set
};

}  // namespace togglewise::energy
