// How long work tells where it is. Libraries call it; the command line decides what is shown.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace togglewise {

// Called with the name of the step, the finished part and the whole, in any unit; done == total
// ends a step. May be called from several threads.
using ProgressFunction =
    std::function<void(const std::string& step, std::uint64_t done, std::uint64_t total)>;

// Accepts every report and shows nothing: the default of library calls.
inline void no_progress(const std::string&, std::uint64_t, std::uint64_t) {}

}  // namespace togglewise
