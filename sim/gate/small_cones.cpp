#include "sim/gate/small_cones.h"

#include <algorithm>

namespace togglewise::gate {

using Kind = InertialNode::Kind;

namespace {

// Bit i of mask v is bit v of i: of transition i of three inputs, their old and new values.
constexpr std::array<std::uint64_t, 6> kMasks{0xAAAAAAAAAAAAAAAAULL, 0xCCCCCCCCCCCCCCCCULL,
                                              0xF0F0F0F0F0F0F0F0ULL, 0xFF00FF00FF00FF00ULL,
                                              0xFFFF0000FFFF0000ULL, 0xFFFFFFFF00000000ULL};

std::size_t at(int index) { return static_cast<std::size_t>(index); }

std::uint64_t look_up(std::uint8_t table, const std::uint64_t* inputs, std::size_t count) {
  std::uint64_t result = 0;
  for (unsigned row = 0; row < (1U << count); ++row) {
    if (((table >> row) & 1) == 0) continue;
    std::uint64_t matches = ~0ULL;
    for (std::size_t i = 0; i < count; ++i) {
      matches &= ((row >> i) & 1U) != 0 ? inputs[i] : ~inputs[i];
    }
    result |= matches;
  }
  return result;
}

}  // namespace

std::uint64_t SmallCones::Waves::at(int time) const {
  if (time < first) return before;
  return values[std::min(static_cast<std::size_t>(time - first), values.size() - 1)];
}

void SmallCones::merge(Inputs& inputs, const Inputs& more) {
  inputs.too_many = inputs.too_many || more.too_many;
  for (std::size_t i = 0; i < more.count && !inputs.too_many; ++i) {
    const auto end = inputs.nodes.begin() + static_cast<std::ptrdiff_t>(inputs.count);
    if (std::find(inputs.nodes.begin(), end, more.nodes[i]) != end) continue;
    if (inputs.count == kMostInputs) {
      inputs.too_many = true;
      return;
    }
    inputs.nodes[inputs.count++] = more.nodes[i];
    std::sort(inputs.nodes.begin(),
              inputs.nodes.begin() + static_cast<std::ptrdiff_t>(inputs.count));
  }
}

const SmallCones::Inputs& SmallCones::inputs_of(int node) {
  if (inputs_.size() < nodes_.size()) inputs_.resize(nodes_.size());
  if (!inputs_[at(node)]) {
    Inputs inputs;
    const InertialNode& info = nodes_[at(node)];
    if (info.kind == Kind::table) {
      for (const InertialNode::Fanin& fanin : info.fanin) merge(inputs, inputs_of(fanin.node));
    } else if (info.kind == Kind::settled) {
      inputs.too_many = true;  // it follows values of another time
    } else {
      inputs.nodes[0] = node;
      inputs.count = 1;
    }
    inputs_[at(node)] = inputs;
  }
  return *inputs_[at(node)];
}

const SmallCones::Waves& SmallCones::waves_of(int node, const Inputs& inputs) {
  const auto key = std::make_pair(node, inputs);
  const auto known = waves_.find(key);
  if (known != waves_.end()) return known->second;
  const InertialNode& info = nodes_[at(node)];
  Waves waves;
  if (info.kind == Kind::table) {
    waves = table_waves(info.table, info.fanin, info.rise, info.fall, inputs);
  } else {
    const auto place = static_cast<std::size_t>(
        std::find(inputs.nodes.begin(), inputs.nodes.end(), node) - inputs.nodes.begin());
    waves.before = kMasks[2 * place];
    waves.first = info.rises.first();
    waves.values = {kMasks[2 * place + 1]};
  }
  return waves_.emplace(key, std::move(waves)).first->second;
}

SmallCones::Waves SmallCones::table_waves(std::uint8_t table,
                                          const std::vector<InertialNode::Fanin>& fanin, int rise,
                                          int fall, const Inputs& inputs) {
  std::array<const Waves*, 3> sources{};
  std::array<std::uint64_t, 3> values{};
  Waves result;
  result.first = TimeSet::kForever;
  int end = 0;
  for (std::size_t i = 0; i < fanin.size(); ++i) {
    sources[i] = &waves_of(fanin[i].node, inputs);
    values[i] = sources[i]->before;
    result.first = std::min(result.first, sources[i]->first + fanin[i].shift);
    end = std::max(end, sources[i]->end() + fanin[i].shift);
  }
  result.before = look_up(table, values.data(), fanin.size());
  const int window = std::max(rise, fall);
  // g, with a window of settled values on both sides
  std::vector<std::uint64_t> wanted(at(window), result.before);
  for (int time = result.first; time < end; ++time) {
    for (std::size_t i = 0; i < fanin.size(); ++i) {
      values[i] = sources[i]->at(time - fanin[i].shift);
    }
    wanted.push_back(look_up(table, values.data(), fanin.size()));
  }
  wanted.insert(wanted.end(), at(window), wanted.back());
  std::uint64_t y = result.before;
  for (std::size_t k = at(window); k < wanted.size(); ++k) {
    std::uint64_t all = ~0ULL;
    std::uint64_t any = 0;
    for (std::size_t back = 0; back < at(rise); ++back) all &= wanted[k - back];
    for (std::size_t back = 0; back < at(fall); ++back) any |= wanted[k - back];
    y = all | (any & y);
    result.values.push_back(y);
  }
  return result;
}

std::optional<NodeEdges> SmallCones::edges(std::uint8_t table,
                                           const std::vector<InertialNode::Fanin>& fanin, int rise,
                                           int fall) {
  Inputs inputs;
  for (const InertialNode::Fanin& one : fanin) merge(inputs, inputs_of(one.node));
  if (inputs.too_many) return std::nullopt;
  const Waves waves = table_waves(table, fanin, rise, fall, inputs);
  struct Change {
    int time;
    std::uint64_t rising;
    std::uint64_t falling;
  };
  std::vector<Change> changes;
  std::uint64_t before = waves.before;
  for (std::size_t i = 0; i < waves.values.size(); ++i) {
    const std::uint64_t now = waves.values[i];
    if (now != before) {
      changes.push_back({waves.first + static_cast<int>(i), now & ~before, before & ~now});
    }
    before = now;
  }
  NodeEdges result;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    std::uint64_t high = changes[i].rising;  // transitions whose pulse began here and lasts
    std::uint64_t low = changes[i].falling;
    if (high != 0) result.rises.add(changes[i].time);
    if (low != 0) result.falls.add(changes[i].time);
    for (std::size_t j = i + 1; j < changes.size() && (high | low) != 0; ++j) {
      const int length = changes[j].time - changes[i].time;
      if ((high & changes[j].falling) != 0) {
        result.shortest_high = std::min(result.shortest_high, length);
      }
      if ((low & changes[j].rising) != 0) {
        result.shortest_low = std::min(result.shortest_low, length);
      }
      high &= ~changes[j].falling;
      low &= ~changes[j].rising;
    }
  }
  return result;
}

}  // namespace togglewise::gate
