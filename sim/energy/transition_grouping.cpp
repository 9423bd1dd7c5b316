#include "sim/energy/transition_grouping.h"

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/energy/msb_hd_grouping.h"
#include "sim/energy/zero_flags_hd_grouping.h"

namespace togglewise::energy {

std::vector<std::string> grouping_names() {
  return {ZeroFlagsHdGrouping::kName, MsbHdGrouping::kName};
}

std::unique_ptr<TransitionGrouping> make_grouping(const std::string& name, int activation_bits,
                                                  int partial_sum_bits) {
  if (name == ZeroFlagsHdGrouping::kName) {
    return std::make_unique<ZeroFlagsHdGrouping>(activation_bits, partial_sum_bits);
  }
  if (name == MsbHdGrouping::kName) {
    return std::make_unique<MsbHdGrouping>(activation_bits, partial_sum_bits);
  }
  const std::string near = nearest_name(name, grouping_names());
  throw Error::input("TW-GROUP-001", fmt::format("there is no transition grouping '{}'", name))
      .expected(list_names(grouping_names()))
      .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

}  // namespace togglewise::energy
