#include "sim/gate/canonical_function.h"

#include <algorithm>

namespace togglewise::gate {

using tech::TruthTable;
using Fanin = InertialNode::Fanin;

std::uint64_t all_rows(int variables) {
  return variables == 6 ? ~0ULL : (1ULL << (1U << variables)) - 1;
}

CanonicalFunction canonical(const TruthTable& function, const std::vector<InertialSignal>& inputs) {
  CanonicalFunction result;
  for (const InertialSignal& input : inputs) {
    if (!input.is_constant()) result.fanin.push_back({input.node, input.delay});
  }
  std::sort(result.fanin.begin(), result.fanin.end());
  result.fanin.erase(std::unique(result.fanin.begin(), result.fanin.end()), result.fanin.end());
  result.table.variables = static_cast<int>(result.fanin.size());
  for (unsigned row = 0; row < (1U << result.fanin.size()); ++row) {
    unsigned source = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      bool value = inputs[i].inverted;
      if (!inputs[i].is_constant()) {
        const auto place = std::lower_bound(result.fanin.begin(), result.fanin.end(),
                                            Fanin{inputs[i].node, inputs[i].delay});
        value = value != (((row >> (place - result.fanin.begin())) & 1U) != 0);
      }
      source |= static_cast<unsigned>(value) << i;
    }
    if (function.value(source)) result.table.bits |= 1ULL << row;
  }
  for (int v = result.table.variables - 1; v >= 0; --v) {
    if (result.table.depends_on(v)) continue;
    result.table = result.table.cofactor(v, false);
    result.fanin.erase(result.fanin.begin() + v);
  }
  result.inverted = result.table.value(0);
  if (result.inverted) result.table.bits ^= all_rows(result.table.variables);
  if (result.fanin.empty()) return result;
  result.delay = TimeSet::kForever;
  for (const Fanin& fanin : result.fanin) result.delay = std::min(result.delay, fanin.shift);
  for (Fanin& fanin : result.fanin) fanin.shift -= result.delay;
  return result;
}

}  // namespace togglewise::gate
