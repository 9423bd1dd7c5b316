#include "sim/energy/transition_grouping.h"

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/energy/hd_grouping.h"
#include "sim/energy/msb_hd_grouping.h"
#include "sim/energy/msb_max_hd_grouping.h"
#include "sim/energy/msb_pairs_grouping.h"
#include "sim/energy/operands_hd_grouping.h"
#include "sim/energy/operands_in_out_grouping.h"
#include "sim/energy/operands_signs_hd_grouping.h"
#include "sim/energy/operands_signs_hd_sum_grouping.h"
#include "sim/energy/operands_zero_in_out_grouping.h"
#include "sim/energy/signs_hd_grouping.h"
#include "sim/energy/zero_flags_hd_grouping.h"

namespace togglewise::energy {

const std::vector<GroupingDescription>& grouping_descriptions() {
  static const std::vector<GroupingDescription> descriptions{kHd,
                                                             kZeroFlagsHd,
                                                             kSignsHd,
                                                             kMsbHd,
                                                             kMsbMaxHd,
                                                             kMsbPairs,
                                                             kOperandsHd,
                                                             kOperandsSignsHd,
                                                             kOperandsSignsHdSum,
                                                             kOperandsInOut,
                                                             kOperandsZeroInOut};
  return descriptions;
}

std::vector<std::string> grouping_names() {
  std::vector<std::string> names;
  for (const GroupingDescription& description : grouping_descriptions()) {
    names.emplace_back(description.name);
  }
  return names;
}

std::unique_ptr<TransitionGrouping> make_grouping(const std::string& name,
                                                  const OperandWidths& widths) {
  for (const GroupingDescription& description : grouping_descriptions()) {
    if (name != description.name) continue;
    return std::make_unique<TransitionGrouping>(name, description.formula, widths,
                                                description.parts(widths));
  }
  const std::string near = nearest_name(name, grouping_names());
  throw Error::input("TW-GROUP-001", fmt::format("there is no transition grouping '{}'", name))
      .expected(list_names(grouping_names()))
      .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

}  // namespace togglewise::energy
