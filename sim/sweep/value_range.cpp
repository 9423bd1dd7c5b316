#include "sim/sweep/value_range.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace togglewise::sweep {
namespace {

using config::YamlTree;

constexpr const char* kId = "TW-SWEEP-001";
constexpr const char* kForm = "{from: A, to: B, step: S} or {from: A, to: B, times: F}";
constexpr std::size_t kMostValues = 200'000;

struct Number {
  double value = 0;
  bool whole = false;
  const YamlTree* place = nullptr;
};

Number read_number(const YamlTree& tree, const std::string& field, const std::string& key) {
  Number number;
  number.place = &tree;
  const std::string& text = tree.text;
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, number.value);
  const bool is_number = tree.kind == YamlTree::Kind::scalar && !tree.quoted && !text.empty() &&
                         status == std::errc() && stop == end && std::isfinite(number.value);
  if (!is_number) {
    throw tree
        .error(kId,
               fmt::format("'{}' of the range of '{}' is {}", key, field,
                           tree.kind == YamlTree::Kind::empty ? "empty" : "'" + tree.yaml + "'"))
        .expected("a number");
  }
  number.whole = text.find_first_of(".eE") == std::string::npos && std::abs(number.value) < 9e15;
  return number;
}

struct Range {
  Number from, to, by;
  bool multiplies = false;
};

Range read_range(const YamlTree& tree, const std::string& field) {
  Range range;
  for (const auto& [key, value] : tree.members) {
    Number* target = nullptr;
    if (key.text == "from") target = &range.from;
    if (key.text == "to") target = &range.to;
    if (key.text == "step" || key.text == "times") target = &range.by;
    if (target == nullptr) {
      throw key.error(kId, fmt::format("unknown key '{}' in the range of '{}'", key.text, field))
          .expected(kForm);
    }
    if (target->place != nullptr) {
      throw key
          .error(
              kId,
              key.text == "step" || key.text == "times"
                  ? fmt::format("the range of '{}' has more than one of 'step' and 'times'", field)
                  : fmt::format("'{}' is given twice in the range of '{}'", key.text, field))
          .expected(kForm);
    }
    *target = read_number(value, field, key.text);
    if (target == &range.by) range.multiplies = key.text == "times";
  }
  for (const auto& [number, name] : {std::pair{&range.from, "'from'"}, std::pair{&range.to, "'to'"},
                                     std::pair{&range.by, "'step' or 'times'"}}) {
    if (number->place != nullptr) continue;
    throw tree.error(kId, fmt::format("the range of '{}' lacks {}", field, name)).expected(kForm);
  }
  return range;
}

// Ranges that never arrive, or that have no single meaning.
void require_arrival(const Range& range, const std::string& field) {
  const auto refuse = [&](const Number& at, const std::string& what, const std::string& valid) {
    throw at.place->error(kId, fmt::format("the range of '{}' {}", field, what)).expected(valid);
  };
  const std::string from = range.from.place->text;
  const std::string to = range.to.place->text;
  const std::string by = range.by.place->text;
  if (range.multiplies) {
    if (range.by.value <= 0 || range.by.value == 1) {
      refuse(range.by, fmt::format("multiplies by {} and never leaves {}", by, from),
             "a factor above 1, or between 0 and 1 to go down");
    }
    if (range.from.value <= 0 || range.to.value <= 0) {
      refuse(range.from.value <= 0 ? range.from : range.to,
             fmt::format("multiplies from {} and never reaches {}", from, to),
             "'from' and 'to' above 0, or 'step' instead of 'times'");
    }
  } else if (range.by.value == 0) {
    refuse(range.by, fmt::format("has a step of 0 and never leaves {}", from),
           "a positive step, or a negative one to go down");
  }
  const bool upwards = range.multiplies ? range.by.value > 1 : range.by.value > 0;
  if (upwards ? range.from.value > range.to.value : range.from.value < range.to.value) {
    refuse(range.by,
           fmt::format("goes {} from {}, but 'to' is {}", upwards ? "up" : "down", from, to),
           upwards ? fmt::format("'to' of at least {}, or a step or factor that goes down", from)
                   : fmt::format("'to' of at most {}, or a step or factor that goes up", from));
  }
}

}  // namespace

std::vector<std::string> expand_range(const YamlTree& tree, const std::string& field) {
  const Range range = read_range(tree, field);
  require_arrival(range, field);
  const bool whole = range.from.whole && (range.by.whole || range.multiplies);
  // 0.1 + 2 · 0.1 is to count as 0.3.
  const double slack = 1e-9 * std::max(std::abs(range.from.value), std::abs(range.to.value));
  const bool upwards = range.to.value >= range.from.value;
  std::vector<std::string> values;
  for (std::size_t i = 0;; ++i) {
    const double steps = static_cast<double>(i);
    const double value = range.multiplies ? range.from.value * std::pow(range.by.value, steps)
                                          : range.from.value + steps * range.by.value;
    if (upwards ? value > range.to.value + slack : value < range.to.value - slack) return values;
    if (values.size() == kMostValues) {
      throw range.by.place
          ->error(kId, fmt::format("the range of '{}' has more than {} values", field, kMostValues))
          .expected("a larger step or factor");
    }
    const bool is_whole = whole && value == std::round(value) && std::abs(value) < 9e15;
    values.push_back(is_whole ? fmt::format("{}", static_cast<long long>(value))
                              : fmt::format("{:.12g}", value));
    // Below: a range of one value, however large its step.
    if (range.from.value == range.to.value) return values;
  }
}

}  // namespace togglewise::sweep
