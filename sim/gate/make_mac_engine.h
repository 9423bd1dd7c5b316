// Chooses the engine for a timing model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/gate/mac_engine.h"
#include "sim/tech/delays.h"

namespace togglewise::gate {

enum class Timing {
  zero,     // settled values only
  inertial  // glitches too, by the rule of inertial_model.h
};
std::vector<std::string> timing_names();
std::string to_string(Timing timing);
Timing parse_timing(const std::string& name);  // throws TW-GATE-004

// `delays` and `quantum_ps` matter for Timing::inertial only. `mac` and `energy` must outlive the
// engine.
std::shared_ptr<const MacEngine> make_mac_engine(const tech::Netlist& mac,
                                                 const tech::NetlistEnergy& energy, Timing timing,
                                                 const tech::NetlistDelays& delays,
                                                 double quantum_ps);

}  // namespace togglewise::gate
