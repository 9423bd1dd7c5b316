#include "sim/gate/mac_function.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/random.h"

namespace togglewise::gate {
namespace {

constexpr int kVectors = 64;          // one bit of each word
constexpr std::size_t kBatches = 16;  // words at once
constexpr int kMostPairBits = 16;
constexpr int kPartialSumsPerPair = 8;

using Words = std::array<std::uint64_t, kVectors>;

// Bit i of word j becomes bit j of word i: 64 values turn into the planes of their bits, and back.
// By swapping halves, quarters … (H. S. Warren, Hacker's Delight, section 7-3).
void transpose(Words& words) {
  std::uint64_t mask = 0x00000000FFFFFFFFULL;
  for (unsigned step = 32; step != 0; step >>= 1, mask ^= mask << step) {
    for (unsigned i = 0; i < kVectors; i = (i + step + 1) & ~step) {
      const std::uint64_t swap = ((words[i] >> step) ^ words[i + step]) & mask;
      words[i] ^= swap << step;
      words[i + step] ^= swap;
    }
  }
}

std::int64_t signed_value(std::uint64_t pattern, int bits) {
  const std::uint64_t sign = 1ULL << (bits - 1);
  const std::uint64_t value = pattern & ((sign << 1) - 1);
  return static_cast<std::int64_t>(value ^ sign) - static_cast<std::int64_t>(sign);
}

std::uint64_t low_bits(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & ((1ULL << bits) - 1);
}

// The netlist over many operands at once, for the clock cycle in which its registers take them.
// Functions are taken apart into selections, whose inner loop compilers turn into vector code.
class ParallelNetlist {
 public:
  explicit ParallelNetlist(const tech::Netlist& netlist)
      : netlist_(netlist), values_(netlist.nets().size()) {
    values_[slot(netlist.constant_net(true))].fill(~0ULL);
    for (const tech::CellIndex index : netlist.combinational_order()) {
      const tech::Cell& cell = netlist.cell(index);
      for_each_output(cell, [&](int pin, tech::NetIndex net) {
        const tech::TruthTable& table = *cell.type->pins[static_cast<std::size_t>(pin)].function;
        copy(logic_, compile(logic_, cell, table.bits, table.variables), slot(net));
      });
    }
    for (const tech::CellIndex index : netlist.registers()) {
      const tech::Cell& cell = netlist.cell(index);
      const tech::TruthTable& table = cell.type->flip_flop->next_state;
      const std::size_t state = new_slot();
      copy(clock_edge_, compile(clock_edge_, cell, table.bits, table.variables), state);
      for_each_output(cell, [&](int pin, tech::NetIndex net) {
        // Over {state, inverted state}: row 1 is state 1, row 2 state 0.
        const tech::TruthTable& output = *cell.type->pins[static_cast<std::size_t>(pin)].function;
        outputs_.push_back(
            {slot(net), state, constant(output.value(2)), constant(output.value(1))});
      });
    }
  }

  // Bit i of the port over 64 operands.
  std::uint64_t& word(const tech::Port& port, int bit, std::size_t batch) {
    return values_[slot(port.bits[static_cast<std::size_t>(bit)])][batch];
  }

  // Inputs settle, the clock edge passes, registers' outputs settle.
  void cycle() {
    for (const std::vector<Selection>* steps : {&logic_, &clock_edge_, &outputs_, &logic_}) {
      for (const Selection& step : *steps) run(step);
    }
  }

 private:
  using Batch = std::array<std::uint64_t, kBatches>;
  struct Selection {
    std::size_t out = 0;
    std::size_t select = 0;
    std::size_t low = 0;  // where `select` is 0
    std::size_t high = 0;
  };

  static std::size_t slot(tech::NetIndex net) { return static_cast<std::size_t>(net); }
  std::size_t constant(bool value) const { return slot(netlist_.constant_net(value)); }
  std::size_t new_slot() {
    values_.emplace_back();
    return values_.size() - 1;
  }
  void copy(std::vector<Selection>& steps, std::size_t from, std::size_t to) const {
    steps.push_back({to, from, constant(false), constant(true)});
  }

