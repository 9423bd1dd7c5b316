#include "sim/quantize/normalization.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/base/error.h"

namespace togglewise::quantize {
namespace {

// One value for every channel; stays empty.
std::vector<float> for_channels(const std::vector<float>& values, int channels, const char* what,
                                const std::string& source) {
  if (values.size() == 1) return std::vector<float>(static_cast<std::size_t>(channels), values[0]);
  if (values.empty() || values.size() == static_cast<std::size_t>(channels)) return values;
  throw Error::input("TW-PTQ-006", fmt::format("{} {} values are given for {} channels",
                                               values.size(), what, channels))
      .at(source)
      .expected(fmt::format("1 or {} values", channels));
}

}  // namespace

network::InputNormalization choose_normalization(const network::QuantizedNetwork& geometry,
                                                 const std::vector<float>& mean,
                                                 const std::vector<float>& deviation,
                                                 const std::string& source) {
  const network::InputNormalization& own = geometry.normalization;
  if (mean.empty() && deviation.empty()) return own;
  if (!own.mean.empty() || !own.deviation.empty()) {
    throw Error::input("TW-PTQ-006", fmt::format("the graph normalizes its input by itself ({})",
                                                 normalization_text(own)))
        .at(source)
        .expected("no --mean and --std beside it");
  }
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(mean.begin(), mean.end(), finite)) {
    throw Error::input("TW-PTQ-006", "a mean is not a number").at(source).expected("numbers");
  }
  for (const float value : deviation) {
    if (finite(value) && value > 0) continue;
    throw Error::input("TW-PTQ-006", fmt::format("a standard deviation is {}", value))
        .at(source)
        .expected("positive numbers");
  }
  return {for_channels(mean, geometry.input.channels, "mean", source),
          for_channels(deviation, geometry.input.channels, "standard deviation", source)};
}

std::string normalization_text(const network::InputNormalization& normalization) {
  if (normalization.mean.empty() && normalization.deviation.empty()) return "none (pixels 0..1)";
  std::string text;
  if (!normalization.mean.empty())
    text = fmt::format("mean {}", fmt::join(normalization.mean, ", "));
  if (!normalization.deviation.empty()) {
    text += fmt::format("{}deviation {}", text.empty() ? "" : ", ",
                        fmt::join(normalization.deviation, ", "));
  }
  return text;
}

}  // namespace togglewise::quantize
