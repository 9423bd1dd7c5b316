#include "sim/gate/lut_decomposition.h"

#include <algorithm>
#include <cstdint>

namespace togglewise::gate {

using tech::TruthTable;

namespace {

// Works where the rest of the function, seen under each assignment of the subset, takes only two
// forms. `subset` is a bit mask of variables.
std::optional<Decomposition> try_subset(const TruthTable& function, unsigned subset) {
  Decomposition result;
  for (int v = 0; v < function.variables; ++v) {
    (((subset >> v) & 1U) != 0 ? result.inside : result.outside).push_back(v);
  }
  const auto expand = [](unsigned row, const std::vector<int>& variables) {
    unsigned full = 0;
    for (std::size_t i = 0; i < variables.size(); ++i) full |= ((row >> i) & 1U) << variables[i];
    return full;
  };
  const unsigned outside_rows = 1U << result.outside.size();
  std::vector<std::uint64_t> forms;
  result.inner.variables = static_cast<int>(result.inside.size());
  for (unsigned i = 0; i < (1U << result.inside.size()); ++i) {
    std::uint64_t form = 0;
    for (unsigned o = 0; o < outside_rows; ++o) {
      const bool value = function.value(expand(i, result.inside) | expand(o, result.outside));
      form |= static_cast<std::uint64_t>(value) << o;
    }
    auto known = std::find(forms.begin(), forms.end(), form);
    if (known == forms.end()) {
      if (forms.size() == 2) return std::nullopt;
      forms.push_back(form);
      known = forms.end() - 1;
    }
    if (known != forms.begin()) result.inner.bits |= 1ULL << i;
  }
  result.outer.variables = static_cast<int>(result.outside.size()) + 1;
  result.outer.bits = forms[0] | (forms.size() > 1 ? forms[1] : forms[0]) << outside_rows;
  return result;
}

}  // namespace

std::optional<Decomposition> decompose(const TruthTable& function) {
  for (const int size : {3, 2}) {
    for (unsigned subset = 0; subset < (1U << function.variables); ++subset) {
      if (__builtin_popcount(subset) != size) continue;
      std::optional<Decomposition> parts = try_subset(function, subset);
      if (parts) return parts;
    }
  }
  return std::nullopt;
}

}  // namespace togglewise::gate
