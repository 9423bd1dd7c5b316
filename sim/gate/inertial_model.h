// What glitches are, exactly: the rule that both glitch-aware engines follow.
//
// Time inside a clock cycle is counted in quanta k = 0, 1, 2, …; the clock edge is at k = 0. Before
// its first possible change a net holds the value in which the cycle before settled.
//   Input bits and register outputs take their new value at k = launch_rise where it is 1, at
//   k = launch_fall where it is 0.
//   The output of a combinational cell with function F and inputs x_i is
//     g[k] = F(…, x_i[k − shift_i], …)
//     y[k] = 1 where g[k], g[k−1] … g[k−rise+1] are all 1 (the last `rise` quanta, this one too),
//            0 where g[k], g[k−1] … g[k−fall+1] are all 0,
//            y[k−1] elsewhere.
// So an edge of input i reaches the output after shift_i + rise − 1 or shift_i + fall − 1 quanta,
// and a pulse shorter than that window is swallowed; one exactly as long passes. Every k with
// y[k] ≠ y[k−1] is one toggle. Register outputs toggle at most once a cycle and are counted, as in
// the zero-delay engines, at the transition of the inputs that causes it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/tech/delays.h"
#include "sim/tech/netlist.h"

namespace togglewise::gate {

struct InertialNet {
  int launch_rise = 0;  // nets without a combinational driver
  int launch_fall = 0;
  int rise = 1;  // windows, at least 1
  int fall = 1;
  // Per input of the driving cell. May be negative, where one input is faster than the others, but
  // never below 1 − rise or 1 − fall: no edge arrives before its cause.
  std::array<int, tech::kMaxFunctionVariables> shift{};
  // Earliest and latest k of a change; latest < earliest for a net that never changes.
  int first = 0;
  int last = -1;
};

struct InertialModel {
  double quantum_ps = 0.0;
  std::vector<InertialNet> nets;  // per net of the netlist
  int last() const;               // latest change of any net: the quanta that a cycle needs
};

// Rounds delays to quanta so that the energy depends little on the quantum:
//   windows  rise and fall are the means over the inputs, and half a quantum more: where pulses
//            come rounded, one of `rise` quanta stands for all of rise − ½ and longer
//   shifts   what then lacks to the mean delay from input i, and what rounding left over on the
//            way to i, so that arrival times stay within half a quantum of the truth on long paths;
//            what was left between rising and falling edges is half made up by the windows
// `quantum_ps` > 0.
InertialModel make_inertial_model(const tech::Netlist& netlist, const tech::NetlistDelays& delays,
                                  double quantum_ps);

}  // namespace togglewise::gate
