#include "sim/systemc/clock_recorder.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace togglewise::systemc {
namespace {

using array::ClockCounts;
using array::GateCycles;

// Edge counters have 32 bits and wrap, and so do these sums of them; differences from one edge to
// the next are right all the same.
std::uint32_t sum(const RegisterView<std::uint32_t>& view, int rows, int columns) {
  std::uint32_t total = 0;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) total += view.row(r)[c];
  }
  return total;
}

// Bits that differ between a row of bytes and what was held of it, which it then becomes.
std::uint64_t exchange_row(const std::uint8_t* row, int count, std::uint8_t mask,
                           std::uint8_t* held) {
  std::uint64_t toggled = 0;
  const std::uint64_t mask8 = mask * 0x0101010101010101u;
  int i = 0;
  for (; i + 8 <= count; i += 8) {
    std::uint64_t now, before;
    std::memcpy(&now, row + i, 8);
    std::memcpy(&before, held + i, 8);
    toggled += static_cast<std::uint64_t>(__builtin_popcountll((now ^ before) & mask8));
  }
  for (; i < count; ++i) {
    toggled += static_cast<std::uint64_t>(
        __builtin_popcount(static_cast<unsigned>((row[i] ^ held[i]) & mask)));
  }
  std::memcpy(held, row, static_cast<std::size_t>(count));
  return toggled;
}

// Walks blocks of registers and what was held of them.
class Exchange {
 public:
  explicit Exchange(std::uint8_t* held) : held_(held) {}

  std::uint64_t rows(const RegisterView<std::uint8_t>& view, int rows, int columns,
                     std::uint8_t mask) {
    std::uint64_t toggled = 0;
    for (int r = 0; r < rows; ++r) toggled += take(view.row(r), columns, mask);
    return toggled;
  }
  // [stage][row]: stage s of the rows behind s.
  std::uint64_t skew(const RegisterView<std::uint8_t>& view, int rows, std::uint8_t mask) {
    std::uint64_t toggled = 0;
    for (int s = 0; s + 1 < rows; ++s) toggled += take(view.row(s) + s + 1, rows - s - 1, mask);
    return toggled;
  }
  std::uint64_t flags(const FlagView& view, int rows, int columns) {
    std::uint64_t toggled = 0;
    for (int r = 0; r < rows; ++r) toggled += flags_of_row(view, r, 0, columns);
    return toggled;
  }
  std::uint64_t skew_flags(const FlagView& view, int rows) {
    std::uint64_t toggled = 0;
    for (int s = 0; s + 1 < rows; ++s) toggled += flags_of_row(view, s, s + 1, rows);
    return toggled;
  }
  // [stage][column]: stage s of the columns before columns−1−s.
  std::uint64_t deskew_flags(const FlagView& view, int columns) {
    std::uint64_t toggled = 0;
    for (int s = 0; s + 1 < columns; ++s) toggled += flags_of_row(view, s, 0, columns - 1 - s);
    return toggled;
  }
  std::uint64_t take(const std::uint8_t* row, int count, std::uint8_t mask) {
    const std::uint64_t toggled = exchange_row(row, count, mask, held_);
    held_ += count;
    return toggled;
  }

 private:
  // Flags [first, end) of a row.
  std::uint64_t flags_of_row(const FlagView& view, int r, int first, int end) {
    if (view.pitch == 8) return take(view.row(r) + first, end - first, 1);
    std::uint64_t toggled = 0;
    for (int byte = first / 8; byte * 8 < end; ++byte) {
      const unsigned from = 0xffu << std::max(first - byte * 8, 0);
      const unsigned below = 0xffu >> std::max(byte * 8 + 8 - end, 0);
      toggled += take(view.row(r) + byte, 1, static_cast<std::uint8_t>(from & below));
    }
    return toggled;
  }

  std::uint8_t* held_;
};

}  // namespace

ClockRecorder::ClockRecorder(const array::ArrayShape& shape, const array::Gating& gating)
    : shape_(shape), gating_(gating) {
  // Activation, zero, move, changed; the same of skew registers; changed of deskew; the ports.
  const std::size_t pes = static_cast<std::size_t>(shape.rows) * shape.columns;
  const std::size_t skew = static_cast<std::size_t>(shape.rows) * shape.rows;
  const std::size_t deskew = static_cast<std::size_t>(shape.columns) * shape.columns;
  held_.assign(4 * pes + 3 * skew + deskew + static_cast<std::size_t>(shape.rows), 0);
}