  template <typename Action>
  static void for_each_output(const tech::Cell& cell, const Action& action) {
    for (const int pin : cell.type->outputs) {
      const tech::NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net != tech::kNone) action(pin, net);
    }
  }

  // Shannon expansion from the last variable; returns where the value will stand.
  std::size_t compile(std::vector<Selection>& steps, const tech::Cell& cell, std::uint64_t bits,
                      int variables) {
    if (variables == 0) return constant((bits & 1) != 0);
    const int half = 1 << (variables - 1);
    const std::uint64_t mask = (1ULL << half) - 1;
    const std::uint64_t low_half = bits & mask;
    const std::uint64_t high_half = (bits >> half) & mask;
    const std::size_t low = compile(steps, cell, low_half, variables - 1);
    if (low_half == high_half) return low;
    const std::size_t high = compile(steps, cell, high_half, variables - 1);
    const int pin = cell.type->inputs[static_cast<std::size_t>(variables - 1)];
    const std::size_t select = slot(cell.nets[static_cast<std::size_t>(pin)]);
    if (low == constant(false) && high == constant(true)) return select;
    steps.push_back({new_slot(), select, low, high});
    return steps.back().out;
  }

  void run(const Selection& step) {
    const Batch& select = values_[step.select];
    const Batch& low = values_[step.low];
    const Batch& high = values_[step.high];
    Batch& out = values_[step.out];
    for (std::size_t i = 0; i < kBatches; ++i) {
      out[i] = (select[i] & high[i]) | (~select[i] & low[i]);
    }
  }

  const tech::Netlist& netlist_;
  std::vector<Batch> values_;  // per net, then intermediate values and states
  std::vector<Selection> logic_;
  std::vector<Selection> clock_edge_;
  std::vector<Selection> outputs_;
};

// Collects operands and compares them many at a time, in the order in which they came.
class Comparison {
 public:
  explicit Comparison(const tech::Netlist& mac)
      : mac_(mac), widths_(tech::mac_widths(mac)), netlist_(mac) {}

  void add(std::int64_t weight, std::int64_t activation, std::int64_t partial_sum) {
    operands_.push_back(low_bits(weight, widths_.weight_bits) |
                        low_bits(activation, widths_.activation_bits) << widths_.weight_bits |
                        low_bits(partial_sum, widths_.partial_sum_bits)
                            << (widths_.weight_bits + widths_.activation_bits));
    if (operands_.size() == kVectors * kBatches) compare();
  }

  std::uint64_t finish() {
    if (!operands_.empty()) compare();
    return vectors_;
  }

 private:
  void compare() {
    const std::size_t count = operands_.size();
    operands_.resize(kVectors * kBatches, operands_[0]);
    for (std::size_t batch = 0; batch < kBatches; ++batch) {
      Words planes;
      std::copy_n(operands_.begin() + static_cast<long>(batch * kVectors), kVectors,
                  planes.begin());
      transpose(planes);
      std::size_t plane = 0;
      for (const char* name : {"weight", "activation_in", "partial_sum_in"}) {
        const tech::Port& port = *mac_.port(name);
        for (int bit = 0; bit < port.width(); ++bit) {
          netlist_.word(port, bit, batch) = planes[plane++];
        }
      }
    }
    netlist_.cycle();
    for (std::size_t batch = 0; batch * kVectors < count; ++batch) {
      Words results{};
      std::size_t plane = 0;
      for (const char* name : {"partial_sum_out", "activation_out"}) {
        const tech::Port& port = *mac_.port(name);
        for (int bit = 0; bit < port.width(); ++bit) {
          results[plane++] = netlist_.word(port, bit, batch);
        }
      }
      transpose(results);
      const std::size_t first = batch * kVectors;
      for (std::size_t i = 0; i < kVectors && first + i < count; ++i) {
        require_equal(operands_[first + i], results[i]);
      }
    }
    vectors_ += count;
    operands_.clear();
  }

