#include "sim/gate/mac_function.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/random.h"
#include "sim/gate/scalar_engine.h"

namespace togglewise::gate {
namespace {

std::int64_t signed_value(std::uint64_t pattern, int bits) {
  const std::uint64_t sign = 1ULL << (bits - 1);
  const std::uint64_t value = pattern & ((sign << 1) - 1);
  return static_cast<std::int64_t>(value ^ sign) - static_cast<std::int64_t>(sign);
}

}  // namespace

void require_mac_function(const tech::Netlist& mac) {
  const tech::MacWidths widths = tech::mac_widths(mac);
  ScalarEngine engine(mac);
  const auto check = [&](std::uint64_t weight_bits, std::uint64_t activation_bits,
                         std::uint64_t partial_sum_bits) {
    const std::int64_t weight = signed_value(weight_bits, widths.weight_bits);
    const std::int64_t activation = signed_value(activation_bits, widths.activation_bits);
    const std::int64_t partial_sum = signed_value(partial_sum_bits, widths.partial_sum_bits);
    engine.set_input("weight", weight_bits);
    engine.set_input("activation_in", activation_bits);
    engine.set_input("partial_sum_in", partial_sum_bits);
    engine.settle();
    engine.clock_edge();
    engine.settle();
    const std::int64_t expected = signed_value(
        static_cast<std::uint64_t>(partial_sum + weight * activation), widths.partial_sum_bits);
    const std::int64_t sum =
        signed_value(engine.output("partial_sum_out"), widths.partial_sum_bits);
    const std::int64_t passed =
        signed_value(engine.output("activation_out"), widths.activation_bits);
    if (sum == expected && passed == activation) return;
    throw Error::input(
        "TW-GATE-002",
        fmt::format("module '{}' is no signed MAC: for weight {}, activation {} and "
                    "partial sum {} it gives partial_sum_out {} and activation_out {}",
                    mac.top(), weight, activation, partial_sum, sum, passed))
        .expected(fmt::format("partial_sum_out {} and activation_out {}", expected, activation))
        .hint("operands are two's complement");
  };
  const auto corners = [](int bits) {
    const std::uint64_t sign = 1ULL << (bits - 1);
    return std::array<std::uint64_t, 5>{0, 1, sign - 1, sign, (sign << 1) - 1};
  };
  for (const std::uint64_t w : corners(widths.weight_bits)) {
    for (const std::uint64_t a : corners(widths.activation_bits)) {
      for (const std::uint64_t p : corners(widths.partial_sum_bits)) check(w, a, p);
    }
  }
  Random random(1);
  for (int i = 0; i < 500; ++i) check(random.bits(), random.bits(), random.bits());
}

}  // namespace togglewise::gate
