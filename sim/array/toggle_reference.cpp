#include "sim/array/toggle_reference.h"

namespace togglewise::array {
namespace {

int toggles(std::int32_t before, std::int32_t after, int bits) {
  const std::uint32_t mask = bits >= 32 ? ~0U : (1U << bits) - 1U;
  return __builtin_popcount(
      (static_cast<std::uint32_t>(before) ^ static_cast<std::uint32_t>(after)) & mask);
}

using Grid = std::vector<std::vector<std::int32_t>>;

Grid zeros(int rows, int columns) {
  return Grid(static_cast<std::size_t>(rows),
              std::vector<std::int32_t>(static_cast<std::size_t>(columns), 0));
}

// Shift registers, one line per row or column; line i has length lengths[i].
struct DelayLines {
  std::vector<std::vector<std::int32_t>> lines;

  // Pushes `in` into line i, counts toggles, returns what leaves.
  std::int32_t clock(std::size_t i, std::int32_t in, int bits, std::uint64_t& counted) {
    std::vector<std::int32_t>& line = lines[i];
    if (line.empty()) return in;
    const std::int32_t out = line.back();
    for (std::size_t k = line.size(); k-- > 0;) {
      const std::int32_t next = k == 0 ? in : line[k - 1];
      counted += static_cast<std::uint64_t>(toggles(line[k], next, bits));
      line[k] = next;
    }
    return out;
  }
};

}  // namespace

ToggleCounts reference_toggles(const ArrayShape& shape, const TileOperands& operands) {
  const auto rows = static_cast<std::size_t>(shape.rows);
  const auto columns = static_cast<std::size_t>(shape.columns);
  const auto used_rows = static_cast<std::size_t>(operands.used_rows);
  const auto used_columns = static_cast<std::size_t>(operands.used_columns);
  const auto stream_length = static_cast<std::size_t>(operands.stream_length);
  Grid weight = zeros(shape.rows, shape.columns);
  for (std::size_t r = 0; r < used_rows; ++r) {
    for (std::size_t c = 0; c < used_columns; ++c) {
      weight[r][c] = std::int32_t{operands.weights[r * used_columns + c]};
    }
  }
  DelayLines skew;
  DelayLines deskew;
  for (std::size_t r = 0; r < rows; ++r) skew.lines.emplace_back(r, 0);
  for (std::size_t c = 0; c < columns; ++c) deskew.lines.emplace_back(columns - 1 - c, 0);

  ToggleCounts counts;
  Grid activation = zeros(shape.rows, shape.columns);
  Grid partial_sum = zeros(shape.rows, shape.columns);
  // Long enough for the zeros behind the last vector to reach the last deskew register.
  const std::size_t cycles = stream_length + rows + 2 * columns + 2;
  for (std::size_t t = 0; t < cycles; ++t) {
    for (std::size_t c = 0; c < columns; ++c) {
      deskew.clock(c, partial_sum[rows - 1][c], shape.partial_sum_bits, counts.deskew);
    }
    const Grid activation_before = activation;
    const Grid partial_sum_before = partial_sum;
    for (std::size_t r = 0; r < rows; ++r) {
      const std::int32_t port =
          r < used_rows && t < stream_length ? operands.activations[t * used_rows + r] : 0;
      const std::int32_t skewed = skew.clock(r, port, shape.activation_bits, counts.skew);
      for (std::size_t c = 0; c < columns; ++c) {
        const std::int32_t a = c == 0 ? skewed : activation_before[r][c - 1];
        const std::int32_t p = r == 0 ? 0 : partial_sum_before[r - 1][c];
        activation[r][c] = a;
        partial_sum[r][c] = p + weight[r][c] * a;
        const auto count_into = [&](PeToggles& pe, int toggled) {
          const auto n = static_cast<std::uint64_t>(toggled);
          (c >= used_columns ? pe.idle_columns : r >= used_rows ? pe.idle_rows : pe.active) += n;
        };
        count_into(counts.activation,
                   toggles(activation_before[r][c], activation[r][c], shape.activation_bits));
        count_into(counts.partial_sum,
                   toggles(partial_sum_before[r][c], partial_sum[r][c], shape.partial_sum_bits));
      }
    }
  }
  return counts;
}

}  // namespace togglewise::array
