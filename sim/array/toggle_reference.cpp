#include "sim/array/toggle_reference.h"

#include <algorithm>
#include <cstddef>

namespace togglewise::array {
namespace {

std::uint64_t toggles(std::int32_t before, std::int32_t after, int bits) {
  const std::uint32_t mask = bits >= 32 ? ~0U : (1U << bits) - 1U;
  const auto changed = static_cast<std::uint32_t>(before) ^ static_cast<std::uint32_t>(after);
  return static_cast<std::uint64_t>(__builtin_popcount(changed & mask));
}

using Row = std::vector<std::int32_t>;
using Grid = std::vector<Row>;

Grid zeros(std::size_t rows, std::size_t columns) { return Grid(rows, Row(columns, 0)); }

// Shift registers, one line per row or column.
struct DelayLines {
  Grid lines;

  std::int32_t out(std::size_t i, std::int32_t in) const {
    return lines[i].empty() ? in : lines[i].back();
  }
  std::uint64_t clock(std::size_t i, std::int32_t in, int bits) {
    std::uint64_t counted = 0;
    for (std::size_t k = lines[i].size(); k-- > 0;) {
      const std::int32_t next = k == 0 ? in : lines[i][k - 1];
      counted += toggles(lines[i][k], next, bits);
      lines[i][k] = next;
    }
    return counted;
  }
};

// What stands at the array's ports in one cycle.
struct Ports {
  bool weight_shift = false;
  Row weights;  // [column]
  bool weight_update = false;
  Row activations;        // [row]
  std::int32_t tile = 0;  // whose vector this is, or, where zeros enter, was the last
};

class ReferenceArray {
 public:
  ReferenceArray(const ArrayShape& shape, bool double_buffered,
                 const std::vector<TileOperands>& tiles)
      : shape_(shape),
        double_buffered_(double_buffered),
        tiles_(tiles),
        rows_(static_cast<std::size_t>(shape.rows)),
        columns_(static_cast<std::size_t>(shape.columns)),
        activation_(zeros(rows_, columns_)),
        partial_sum_(rows_, Row(columns_, tiles.front().partial_sum_offset)),
        weight_(activation_),
        shadow_(activation_),
        update_(activation_),
        tile_(activation_) {
    for (std::size_t r = 0; r < rows_; ++r) skew_.lines.emplace_back(r, 0);
    for (std::size_t c = 0; c < columns_; ++c) {
      deskew_.lines.emplace_back(columns_ - 1 - c, tiles.front().partial_sum_offset);
    }
    update_skew_ = tile_skew_ = skew_;
  }

  // One clock edge. All registers take what stood before them in the cycle that it ends: from the
  // bottom right to the top left, every register is read before it is written.
  void clock(const Ports& ports) {
    for (std::size_t c = 0; c < columns_; ++c) {
      counts_.deskew += deskew_.clock(c, partial_sum_[rows_ - 1][c], shape_.partial_sum_bits);
    }
    const Grid weight_in_use = weight_;
    if (ports.weight_shift) shift_weights(ports.weights);
    update_weights(ports.weight_update);
    for (std::size_t r = rows_; r-- > 0;) {
      for (std::size_t c = columns_; c-- > 0;) clock_pe(ports, r, c, weight_in_use[r][c]);
    }
    for (std::size_t r = 0; r < rows_; ++r) {
      counts_.skew += skew_.clock(r, ports.activations[r], shape_.activation_bits);
      tile_skew_.clock(r, ports.tile, 32);
    }
  }

  const ToggleCounts& counts() const { return counts_; }

 private:
  void clock_pe(const Ports& ports, std::size_t r, std::size_t c, std::int32_t weight) {
    const std::int32_t a = c == 0 ? skew_.out(r, ports.activations[r]) : activation_[r][c - 1];
    const std::int32_t tile = c == 0 ? tile_skew_.out(r, ports.tile) : tile_[r][c - 1];
    const TileOperands& owner = tiles_[static_cast<std::size_t>(tile)];
    const std::int32_t above = r == 0 ? owner.partial_sum_offset : partial_sum_[r - 1][c];
    const std::int32_t p = above + weight * a;
    const auto count = [&](PeToggles& kind, std::uint64_t toggled) {
      const bool idle_column = c >= static_cast<std::size_t>(owner.used_columns);
      const auto row = static_cast<int>(r) - owner.first_row;
      const bool idle_row = row < 0 || row >= owner.used_rows;
      (idle_column ? kind.idle_columns : idle_row ? kind.idle_rows : kind.active) += toggled;
    };
    count(counts_.activation, toggles(activation_[r][c], a, shape_.activation_bits));
    count(counts_.partial_sum, toggles(partial_sum_[r][c], p, shape_.partial_sum_bits));
    activation_[r][c] = a;
    partial_sum_[r][c] = p;
    tile_[r][c] = tile;
  }

