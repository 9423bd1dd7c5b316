// The MAC on osu018 and streams for it.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/base/random.h"
#include "sim/gate/scalar_engine.h"
#include "sim/gate/zero_delay_engine.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::gate {

struct Mac {
  explicit Mac(int partial_sum_bits = 22)
      : netlist(tech::synthesized(tech::mac_request(partial_sum_bits))),
        energy(tech::compute_mac_energy(netlist, {})) {}
  tech::Netlist netlist;
  tech::NetlistEnergy energy;
};

inline const Mac& mac22() {
  static const Mac mac;
  return mac;
}
inline const ZeroDelayEngine& engine22() {
  static const ZeroDelayEngine engine(mac22().netlist, mac22().energy);
  return engine;
}

struct Streams {
  std::vector<std::int8_t> activation;
  std::vector<std::int32_t> partial_sum;
};

// Half of the activations are zero; both use their whole ranges.
inline Streams random_streams(std::size_t cycles, int partial_sum_bits, std::uint64_t seed) {
  Random random(seed);
  Streams streams;
  const int limit = 1 << (partial_sum_bits - 1);
  for (std::size_t i = 0; i < cycles; ++i) {
    streams.activation.push_back(
        static_cast<std::int8_t>(random.below(2) == 0 ? 0 : random.between(-128, 127)));
    streams.partial_sum.push_back(random.between(-limit, limit - 1));
  }
  return streams;
}

inline std::int32_t wrapped(std::int64_t value, int bits) {
  const auto shift = static_cast<unsigned>(64 - bits);
  return static_cast<std::int32_t>(
      static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << shift) >> shift);
}

// Toggles per net by the scalar engine, aligned as ZeroDelayEngine counts: registers start in the
// state that cycle 0 gives them, and the last inputs stay for one more cycle, in which the
// registers follow.
inline std::vector<std::uint64_t> scalar_toggles(const tech::Netlist& netlist, int weight,
                                                 const Streams& streams) {
  ScalarEngine engine(netlist);
  ToggleCounter counter(netlist.nets().size());
  const auto apply = [&](std::size_t cycle) {
    engine.set_input("weight", static_cast<std::uint64_t>(weight));
    engine.set_input("activation_in", static_cast<std::uint64_t>(streams.activation[cycle]));
    engine.set_input("partial_sum_in", static_cast<std::uint64_t>(streams.partial_sum[cycle]));
    engine.settle();
  };
  const std::size_t cycles = streams.activation.size();
  apply(0);
  engine.clock_edge();
  for (std::size_t cycle = 0; cycle <= cycles; ++cycle) {
    apply(cycle < cycles ? cycle : cycles - 1);
    counter.observe(engine.values());
    engine.clock_edge();
  }
  return counter.toggles();
}

}  // namespace togglewise::gate
