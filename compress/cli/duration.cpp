#include "compress/cli/duration.h"

#include <cmath>
#include <cstdlib>

#include "sim/base/error.h"

namespace togglewise::compress {

double seconds_of(const std::string& text) {
  if (text.empty()) return 0;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  double factor = 0;
  if (unit.empty() || unit == "s") factor = 1;
  if (unit == "min" || unit == "m") factor = 60;
  if (unit == "h") factor = 3600;
  if (end == text.c_str() || factor == 0 || !std::isfinite(number) || number <= 0) {
    throw Error::input("TW-CLI-040", "'" + text + "' is not a length of time")
        .expected("a number above 0 with s, min or h, for example 45min");
  }
  return number * factor;
}

}  // namespace togglewise::compress