  void shift_weights(const Row& entering) {
    for (std::size_t c = 0; c < columns_; ++c) {
      for (std::size_t r = rows_; r-- > 0;) {
        const std::int32_t next = r == 0 ? entering[c] : shadow_[r - 1][c];
        counts_.shadow_weight += toggles(shadow_[r][c], next, shape_.weight_bits);
        shadow_[r][c] = next;
      }
    }
  }

  // A weight register takes what its shadow register is taking at the same clock edge: all at once,
  // or, with double-buffered weights, where the wave has come to.
  void update_weights(bool update) {
    for (std::size_t r = rows_; r-- > 0;) {
      for (std::size_t c = columns_; c-- > 0;) {
        std::int32_t arrives = update ? 1 : 0;
        if (double_buffered_) {
          arrives = c == 0 ? update_skew_.out(r, arrives) : update_[r][c - 1];
          counts_.weight_update += toggles(update_[r][c], arrives, 1);
          update_[r][c] = arrives;
        }
        if (arrives == 0) continue;
        counts_.weight += toggles(weight_[r][c], shadow_[r][c], shape_.weight_bits);
        weight_[r][c] = shadow_[r][c];
      }
      if (double_buffered_) counts_.weight_update += update_skew_.clock(r, update ? 1 : 0, 1);
    }
  }

  ArrayShape shape_;
  bool double_buffered_;
  const std::vector<TileOperands>& tiles_;
  std::size_t rows_;
  std::size_t columns_;
  Grid activation_, partial_sum_, weight_, shadow_, update_;
  Grid tile_;  // no hardware: whose vector reached the PE last
  DelayLines skew_, deskew_, update_skew_, tile_skew_;
  ToggleCounts counts_;
};

// First load cycle and first stream cycle of every tile.
struct TileStart {
  std::int64_t load = 0;
  std::int64_t stream = 0;
};
std::vector<TileStart> starts_of(const ArrayShape& shape, bool double_buffered,
                                 const std::vector<TileOperands>& tiles) {
  std::vector<TileStart> starts{{0, shape.rows}};
  for (std::size_t f = 0; f + 1 < tiles.size(); ++f) {
    const std::int64_t length = tiles[f].stream_length;
    const std::int64_t stream = starts[f].stream;
    if (double_buffered) {
      const std::int64_t load = stream + shape.rows + shape.columns - 1;
      starts.push_back({load, std::max(stream + length, load + shape.rows)});
    } else {
      const std::int64_t load = stream + length + shape.rows + shape.columns - 2;
      starts.push_back({load, load + shape.rows});
    }
  }
  return starts;
}

Ports ports_at(std::int64_t cycle, const ArrayShape& shape, const std::vector<TileOperands>& tiles,
               const std::vector<TileStart>& starts) {
  Ports ports;
  ports.weights.assign(static_cast<std::size_t>(shape.columns), 0);
  ports.activations.assign(static_cast<std::size_t>(shape.rows), 0);
  for (std::size_t f = 0; f < tiles.size(); ++f) {
    const TileOperands& tile = tiles[f];
    const std::int64_t array_row = shape.rows - 1 - (cycle - starts[f].load);
    const std::int64_t row = array_row - tile.first_row;
    if (array_row >= 0 && array_row < shape.rows) {
      ports.weight_shift = true;
      for (int c = 0; c < tile.used_columns && row >= 0 && row < tile.used_rows; ++c) {
        ports.weights[static_cast<std::size_t>(c)] =
            tile.weights[static_cast<std::size_t>(row * tile.used_columns + c)];
      }
    }
    if (cycle == starts[f].stream - 1) ports.weight_update = true;
    const std::int64_t m = cycle - starts[f].stream;
    if (m >= 0) ports.tile = static_cast<std::int32_t>(f);
    for (int r = 0; r < tile.used_rows && m >= 0 && m < tile.stream_length; ++r) {
      ports.activations[static_cast<std::size_t>(tile.first_row + r)] =
          tile.activations[static_cast<std::size_t>(m * tile.used_rows + r)];
    }
  }
  return ports;
}

}  // namespace

ToggleCounts reference_sequence_toggles(const ArrayShape& shape, bool double_buffered,
                                        const std::vector<TileOperands>& tiles) {
  if (tiles.empty()) return {};
  ReferenceArray array(shape, double_buffered, tiles);
  const std::vector<TileStart> starts = starts_of(shape, double_buffered, tiles);
  // Long enough for the zeros behind the last vector to reach the last deskew register.
  const std::int64_t cycles = starts.back().stream + tiles.back().stream_length + shape.rows +
                              2 * std::int64_t{shape.columns} + 2;
  for (std::int64_t cycle = 0; cycle < cycles; ++cycle) {
    array.clock(ports_at(cycle, shape, tiles, starts));
  }
  return array.counts();
}

ToggleCounts reference_toggles(const ArrayShape& shape, const TileOperands& operands) {
  ToggleCounts counts = reference_sequence_toggles(shape, false, {operands});
  counts.weight = 0;
  counts.shadow_weight = 0;
  return counts;
}

}  // namespace togglewise::array