void ClockRecorder::record(const ClockView& clocks, const ArrayRegisters& registers, bool counted) {
  ++edges_;
  const ClockCounts now = totals(clocks);
  const ClockCounts toggled = count_toggles(clocks, registers);
  if (counted) {
    ClockCounts clocked;
    const auto difference = [](std::uint64_t after, std::uint64_t before) {
      return static_cast<std::uint32_t>(after - before);
    };
    for (const array::ClockCountField& field : array::clock_count_fields) {
      clocked.*field.member = difference(now.*field.member, before_.*field.member);
    }
    for (const array::GateCyclesField& field : array::gate_cycles_fields) {
      const GateCycles& after = now.*field.member;
      const GateCycles& before = before_.*field.member;
      clocked.*field.member = {difference(after.arriving, before.arriving),
                               difference(after.passed, before.passed)};
    }
    counts_ += clocked;
    counts_ += toggled;
  }
  before_ = now;
}

ClockCounts ClockRecorder::totals(const ClockView& clocks) const {
  const auto rows = static_cast<std::uint32_t>(shape_.rows);
  const auto columns = static_cast<std::uint32_t>(shape_.columns);
  const auto all = [&](const RegisterView<std::uint32_t>& view, int view_rows, int view_columns) {
    return clocks.added_up ? view.row(0)[0] : sum(view, view_rows, view_columns);
  };

  std::uint32_t column_edges = 0;  // of all columns; and of their deskew registers
  std::uint32_t deskew_edges = 0;
  for (std::uint32_t c = 0; c < columns; ++c) {
    column_edges += clocks.column[c];
    deskew_edges += (columns - 1 - c) * clocks.column[c];
  }
  std::uint32_t row_edges = 0;  // of all rows with skew registers; and of these registers
  std::uint32_t skew_edges = 0;
  for (std::uint32_t r = 1; r < rows; ++r) {
    row_edges += clocks.row[r];
    skew_edges += r * clocks.row[r];
  }
  const std::uint32_t zero = gating_.zero_activation ? 1 : 0;
  const std::uint32_t change = gating_.unchanged_partial_sum ? 1 : 0;

  ClockCounts total;
  total.cycles = edges_;
  total.activation = all(clocks.activation, shape_.rows, shape_.columns);
  total.partial_sum = all(clocks.partial_sum, shape_.rows, shape_.columns);
  total.weight = clocks.added_up ? rows * columns * clocks.weight.row(0)[0]
                                 : sum(clocks.weight, shape_.rows, shape_.columns);
  total.skew_data = all(clocks.skew, shape_.rows - 1, shape_.rows);
  total.deskew_data = all(clocks.deskew, shape_.columns - 1, shape_.columns);
  total.port_flags = change * rows * edges_;
  total.accumulator = column_edges;
  total.flags = (zero + 2 * change) * rows * column_edges;
  total.skew_flags = (zero + change) * (rows * (rows - 1) / 2) * edges_;
  total.deskew_flags = change * deskew_edges;

  const auto gates = [](bool exist, std::uint32_t arriving, std::uint64_t passed) {
    return exist ? GateCycles{arriving, passed} : GateCycles{};
  };
  const bool flagged = zero + change != 0;
  const std::uint32_t pe_edges = rows * column_edges;
  total.column_gates = gates(gating_.idle_columns, columns * edges_, column_edges);
  total.row_gates = gates(gating_.idle_rows, (rows - 1) * edges_, row_edges);
  total.activation_gates = gates(gating_.idle_rows || flagged, pe_edges, total.activation);
  total.partial_sum_gates = gates(gating_.idle_rows || change != 0, pe_edges, total.partial_sum);
  total.weight_gates = gates(gating_.weight_registers, rows * columns * edges_, total.weight);
  total.skew_gates = gates(flagged, skew_edges, total.skew_data);
  total.deskew_gates = gates(change != 0, deskew_edges, total.deskew_data);
  return total;
}

ClockCounts ClockRecorder::count_toggles(const ClockView& clocks, const ArrayRegisters& registers) {
  const auto bits = static_cast<std::uint8_t>((1u << shape_.activation_bits) - 1u);
  Exchange exchange(held_.data());
  ClockCounts toggled;
  toggled.activation_toggles =
      exchange.rows(registers.activation, shape_.rows, shape_.columns, bits);
  toggled.skew_toggles = exchange.skew(registers.skew, shape_.rows, bits);
  if (gating_.zero_activation) {
    toggled.flag_toggles += exchange.flags(clocks.zero_flags, shape_.rows, shape_.columns);
    toggled.skew_flag_toggles += exchange.skew_flags(clocks.skew_zero_flags, shape_.rows);
  }
  if (gating_.unchanged_partial_sum) {
    toggled.flag_toggles += exchange.flags(clocks.move_flags, shape_.rows, shape_.columns);
    toggled.flag_toggles += exchange.flags(clocks.changed_flags, shape_.rows, shape_.columns);
    toggled.skew_flag_toggles += exchange.skew_flags(clocks.skew_move_flags, shape_.rows);
    toggled.deskew_flag_toggles =
        exchange.deskew_flags(clocks.deskew_changed_flags, shape_.columns);
    toggled.port_toggles = exchange.take(clocks.port_registers, shape_.rows, bits);
  }
  return toggled;
}

}  // namespace togglewise::systemc
