// Switching activity as SAIF 2.0 ("backward"), the form that power tools read.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "sim/activity/pe_waveforms.h"

namespace togglewise::activity {

// A name as SAIF writes it: brackets behind a backslash. Dots stay as they are, because the divider
// of our files is '/'.
std::string saif_name(const std::string& name);

// Writes one file: construct, open and close instances with their nets, finish. Times are in ps,
// TC counts rising and falling edges, T0 + T1 + TX = DURATION for every net, and IG counts the
// edges of pulses that died inside the driving cell. Holds no date: the same activity gives the
// same bytes.
class SaifWriter {
 public:
  SaifWriter(std::ostream& out, const std::string& design, std::uint64_t duration_ps);

  void begin_instance(const std::string& name);
  void net(const std::string& name, const NetActivity& activity);  // all before inner instances
  void end_instance();
  void finish();

 private:
  void indent();
  void close_nets();

  std::ostream& out_;
  int depth_ = 0;
  bool in_nets_ = false;
};

}  // namespace togglewise::activity
