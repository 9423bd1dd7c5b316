// When exactly nodes change that depend on few inputs: by trying all their transitions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/gate/inertial_network.h"

namespace togglewise::gate {

// Of a node or of its g, over all transitions of the inputs.
struct NodeEdges {
  TimeSet rises;
  TimeSet falls;
  int shortest_high = TimeSet::kForever;
  int shortest_low = TimeSet::kForever;
  bool never() const { return rises.empty() && falls.empty(); }
};

// What bounds from arrival times overlook: that signals from one input, however late, do not change
// independently. Glitches that the windows always swallow, and with them everything that only they
// would cause, are found here.
class SmallCones {
 public:
  // `nodes` may grow.
  explicit SmallCones(const std::vector<InertialNode>& nodes) : nodes_(nodes) {}

  // Of a table behind windows; nothing where it depends on more inputs than can be tried.
  std::optional<NodeEdges> edges(std::uint8_t table, const std::vector<InertialNode::Fanin>& fanin,
                                 int rise, int fall);

 private:
  // Three inputs have 64 transitions, one a bit.
  static constexpr std::size_t kMostInputs = 3;
  struct Inputs {
    std::array<int, kMostInputs> nodes{-1, -1, -1};  // ascending, −1 for none
    std::size_t count = 0;
    bool too_many = false;
    friend bool operator<(const Inputs& a, const Inputs& b) { return a.nodes < b.nodes; }
  };
  // One bit for each transition of some inputs.
  struct Waves {
    std::uint64_t before = 0;
    int first = 0;  // time of values[0]; the last value stays
    std::vector<std::uint64_t> values;
    std::uint64_t at(int time) const;
    int end() const { return first + static_cast<int>(values.size()); }
  };

  const Inputs& inputs_of(int node);
  static void merge(Inputs& inputs, const Inputs& more);
  const Waves& waves_of(int node, const Inputs& inputs);
  Waves table_waves(std::uint8_t table, const std::vector<InertialNode::Fanin>& fanin, int rise,
                    int fall, const Inputs& inputs);

  const std::vector<InertialNode>& nodes_;
  std::vector<std::optional<Inputs>> inputs_;  // per node, as far as asked for
  std::map<std::pair<int, Inputs>, Waves> waves_;
};

}  // namespace togglewise::gate
