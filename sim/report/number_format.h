// Numbers as people read them, the same in the console, in HTML and in summaries.
#pragma once

#include <cstdint>
#include <string>

namespace togglewise::report {

// All of them give "–" for a number that is not finite: "not known".
std::string format_fixed(double value, int decimals);  // 1234.567, 1 → "1,234.6"
std::string format_digits(double value, int digits);  // `digits` significant: 0.01234, 3 → "0.0123"
std::string format_count(std::uint64_t value);        // "1,234,567"
std::string format_percent(double fraction, int decimals = 1);  // 0.1234 → "12.3 %"
std::string format_change(double fraction, int decimals = 1);   // -0.1234 → "−12.3 %"

// after / before − 1; not a number when `before` is 0.
double relative_change(double before, double after);

}  // namespace togglewise::report
