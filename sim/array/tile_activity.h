// What gating cares about in a tile's streams: which activations are zero, which move, and where
// partial sums can change. The same for every set of gating options.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/array/tile_streams.h"

namespace togglewise::array {

using BitCounts = std::array<std::uint64_t, 8>;  // per bit of an activation
std::uint64_t sum_of(const BitCounts& counts);

// One row, all batches. A batch's stream begins and ends with zero; its last move is that back to
// zero. Flags are those of gated_activation.sv: `zero` is high at rest, `move` low.
struct RowActivity {
  std::uint64_t nonzero = 0;               // cycles with an activation that is not zero
  std::uint64_t moves = 0;                 // cycles with another activation than the cycle before
  std::uint64_t nonzero_moves = 0;         // cycles with both
  std::uint64_t zero_toggles = 0;          // of the zero flag
  std::uint64_t move_toggles = 0;          // of the move flag
  std::uint64_t nonzero_move_toggles = 0;  // of both flags' AND
  BitCounts toggles{};                     // of the activation
  // Of a register that keeps the last nonzero activation, after a batch's first one.
  BitCounts held_toggles{};
  std::vector<std::int8_t> first;  // per batch: its first and its last nonzero activation, or 0
  std::vector<std::int8_t> last;
  std::uint64_t used_weights = 0;          // columns whose weight is not zero
  std::vector<std::uint8_t> ends_nonzero;  // per batch: whether its last activation is not zero
};

// Sums over PEs. `changed` is the flag beside the partial sum: written in the cycle before. It
// rises with a move in a row with a nonzero weight, and comes down from above.
struct ChangeActivity {
  std::uint64_t cycles = 0;   // PEs · cycles in which the partial sum is written
  std::uint64_t toggles = 0;  // of the flags of all PEs
  // What the logic before them sees. `used` PEs have a nonzero weight; the others of the used
  // columns pass the flag on.
  std::uint64_t used_above_toggles = 0;
  std::uint64_t used_move_toggles = 0;
  std::uint64_t used_toggles = 0;
  std::uint64_t unused_above_toggles = 0;
  std::uint64_t unused_move_toggles = 0;
  // Of the deskew registers: as many as the column has of them times those of the bottom's flag.
  std::uint64_t deskew_cycles = 0;
  std::uint64_t deskew_toggles = 0;
  // Per used column: batches in which the bottom's flag is high in the last cycle that it can be.
  std::vector<std::uint64_t> high_at_end;
};

struct TileActivity {
  int first_row = 0;
  int used_rows = 0;
  int used_columns = 0;
  int stream_length = 0;
  std::uint64_t batches = 0;
  std::vector<RowActivity> rows;  // per used row
  ChangeActivity changes;
};

TileActivity tile_activity(const ArrayShape& shape, const TileStreams& streams);

}  // namespace togglewise::array
