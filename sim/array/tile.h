// One tile as the array sees it, and what is counted while it runs.
#pragma once

#include <cstdint>
#include <vector>

namespace togglewise::array {

// The hardware's shape; widths in bits.
struct ArrayShape {
  int rows = 0;
  int columns = 0;
  int weight_bits = 8;
  int activation_bits = 8;
  int partial_sum_bits = 22;
};

// weight_bits + activation_bits + ceil(log2(rows)): wide enough for every sum of `rows` products,
// the corner rows·(−2^(w−1))·(−2^(a−1)) included (22 bits for 64 rows of 8×8).
int required_partial_sum_bits(int rows, int weight_bits, int activation_bits);

// Operands of one tile. Rows [first_row, first_row + used_rows) and columns [0, used_columns) hold
// the layer; the rest of the array is idle: its weights and activations are zero.
struct TileOperands {
  int used_rows = 0;
  int used_columns = 0;
  int first_row = 0;
  std::int32_t partial_sum_offset = 0;   // enters every column of the array at the top
  std::vector<std::uint8_t> negated;     // [used_columns], or empty: where accumulators subtract
  int stream_length = 0;                 // M: activation vectors streamed through this tile
  std::vector<std::int8_t> weights;      // [used_rows][used_columns], row-major
  std::vector<std::int8_t> activations;  // [stream_length][used_rows], row-major
};

// Toggles (bits that differ between two consecutive cycles) of every register of one kind.
// PEs are split by what they do in the tile: `active` PEs hold a weight of the layer
// (first_row <= r < first_row + used_rows, c < used_columns); `idle_rows` are the PEs above and
// below them in their columns, which only pass partial sums on (above, the constant that enters at
// the top); `idle_columns` are the PEs right of them
// (c >= used_columns, any r), which only pass activations on.
struct PeToggles {
  std::uint64_t active = 0;
  std::uint64_t idle_rows = 0;
  std::uint64_t idle_columns = 0;

  std::uint64_t total() const { return active + idle_rows + idle_columns; }
  PeToggles& operator+=(const PeToggles& other) {
    active += other.active;
    idle_rows += other.idle_rows;
    idle_columns += other.idle_columns;
    return *this;
  }
  friend bool operator==(const PeToggles& a, const PeToggles& b) {
    return a.active == b.active && a.idle_rows == b.idle_rows && a.idle_columns == b.idle_columns;
  }
};

// Everything counted for a sequence of tiles. All of it is exact and comparable with the RTL.
struct ToggleCounts {
  PeToggles partial_sum;            // partial-sum registers of the PEs, partial_sum_bits each
  PeToggles activation;             // activation registers of the PEs, activation_bits each
  std::uint64_t weight = 0;         // weight registers (updated once per tile)
  std::uint64_t shadow_weight = 0;  // shadow registers of the weight-load chain
  std::uint64_t skew = 0;           // input skew registers: row r has r of them
  std::uint64_t deskew = 0;         // output deskew registers: column c has columns−1−c of them
  // The wave that swaps double-buffered weights: a 1-bit register in every PE and beside every
  // input skew register. Zero with single-buffered weights, which have no such registers.
  std::uint64_t weight_update = 0;

  ToggleCounts& operator+=(const ToggleCounts& other) {
    partial_sum += other.partial_sum;
    activation += other.activation;
    weight += other.weight;
    shadow_weight += other.shadow_weight;
    skew += other.skew;
    deskew += other.deskew;
    weight_update += other.weight_update;
    return *this;
  }
  friend bool operator==(const ToggleCounts& a, const ToggleCounts& b) {
    return a.partial_sum == b.partial_sum && a.activation == b.activation && a.weight == b.weight &&
           a.shadow_weight == b.shadow_weight && a.skew == b.skew && a.deskew == b.deskew &&
           a.weight_update == b.weight_update;
  }
};

}  // namespace togglewise::array