  void require_equal(std::uint64_t operands, std::uint64_t result) const {
    const int partial_sum_begin = widths_.weight_bits + widths_.activation_bits;
    const std::int64_t weight = signed_value(operands, widths_.weight_bits);
    const std::int64_t activation =
        signed_value(operands >> widths_.weight_bits, widths_.activation_bits);
    const std::int64_t partial_sum =
        signed_value(operands >> partial_sum_begin, widths_.partial_sum_bits);
    const std::uint64_t sum = low_bits(partial_sum + weight * activation, widths_.partial_sum_bits);
    const std::uint64_t expected = sum | low_bits(activation, widths_.activation_bits)
                                             << widths_.partial_sum_bits;
    if (result == expected) return;
    throw Error::input(
        "TW-GATE-002",
        fmt::format("module '{}' is no signed MAC: for weight {}, activation {} and "
                    "partial sum {} it gives partial_sum_out {} and activation_out {}",
                    mac_.top(), weight, activation, partial_sum,
                    signed_value(result, widths_.partial_sum_bits),
                    signed_value(result >> widths_.partial_sum_bits, widths_.activation_bits)))
        .expected(fmt::format("partial_sum_out {} and activation_out {}",
                              signed_value(sum, widths_.partial_sum_bits), activation))
        .hint("operands are two's complement");
  }

  const tech::Netlist& mac_;
  tech::MacWidths widths_;
  ParallelNetlist netlist_;
  std::vector<std::uint64_t> operands_;  // weight, activation and partial sum behind one another
  std::uint64_t vectors_ = 0;
};

std::int64_t highest(int bits) { return (std::int64_t{1} << (bits - 1)) - 1; }
std::int64_t lowest(int bits) { return -highest(bits) - 1; }

// Extremes first, then a one and a zero walking through all bits.
std::vector<std::int64_t> corners(int bits) {
  std::vector<std::int64_t> values{0, 1, highest(bits), lowest(bits), -1};
  for (int bit = 1; bit < bits - 1; ++bit) values.push_back(std::int64_t{1} << bit);
  for (int bit = 0; bit < bits - 1; ++bit) values.push_back(-1 - (std::int64_t{1} << bit));
  return values;
}

void compare_corners(const tech::MacWidths& widths, Comparison& comparison) {
  const std::vector<std::int64_t> partial_sums = corners(widths.partial_sum_bits);
  for (const std::int64_t weight : corners(widths.weight_bits)) {
    for (const std::int64_t activation : corners(widths.activation_bits)) {
      for (const std::int64_t sum : partial_sums) comparison.add(weight, activation, sum);
      // Just before and at the sums 0, highest and lowest, where it wraps.
      const std::int64_t product = weight * activation;
      for (const std::int64_t edge :
           {std::int64_t{0}, highest(widths.partial_sum_bits), lowest(widths.partial_sum_bits)}) {
        for (const std::int64_t step : {-1, 0, 1}) {
          comparison.add(weight, activation, edge - product + step);
        }
      }
    }
  }
}

}  // namespace

MacFunctionStats require_mac_function(const tech::Netlist& mac) {
  const tech::MacWidths widths = tech::mac_widths(mac);
  const int pair_bits = widths.weight_bits + widths.activation_bits;
  if (pair_bits + widths.partial_sum_bits > kVectors) {
    throw Error::input(
        "TW-GATE-001",
        fmt::format("the MAC has {} weight, {} activation and {} partial-sum bits",
                    widths.weight_bits, widths.activation_bits, widths.partial_sum_bits))
        .expected("at most 64 together");
  }
  Comparison comparison(mac);
  compare_corners(widths, comparison);
  MacFunctionStats stats;
  stats.every_product = pair_bits <= kMostPairBits;
  Random random(1);
  const std::uint64_t pairs = std::uint64_t{1} << std::min(pair_bits, kMostPairBits);
  for (std::uint64_t i = 0; i < pairs; ++i) {
    const std::uint64_t pair = stats.every_product ? i : random.bits();
    const std::int64_t weight = signed_value(pair, widths.weight_bits);
    const std::int64_t activation =
        signed_value(pair >> widths.weight_bits, widths.activation_bits);
    for (int k = 0; k < kPartialSumsPerPair; ++k) {
      comparison.add(weight, activation, static_cast<std::int64_t>(random.bits()));
    }
  }
  stats.vectors = comparison.finish();
  return stats;
}

}  // namespace togglewise::gate
