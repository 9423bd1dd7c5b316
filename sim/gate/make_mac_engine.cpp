#include "sim/gate/make_mac_engine.h"

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/gate/inertial_engine.h"
#include "sim/gate/zero_delay_engine.h"

namespace togglewise::gate {

std::vector<std::string> timing_names() {
  return {to_string(Timing::zero), to_string(Timing::inertial)};
}

std::string to_string(Timing timing) { return timing == Timing::zero ? "zero" : "inertial"; }

Timing parse_timing(const std::string& name) {
  if (name == to_string(Timing::zero)) return Timing::zero;
  if (name == to_string(Timing::inertial)) return Timing::inertial;
  throw Error::input("TW-GATE-004", fmt::format("there is no timing '{}'", name))
      .expected("zero (settled values only) or inertial (glitches too)");
}

std::shared_ptr<const MacEngine> make_mac_engine(const tech::Netlist& mac,
                                                 const tech::NetlistEnergy& energy, Timing timing,
                                                 const tech::NetlistDelays& delays,
                                                 double quantum_ps) {
  if (timing == Timing::zero) return std::make_shared<ZeroDelayEngine>(mac, energy);
  return std::make_shared<InertialEngine>(mac, energy,
                                          make_inertial_model(mac, delays, quantum_ps));
}

}  // namespace togglewise::gate
