// "Did you mean": the valid name nearest to a misspelled one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace togglewise {

// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours), or
// "" where none is within half the length of `name`.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

// "a, b or c": how valid values are listed in messages.
std::string list_names(const std::vector<std::string>& names);

}  // namespace togglewise
