// What gated clocks do while tiles run: how often each group of clock pins is clocked, how often
// each kind of clock gate lets a cycle through, and the toggles of the registers that gating
// changes.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/config/hardware_config.h"

namespace togglewise::array {

using Gating = config::HardwareConfig::Gating;

// Cycles · clock gates of one kind; all zero where the options need no such gate.
struct GateCycles {
  std::uint64_t arriving = 0;  // in which the gate's own clock input runs
  std::uint64_t passed = 0;    // of these: which it lets through

  GateCycles& operator+=(const GateCycles& other) {
    arriving += other.arriving;
    passed += other.passed;
    return *this;
  }
  friend bool operator==(const GateCycles& a, const GateCycles& b) {
    return a.arriving == b.arriving && a.passed == b.passed;
  }
};

// Of tiles that follow one another as closely as rtl/README.md says, from the first tile's first
// load cycle to the one cycle behind the last tile, both included: in that cycle what is still in
// flight comes to rest. Toggles are counted at the same clock edges, from rest: all registers and
// flags zero but the zero flags, which are set; partial sums and deskew registers at the offset.
struct ClockCounts {
  std::uint64_t cycles = 0;  // of all tiles, and one

  // Cycles · registers that are clocked in them. A register is a word of its data, except that
  // `weight` counts a PE's weight and shadow register as one.
  std::uint64_t activation = 0;   // of PEs
  std::uint64_t partial_sum = 0;  // of PEs
  std::uint64_t weight = 0;       // of PEs
  std::uint64_t skew_data = 0;    // row r has r
  std::uint64_t deskew_data = 0;  // column c has columns−1−c
  std::uint64_t port_flags = 0;   // the activation of the cycle before, one per row, where there is
  std::uint64_t accumulator = 0;  // one per column
  // Cycles · flip-flops: one for each flag that the options need.
  std::uint64_t flags = 0;         // of PEs: zero and move beside the activation, and changed
  std::uint64_t skew_flags = 0;    // zero, move
  std::uint64_t deskew_flags = 0;  // changed

  GateCycles column_gates;       // one per column
  GateCycles row_gates;          // one per row that has skew registers
  GateCycles activation_gates;   // one per PE
  GateCycles partial_sum_gates;  // one per PE
  GateCycles weight_gates;       // one per PE
  GateCycles skew_gates;         // one per skew register
  GateCycles deskew_gates;       // one per deskew register

  // Bits that toggle. Those of partial sums, weights and deskew registers are the same without
  // gating (toggle_sequence.h).
  std::uint64_t activation_toggles = 0;
  std::uint64_t skew_toggles = 0;
  std::uint64_t port_toggles = 0;
  std::uint64_t flag_toggles = 0;
  std::uint64_t skew_flag_toggles = 0;
  std::uint64_t deskew_flag_toggles = 0;

  ClockCounts& operator+=(const ClockCounts& other);
};

// Every number of ClockCounts by name, for sums, comparisons and printers.
struct ClockCountField {
  const char* name;
  std::uint64_t ClockCounts::*member;
};
inline constexpr ClockCountField clock_count_fields[] = {
    {"cycles", &ClockCounts::cycles},
    {"activation", &ClockCounts::activation},
    {"partial_sum", &ClockCounts::partial_sum},
    {"weight", &ClockCounts::weight},
    {"skew_data", &ClockCounts::skew_data},
    {"deskew_data", &ClockCounts::deskew_data},
    {"port_flags", &ClockCounts::port_flags},
    {"accumulator", &ClockCounts::accumulator},
    {"flags", &ClockCounts::flags},
    {"skew_flags", &ClockCounts::skew_flags},
    {"deskew_flags", &ClockCounts::deskew_flags},
    {"activation_toggles", &ClockCounts::activation_toggles},
    {"skew_toggles", &ClockCounts::skew_toggles},
    {"port_toggles", &ClockCounts::port_toggles},
    {"flag_toggles", &ClockCounts::flag_toggles},
    {"skew_flag_toggles", &ClockCounts::skew_flag_toggles},
    {"deskew_flag_toggles", &ClockCounts::deskew_flag_toggles}};
struct GateCyclesField {
  const char* name;
  GateCycles ClockCounts::*member;
};
inline constexpr GateCyclesField gate_cycles_fields[] = {
    {"column_gates", &ClockCounts::column_gates},
    {"row_gates", &ClockCounts::row_gates},
    {"activation_gates", &ClockCounts::activation_gates},
    {"partial_sum_gates", &ClockCounts::partial_sum_gates},
    {"weight_gates", &ClockCounts::weight_gates},
    {"skew_gates", &ClockCounts::skew_gates},
    {"deskew_gates", &ClockCounts::deskew_gates}};

inline ClockCounts& ClockCounts::operator+=(const ClockCounts& other) {
  for (const ClockCountField& field : clock_count_fields) {
    this->*field.member += other.*field.member;
  }
  for (const GateCyclesField& field : gate_cycles_fields)
    this->*field.member += other.*field.member;
  return *this;
}
inline bool operator==(const ClockCounts& a, const ClockCounts& b) {
  for (const ClockCountField& field : clock_count_fields) {
    if (a.*field.member != b.*field.member) return false;
  }
  for (const GateCyclesField& field : gate_cycles_fields) {
    if (!(a.*field.member == b.*field.member)) return false;
  }
  return true;
}
inline bool operator!=(const ClockCounts& a, const ClockCounts& b) { return !(a == b); }

}  // namespace togglewise::array
