// When a MAC's registers see their last edge, transition by transition, with the weight standing
// still.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/tech/case_timing.h"
#include "sim/tech/netlist.h"
#include "sim/tech/timing.h"

namespace togglewise::gate {

// Activation and partial sum of two consecutive cycles.
struct MacTransition {
  std::int8_t activation_before = 0;
  std::int8_t activation_after = 0;
  std::int32_t partial_sum_before = 0;
  std::int32_t partial_sum_after = 0;
};

// The settling time of a net in one transition:
//   an input bit that keeps its value is settled from the start; one that changes, from the clock
//   to Q of the register before it;
//   a cell's output is settled as soon as inputs that decide its final value alone are: the
//   earliest, over the prime implicants of its function (or of the function's complement, where
//   the final value is 0) that the final inputs satisfy, of the latest literal's settling time and
//   the delay of that literal's edge to the output's.
// What such inputs do not decide may come as late as it likes: it passes no edge. So a cell that is
// faster than nominal makes no net settle later; the waveforms of inertial_model.h end no later,
// given the same delays; and what is found here is never longer than static timing. (This is
// floating-mode delay, S. Devadas, K. Keutzer, S. Malik, IEEE TCAD 12(12), 1993, where in addition
// the inputs that keep their values are known.)
class SettlingEngine {
 public:
  // A MAC that keeps the contract of rtl/README.md. Netlist and arcs may go afterwards.
  SettlingEngine(const tech::Netlist& mac, const tech::TimingArcs& arcs, int weight);

  // Clock to Q, slowest edge and setup of each transition: 0 where no register's input moves.
  void settle(const MacTransition* transitions, std::size_t count, float* settled_ps) const;

 private:
  static constexpr std::size_t kLanes = 32;  // transitions at once

  struct Literal {
    std::uint32_t slot = 0;
    bool value = false;
    float delay_ps = 0;
  };
  struct Implicant {
    bool output = false;
    std::vector<Literal> literals;
  };
  struct Operation {
    std::uint32_t slot = 0;
    std::vector<Implicant> implicants;
  };
  struct InputBit {
    std::uint32_t slot = 0;
    bool of_activation = false;
    unsigned bit = 0;
    std::array<float, 2> launch_ps{};
  };
  struct Endpoint {
    std::uint32_t slot = 0;
    std::array<float, 2> setup_ps{};
  };
  struct Lanes {
    alignas(64) std::array<std::int32_t, kLanes> value;  // 0 or −1
    alignas(64) std::array<float, kLanes> settled_ps;
  };

  void add_inputs(const tech::Netlist& mac, const tech::TimingArcs& arcs,
                  std::vector<std::uint32_t>& slots);
  static std::vector<Implicant> implicants(const tech::CaseAnalysis& analysis,
                                           const tech::TimingArcs& arcs, tech::NetIndex net,
                                           const std::vector<std::uint32_t>& slots);
  void launch(const MacTransition* transitions, std::size_t count, std::vector<Lanes>& nets) const;
  static void evaluate(const std::vector<Operation>& operations, Lanes* nets);

  std::vector<InputBit> inputs_;
  std::vector<Operation> operations_;
  std::vector<Endpoint> endpoints_;
  std::size_t slots_ = 0;
};

}  // namespace togglewise::gate
