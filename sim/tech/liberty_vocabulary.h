// The words of the Liberty format, so that a reader can tell what it leaves out on purpose from
// what nobody has heard of.
#pragma once

#include <string_view>

namespace togglewise::tech {

enum class GroupUse {
  read,
  ignored,  // administrative, or another view of what is read
  skipped,  // holds data (current sources, noise, variation …) that no number here comes from
  unknown
};
GroupUse group_use(std::string_view group_name);

// Any attribute of the format, whether it is read or not. k_… factors are known by their prefix.
bool is_liberty_attribute(std::string_view attribute_name);

}  // namespace togglewise::tech
