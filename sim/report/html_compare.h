// The page of `compare`: accuracy against energy of every trial of every method.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace togglewise::report {

// `compare` is what compare.json holds. The whole self-contained file.
std::string compare_html(const nlohmann::json& compare);

}  // namespace togglewise::report
