#include "sim/report/number_format.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace togglewise::report {
namespace {

constexpr const char* not_known = "–";
constexpr const char* minus = "−";

// "-1234567.8" → "−1,234,567.8"
std::string group_thousands(std::string digits) {
  const bool negative = !digits.empty() && digits[0] == '-';
  if (negative) digits.erase(0, 1);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t i = point; i > 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return negative ? minus + digits : digits;
}

}  // namespace

std::string format_fixed(double value, int decimals) {
  if (!std::isfinite(value)) return not_known;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  const bool is_zero = text.find_first_of("123456789") == std::string::npos;
  if (is_zero && text[0] == '-') text.erase(0, 1);
  return group_thousands(std::move(text));
}

std::string format_digits(double value, int digits) {
  if (!std::isfinite(value)) return not_known;
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return format_fixed(value, std::clamp(digits - 1 - magnitude, 0, 12));
}

std::string format_count(std::uint64_t value) { return group_thousands(std::to_string(value)); }

std::string format_percent(double fraction, int decimals) {
  if (!std::isfinite(fraction)) return not_known;
  return format_fixed(100 * fraction, decimals) + " %";
}

std::string format_change(double fraction, int decimals) {
  if (!std::isfinite(fraction)) return not_known;
  const std::string text = format_percent(fraction, decimals);
  const bool is_zero = text.find_first_of("123456789") == std::string::npos;
  return fraction > 0 && !is_zero ? "+" + text : text;
}

double relative_change(double before, double after) {
  if (before == 0) return std::numeric_limits<double>::quiet_NaN();
  return after / before - 1;
}

}  // namespace togglewise::report
