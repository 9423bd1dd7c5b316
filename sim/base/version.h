#pragma once

namespace togglewise {

// Stands in every result file; the same as in CMakeLists.txt.
inline constexpr const char* kVersion = "0.1.0";

}  // namespace togglewise
